"""curl, Node's fetch and requests: the examples of docs/portal.md, run as they stand there."""

import ast
import json
import re
import subprocess
import sys

import pytest

from support import ROOT, Server, run_examples

TEXT = (ROOT / "docs/portal.md").read_text()
EXAMPLES = {
    name: code
    for name, code in re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```", TEXT, re.S)
}

# What the page around the example in JavaScript has.
BROWSER = """
const stored = {}
globalThis.localStorage = { setItem(name, value) { stored[name] = value } }
const handlePasswordChange = (session, username) => console.log('Change:', username, session.length > 50)
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Runs an example on a server of its own, since passwords are changed."""
    server = Server.start(tmp_path_factory.mktemp("examples") / "data")

    def run(name: str, *command: str, before: str = "", after: str = "", **other: str) -> str:
        code = EXAMPLES[name].replace("http://127.0.0.1:8080", server.base)
        for old, new in other.items():
            assert old in code
            code = code.replace(old, new)
        ran = subprocess.run(
            command, input=before + code + after, capture_output=True, text=True, timeout=30
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout + ran.stderr if command[0] == "node" else ran.stdout

    run.server = server
    yield run
    server.kill()


def test_all_code_is_run():
    fences = re.findall(r"```(sh|js|python)\n", TEXT)
    assert len(EXAMPLES) == len(fences) == 8


def test_curl(example):
    for name in ("curl-login", "curl-request"):
        answer = json.loads(example(name, "bash"))
        assert answer.pop("access_token").count(".") == 2
        assert answer.pop("refresh_token")
        user = example.server.user("CONFIRMED")
        assert answer == {
            "token_type": "bearer",
            "user": {
                "user_id": user["username"],
                "email": "alice@example.com",
                "role": "user",
                "name": "Alice",
                "is_admin": False,
            },
            "expires_in": 3600,
        }


def test_fetch(example):
    def run(**other):
        node = ("node", "--input-type=module", "-")
        return example("fetch-login", *node, before=BROWSER, **other).strip()

    assert run() == "Logged in as: alice@example.com"
    assert run(**{"Demo-Passw0rd": "wrong"}) == "Login failed: Invalid credentials"
    temporary = {"alice@example.com": "fred@example.com"}
    assert run(**temporary) == "Change: fred@example.com true"


def test_python(example):
    after = "\nprint(user_response.status_code, user_response.json()['email'])"
    assert example("python-login", sys.executable, "-", after=after) == "200 alice@example.com\n"
    wrong = {"Demo-Passw0rd": "wrong"}
    assert example("python-login", sys.executable, "-", **wrong) == "Login failed: Invalid credentials\n"


def test_a_forgotten_password(example):
    sent, reset = example("curl-forgot", "bash").replace("}{", "}\n{").splitlines()
    assert json.loads(sent) == {
        "success": True,
        "message": "Reset instructions sent to email. Please check your inbox for the verification code.",
        "delivery": {
            "Destination": "n***@e***",
            "DeliveryMedium": "EMAIL",
            "AttributeName": "email",
        },
    }
    assert json.loads(reset) == {"success": True, "message": "Password reset successfully"}


def test_an_authenticator_app(start, tmp_path):
    server = start("demo", None, "--second-factors")
    # The app of these examples has another code at once.
    script = ["sleep() { :; }", EXAMPLES["set-up-app"], EXAMPLES["complete-mfa"]]
    script = [part.replace("http://127.0.0.1:8080", server.base) for part in script]
    verified, answer = run_examples(tmp_path, script).split("}", 1)
    assert json.loads(f"{verified}}}") == {"Status": "SUCCESS"}
    answer = json.loads(answer)
    assert answer.pop("access_token").count(".") == 2
    assert answer.pop("refresh_token")
    assert answer.pop("user")["email"] == "alice@example.com"
    assert answer == {"token_type": "bearer", "expires_in": 3600}


def test_all_users(example):
    [listed] = example("python-users", sys.executable, "-").splitlines()
    people = {user["email"] for user in example.server.dev["users"]}
    temporary = {"fred@example.com", "ursula@example.com"}
    # The machine credential has no address.
    assert set(ast.literal_eval(listed)) == people - temporary | {""}
