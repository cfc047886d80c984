"""aws-cli: the command line that operators already have in their scripts."""

import base64
import contextlib
import io
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import jmespath
import pytest
from awscli.clidriver import create_clidriver

from support import (
    OTHER_PASSWORD,
    PASSWORD,
    Authenticator,
    claims,
    new_email,
    new_user,
    secret_hash,
)


@pytest.fixture(scope="module")
def program(server):
    """Runs `aws cognito-idp …` and gives its answer; a failure gives what it said."""
    environment = os.environ | account(server)

    def run(*arguments):
        command = [shutil.which("aws"), *command_line(server, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    def program(*arguments, fails=False):
        done = run(*arguments)
        return outcome(done.returncode, done.stdout, done.stderr, fails)

    return program


@pytest.fixture(scope="module")
def aws(server):
    """The same without starting a program each time: what `aws` calls first, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account(server).items():
            patch.setenv(name, value)
        driver = create_clidriver()

        def aws(*arguments, fails=False):
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = driver.main(command_line(server, arguments))
            return outcome(code, out.getvalue(), err.getvalue(), fails)

        yield aws


def account(server):
    key = server.dev["access_key"]
    return {
        "AWS_ACCESS_KEY_ID": key["id"],
        "AWS_SECRET_ACCESS_KEY": key["secret"],
        "AWS_DEFAULT_REGION": server.dev["region"],
        "AWS_MAX_ATTEMPTS": "1",
    }


def command_line(server, arguments):
    return ["cognito-idp", "--endpoint-url", server.base, *arguments, "--output", "json"]


def outcome(code, out, err, fails):
    assert (code != 0) is fails, err
    return err.strip() if fails else json.loads(out or "null")


def credentials(**parameters) -> str:
    return ",".join(f"{name}={value}" for name, value in parameters.items())


def test_sign_in_and_get_user(admin, pool, program):
    username, email = new_user(admin, pool.id)
    result = program(
        *("initiate-auth", "--client-id", pool.public, "--auth-flow", "USER_PASSWORD_AUTH"),
        *("--auth-parameters", credentials(USERNAME=email, PASSWORD=PASSWORD)),
    )["AuthenticationResult"]
    assert program("get-user", "--access-token", result["AccessToken"])["Username"] == username
    assert program("global-sign-out", "--access-token", result["AccessToken"]) in (None, {})
    assert program("get-user", "--access-token", result["AccessToken"], fails=True).endswith(
        "An error occurred (NotAuthorizedException) when calling the GetUser operation: "
        "Access Token has been revoked"
    )


def test_admin_sign_in(admin, pool, program):
    _, email = new_user(admin, pool.id)
    hashed = secret_hash(pool.secret, email, pool.confidential)
    answer = program(
        *("admin-initiate-auth", "--user-pool-id", pool.id, "--client-id", pool.confidential),
        *("--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters"),
        json.dumps({"USERNAME": email, "PASSWORD": PASSWORD, "SECRET_HASH": hashed}),
    )
    assert answer["ChallengeParameters"] == {}
    assert claims(answer["AuthenticationResult"]["AccessToken"])["client_id"] == pool.confidential


def test_create_a_pool_and_list_its_users_page_by_page(admin, aws):
    made = aws("create-user-pool", "--pool-name", "cli", "--username-attributes", "email")
    pool = made["UserPool"]["Id"]
    usernames = {new_user(admin, pool, temporary=True)[0] for _ in range(5)}
    listed = aws("list-users", "--user-pool-id", pool, "--page-size", "2")["Users"]
    assert len(listed) == 5 and {user["Username"] for user in listed} == usernames


class Values(dict):
    """What calls can refer to: kept parts of answers, and codes at the time of the call."""

    def __init__(self, server):
        super().__init__(
            email=new_email(),
            password=PASSWORD,
            password2=OTHER_PASSWORD,
            verifier=base64.b64encode(bytes(range(1, 129)) * 3).decode(),
            salt=base64.b64encode(bytes(range(16, 32))).decode(),
        )
        self.server = server

    def __missing__(self, name):
        match name:
            case "code":
                return self.server.code(self["email"])
            case "totp":
                return Authenticator(self["secret"]).code()
        raise KeyError(name)


def test_every_operation(server, aws):
    values = Values(server)
    script = Path(__file__).with_name("aws_cli.txt").read_text()
    for line in script.splitlines():
        if not line or line.startswith("#"):
            continue
        before, _, command = line.rpartition(" <- ")
        arguments = [word.format_map(values) for word in shlex.split(command)]
        if before.startswith("!"):
            assert before.removeprefix("!") in aws(*arguments, fails=True), line
            continue
        answer = aws(*arguments)
        for kept in before.split():
            name, _, path = kept.partition("=")
            values[name] = jmespath.search(path, answer)
            assert values[name], f"no {path} in the answer to {line}"
