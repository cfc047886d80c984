"""docs/clients.md: its lines, as a stranger would paste them, and what it says of the tests."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from support import NODE_PACKAGES, ROOT, poolkeeper, tokens

PAGE = (ROOT / "docs/clients.md").read_text()
DEMO = "http://127.0.0.1:8080"
ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
RUN = {"python": (sys.executable, "py"), "sh": ("sh", "sh"), "js": ("node", "mjs")}
SECTIONS = dict(re.findall(r"^## (.+?)\n\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
# Client, anchor, what the page says of the tests.
TABLE = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \| .+ \| (.+) \|$", PAGE, re.MULTILINE)
# The tests run it in a program of their own.
OTHER_LINES = {"AWS SDK for Rust": "yes, but not the lines on this page"}

# What the package aws-amplify does with a configuration, for the packages that it consists of.
AMPLIFY = """
import { Amplify as core } from "@aws-amplify/core";
import { cognitoUserPoolsTokenProvider as tokenProvider } from "@aws-amplify/auth/cognito";
export const Amplify = {
  configure({ Auth }) {
    tokenProvider.setAuthConfig(Auth);
    core.configure({ Auth }, { Auth: { tokenProvider } });
  },
};
"""


def blocks(client: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w+)\n(.*?)^```$", SECTIONS[client], re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


EXAMPLES = [
    (client, language, text)
    for client, _, _ in TABLE
    for language in RUN
    for text in blocks(client, language)
]


@pytest.fixture(scope="module")
def environment(server):
    """What `poolkeeper dev --print-env` sets."""
    exports = poolkeeper("dev", "--data", server.data, "--print-env").stdout
    return dict(word.split("=", 1) for word in shlex.split(exports) if "=" in word)


@pytest.fixture(scope="module")
def id_token(server):
    alice = server.user("CONFIRMED")
    return tokens(server.cognito(), server.public, alice["email"], alice["password"])["IdToken"]


@pytest.fixture
def run(id_token, tmp_path):
    """Runs an example next to the packages that it imports, and sees that it finds Alice."""

    def run(language, text, environment):
        program, suffix = RUN[language]
        example = tmp_path / f"example.{suffix}"
        example.write_text(text)
        if language == "js":
            (tmp_path / "node_modules").symlink_to((NODE_PACKAGES / "node_modules").resolve())
            (tmp_path / "aws-amplify.mjs").write_text(AMPLIFY)
        ran = subprocess.run(
            [program, example, id_token],
            env=os.environ | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "alice@example.com" in ran.stdout

    return run


@pytest.mark.parametrize(
    ("client", "language", "text"), EXAMPLES, ids=[client for client, _, _ in EXAMPLES]
)
def test_example(client, language, text, server, environment, run):
    if client == "Amplify v6":
        text = text.replace('"aws-amplify/', '"@aws-amplify/')
        text = text.replace('"aws-amplify"', '"./aws-amplify.mjs"')
    # Where the code names the URL, that alone must do.
    if DEMO in text:
        environment = {name: value for name, value in environment.items() if name != ENDPOINT}
    run(language, text.replace(DEMO, server.base), environment)


def test_profile(server, run, tmp_path):
    [command], [profile] = blocks("aws-cli", "sh"), blocks("aws-cli", "ini")
    key = server.dev["access_key"]
    profile = profile.replace("SECRET_ACCESS_KEY", key["secret"]).replace("ACCESS_KEY_ID", key["id"])
    config = tmp_path / "config"
    config.write_text(profile.replace(DEMO, server.base))
    run("sh", f"{command.rstrip()} --profile poolkeeper", {"AWS_CONFIG_FILE": str(config)})


def test_the_table_says_what_is_run():
    run_here = {client for client, _, _ in EXAMPLES}
    assert len(run_here) == len(EXAMPLES) > 6
    says = {client: said for client, _, said in TABLE}
    assert says == {client: "**no**" for client in says} | OTHER_LINES | dict.fromkeys(
        run_here, "yes"
    )
    for client, anchor, said in TABLE:
        assert anchor == re.sub(r"[^\w-]", "", client.lower().replace(" ", "-"))
        assert (said == "**no**") == SECTIONS[client].startswith("Not run by the tests.")
