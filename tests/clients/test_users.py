"""`poolkeeper user`: what operators do about users of the running server."""

import re

import pytest
import requests

from support import NOT_STARTED, new_email, new_user, poolkeeper, refusal, serve_config, sign_in

ACME = "partner-id-acme"


class Users:
    """Runs `poolkeeper user` on the database of the running server."""

    def __init__(self, server, folder):
        self.pool = server.dev["pool_id"]
        self.config = folder / "users.toml"
        self.config.write_text(serve_config(server.data, server.port))

    def __call__(self, *arguments: str, code: int = 0, pool: str = "") -> str:
        options = ("--config", str(self.config), "--pool", pool or self.pool)
        done = poolkeeper("user", *options, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def shown(self, name: str) -> dict[str, str]:
        lines = self("show", name).splitlines()
        return dict(re.split(r"  +", line, maxsplit=1) for line in lines)

    def service(self, *options: str) -> tuple[str, str]:
        """Username and secret of a new service account."""
        name = new_email().partition("@")[0]
        told = self("create", "--username", name, "--service", *options)
        *lines, last = told.splitlines()
        assert last == "The secret is stored hashed: it cannot be shown again."
        told = dict(line.split() for line in lines)
        assert set(told) == {"username", "sub", "secret"} and told["username"] == name
        return name, told["secret"]


@pytest.fixture
def users(server, tmp_path):
    return Users(server, tmp_path)


def auth(server, username: str, password: str) -> requests.Response:
    body = {"username": username, "password": password}
    return requests.post(server.url("/auth"), json=body, timeout=10)


def test_a_service_account(server, users):
    name, secret = users.service("--group", ACME, "--attribute", "name=Pricing=bot")
    assert re.fullmatch("[A-Za-z0-9]{44}", secret)
    answer = auth(server, name, secret)
    assert answer.status_code == 200, answer.text
    methods = {"totp": False, "email": False}
    assert answer.json()["mfa_settings"] == {
        "required": False, "enabled": False, "preferred": None, "methods": methods
    }  # fmt: skip
    shown = users.shown(name)
    assert shown.pop("sub")
    assert shown == {
        "username": name,
        "status": "CONFIRMED",
        "enabled": "yes",
        "kind": "service",
        "groups": ACME,
        "attribute": "name=Pricing=bot",
        "second factors": "-",
        "failures": "0",
        "locked until": "-",
    }
    *services, count = users("list", "--services").splitlines()
    assert f"{name}  CONFIRMED  enabled  service  -" in services
    assert count == f"{len(services)} service accounts"
    assert all("  service  " in line for line in services)
    assert secret.encode() not in b"".join(
        file.read_bytes() for file in server.data.glob("poolkeeper.db*")
    )

    assert users("disable", name) == f"{name} is disabled, and signed out everywhere\n"
    assert users.shown(name)["enabled"] == "no"
    assert auth(server, name, secret).json()["error_code"] == "ACCOUNT_DISABLED"
    assert users("enable", name) == f"{name} is enabled\n"
    assert auth(server, name, secret).status_code == 200
    assert users("delete", name) == f"{name} was deleted\n"
    assert auth(server, name, secret).status_code == 401
    assert users("show", name, code=2) == "there is no such user\n"


def test_a_person_is_invited(server, users):
    email = new_email()
    told = users("create", "--username", email, "--group", ACME, "--attribute", "name=Ann Example")
    assert "status    FORCE_CHANGE_PASSWORD\n" in told and "secret" not in told
    shown = users.shown(email)
    assert (shown["kind"], shown["groups"]) == ("person", ACME)
    challenge = auth(server, email, server.code(email))
    assert challenge.json()["Challenge"] == "NEW_PASSWORD_REQUIRED"
    again = users("create", "--username", email, code=2)
    assert again == "the username is taken\n"


def test_a_lock_is_shown_and_lifted(start, tmp_path):
    # A server of its own: the demo's locked user is locked for as long as anybody ever is.
    server = start()
    users, user = Users(server, tmp_path), server.user("LOCKED")
    email, password = user["email"], user["password"]
    shown = users.shown(email)
    assert (shown["username"], shown["failures"]) == (user["username"], "20")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["locked until"])
    refused = auth(server, email, password)
    assert (refused.status_code, refused.json()["error_code"]) == (401, "INVALID_CREDENTIALS")
    assert users("unlock", email) == f"{email} no longer has failed attempts\n"
    shown = users.shown(email)
    assert (shown["failures"], shown["locked until"]) == ("0", "-")
    assert auth(server, email, password).status_code == 200


def test_what_cannot_be_done_says_why(users):
    name = new_email().partition("@")[0]
    create = ("create", "--username", name, "--service")
    assert users(*create, "--group", "nowhere", code=2) == "there is no group nowhere\n"
    assert users("show", name, code=2) == "there is no such user\n"
    strange = users(*create, "--attribute", "custom:strange=1", code=2)
    assert strange == "attributes do not fit the schema: custom:strange: unknown\n"
    assert "expected NAME=VALUE" in users(*create, "--attribute", "name", code=2)
    assert "the username must be an e-mail address" in users("create", "--username", name, code=2)
    for command in ("show", "unlock", "enable", "disable", "delete"):
        assert users(command, "nobody@example.com", code=2) == "there is no such user\n"
    elsewhere = "us-east-1_Nowhere01"
    refused = users("list", code=2, pool=elsewhere)
    assert refused == f"there is no user pool {elsewhere}{NOT_STARTED}\n"


def test_tokens_of_who_is_disabled_are_dead(server, admin, users):
    _, email = new_user(admin, users.pool)
    access = sign_in(admin, server.public, email)["AuthenticationResult"]["AccessToken"]
    users("disable", email)
    assert refusal(admin.get_user, AccessToken=access)[0] == "NotAuthorizedException"


def test_a_user_without_an_address_is_created_but_not_invited(admin, users):
    pool = admin.create_user_pool(PoolName="names")["UserPool"]["Id"]
    *_, last = users("create", "--username", "ann", pool=pool).splitlines()
    assert last == "No invitation was sent: the user has no email address or phone number."
    address = "email=ben@example.com"
    *_, last = users("create", "--username", "ben", "--attribute", address, pool=pool).splitlines()
    assert last.split() == ["status", "FORCE_CHANGE_PASSWORD"]
