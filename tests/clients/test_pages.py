"""The configuration files of the pages, put together as a stranger would, and what they say to do with
them."""

import json
import re

import pytest

from support import ROOT, free_port, poolkeeper, run_examples

HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    parts = HEADING.split((ROOT / f"docs/{page}.md").read_text())
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def blocks(page: str, heading: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w+)\n(.*?)^```$", section(page, heading), re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def tables(page: str) -> str:
    return blocks(page, "Mount it", "toml")[0]


@pytest.mark.parametrize("page", ["partner", "portal", "tenant"])
@pytest.mark.parametrize("heading", ["The configuration file", "On your own machine"])
def test_a_beginning_and_the_tables_of_an_api_are_a_file(page, heading, tmp_path):
    [beginning] = blocks("operating", heading, "toml")
    config = tmp_path / "poolkeeper.toml"
    config.write_text(f"{beginning}\n{tables(page)}")
    checked = poolkeeper("config", "check", "--without-secrets", "--config", config)
    assert checked.returncode == 0, checked.stderr
    assert "(warning)" not in checked.stdout


def test_second_factors_of_the_portal_are_two_lines(tmp_path):
    [beginning] = blocks("operating", "On your own machine", "toml")
    text = f"{beginning}\n{tables('portal')}"
    config = tmp_path / "poolkeeper.toml"
    commented = [line for line in text.splitlines() if line.startswith("# ")]
    assert [line.split()[1] for line in commented] == ["mfa", "second_factors"]
    config.write_text(text.replace("# mfa", "mfa").replace("# second", "second"))
    checked = poolkeeper("config", "check", "--without-secrets", "--config", config)
    assert checked.returncode == 0 and "(warning)" not in checked.stdout
    config.write_text(text.replace("# second", "second"))
    checked = poolkeeper("config", "check", "--without-secrets", "--config", config)
    assert "portal_api.second_factors: the pool has mfa" in checked.stdout


def served(url: str, script: list[str]) -> list[str]:
    """A script whose last line starts the server, and goes on once the server answers."""
    *before, last = "\n".join(script).rstrip().splitlines()
    assert last == "poolkeeper serve"
    ready = f"until curl -sf {url} > /dev/null; do kill -0 %1; sleep 0.1; done"
    return [*before, "poolkeeper serve 2> serve.log &", "trap 'kill %1; wait' EXIT", ready]


def test_a_server_on_ones_own_machine(tmp_path):
    """The short beginning with the portal, up to its first administrator."""
    [beginning] = blocks("operating", "On your own machine", "toml")
    commands = blocks("operating", "On your own machine", "sh")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    text = f'listen = "127.0.0.1:{port}"\n{beginning}\n{tables("portal")}'
    (tmp_path / "poolkeeper.toml").write_text(text.replace("http://127.0.0.1:8080", url))
    steps = section("portal", "The first administrator")
    [create] = re.findall(r"^\$ (poolkeeper user create .*)$", steps, re.MULTILINE)
    mails = f"curl -s '{url}/inbox.json?to=root@example.com'"
    printed = run_examples(tmp_path, [*served(f"{url}/health", commands), create, mails])
    [mail] = json.loads(printed[printed.index("[") :])
    assert (mail["purpose"], bool(mail["code"])) == ("invitation", True)


def test_a_second_poolkeeper_in_amazon_s_place(start, tmp_path):
    heading = "Try it without an account at Amazon"
    amazon = start("poolkeeper-data")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    begin, set_up, sign_in = (
        text.replace("http://127.0.0.1:9000", amazon.base)
        .replace("public_url", f'listen = "127.0.0.1:{port}"\npublic_url')
        .replace("http://127.0.0.1:8080", url)
        for text in blocks("amazon-cognito", heading, "sh")
    )
    assert begin == "poolkeeper dev --listen 127.0.0.1:9000\n"
    printed = run_examples(tmp_path, [*served(f"{url}/health", [set_up]), sign_in])
    assert "differs" not in printed and "unknown " not in printed
    tokens = re.findall(r'"(?:AccessToken|access_token)":"(?:[^".]+\.){2}[^".]+"', printed)
    assert len(tokens) == 3, printed
