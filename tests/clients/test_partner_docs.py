"""docs/partner.md: its examples, as a stranger would paste them, and whether it leaves anything out."""

import base64
import json
import re

import pytest

from support import ROOT, poolkeeper, run_examples

DOCS = (ROOT / "docs/partner.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
DOCUMENT = json.loads((ROOT / "docs/openapi/partner.json").read_text())
REST = "…"
END = "-- end of an example --"


@pytest.fixture
def shell(start, tmp_path):
    """Runs examples in one shell, next to a server of their own, and gives what each printed."""
    server = start("poolkeeper-data")
    def shell(examples: list[str]) -> list[str]:
        script = [f"{example}\nprintf '%s\\n' '{END}'" for example in examples]
        script = [example.replace("http://127.0.0.1:8080", server.base) for example in script]
        *outputs, _ = run_examples(tmp_path, script).split(f"{END}\n")
        return outputs

    return shell


def told(shown, answered):
    """What is shown, with what it leaves out filled in from the answer."""
    if isinstance(shown, str) and shown.endswith(REST) and isinstance(answered, str):
        return answered if answered.startswith(shown.removesuffix(REST)) else shown
    if isinstance(shown, dict) and isinstance(answered, dict):
        return {name: told(value, answered.get(name)) for name, value in shown.items()}
    if isinstance(shown, list) and isinstance(answered, list) and len(shown) == len(answered):
        return [told(*pair) for pair in zip(shown, answered, strict=True)]
    return shown


def test_every_example(shell):
    examples = [
        (text, BLOCKS[i + 1 :][:1])
        for i, (language, text) in enumerate(BLOCKS)
        if language == "sh"
    ]
    assert len(examples) > 20
    for (example, after), output in zip(
        examples, shell([example for example, _ in examples]), strict=True
    ):
        match after:
            case [("json", shown)]:
                answered = json.loads(output)
                assert answered == told(json.loads(shown), answered), example
            case [("text", shown)]:
                assert output.rstrip("\n") == shown.rstrip("\n"), example
            case _:
                assert output == "", example


def test_the_configuration(tmp_path):
    [tables] = [text for language, text in BLOCKS if language == "toml"]
    config = tmp_path / "poolkeeper.toml"
    key = tmp_path / "master.key"
    key.write_text(base64.b64encode(bytes(32)).decode())
    key.chmod(0o600)
    top = {"public_url": "https://auth.example.com", "data": "data", "master_key_file": str(key)}
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in top.items())
    config.write_text("".join(lines) + tables)
    checked = poolkeeper("config", "check", "--config", config)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_endpoint_is_there():
    described = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    # Some are shown with the slash that does not matter.
    assert set(re.findall(r"^### `([A-Z]+ \S+?)/?`$", DOCS, re.MULTILINE)) == described


def test_every_error_is_there():
    listed = re.findall(r"^\| (\d+) \| `([\w.]+)` \| `(\w+)` \|", DOCS, re.MULTILINE)
    assert set(listed) == set(described_errors())
    assert len(listed) == len(set(listed))


def described_errors():
    """Status, message and code of every failure in the document."""
    operations = [operation for item in DOCUMENT["paths"].values() for operation in item.values()]
    shared = DOCUMENT["components"]["responses"]
    for operation in operations:
        for status, response in operation["responses"].items():
            if "$ref" in response:
                response = shared[response["$ref"].split("/")[-1]]
            for content in response.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    if "error_code" in example["value"]:
                        yield status, example["value"]["message"], example["value"]["error_code"]
