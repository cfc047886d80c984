"""requests: a partner's administrator and users over the partner API, and the operator's commands."""

import json
import time

import pytest
import requests

from support import OTHER_PASSWORD, PASSWORD, Authenticator, new_email, poll, poolkeeper, serve_config

ACME = "partner-id-acme"
GLOBEX = "partner-id-globex"
ADMIN = "paula@example.com"
# How soon a change is seen without a new sign-in.
SOON = 1.0


class Session:
    """A signed-in user of the partner API."""

    def __init__(self, base: str, answer: dict):
        self.base, self.answer = base, answer

    def __call__(self, method: str, path: str, body: dict | None = None, partner: str = ACME):
        """Status and body, which may be empty."""
        headers = {
            "Authorization": f"Bearer {self.answer['AccessToken']}",
            "X-Preferred-Partner-Id": partner,
        }
        return call(self.base, method, path, body, headers)


def call(base: str, method: str, path: str, body: dict | None = None, headers: dict | None = None):
    response = requests.request(method, base + path, json=body, headers=headers, timeout=10)
    assert response.headers["x-request-id"]
    return response.status_code, response.json() if response.content else None


@pytest.fixture(scope="module")
def base(server) -> str:
    return server.url("/auth").removesuffix("/auth")


def sign_in(base: str, username: str, password: str, **more) -> dict:
    status, body = call(base, "POST", "/auth", {"username": username, "password": password} | more)
    assert status == 200, body
    return body


@pytest.fixture(scope="module")
def admin(server, base) -> Session:
    password = next(user["password"] for user in server.dev["users"] if user["email"] == ADMIN)
    return Session(base, sign_in(base, ADMIN, password))


@pytest.fixture(scope="module")
def command(server, tmp_path_factory):
    """Runs a command on the database of the running server."""
    config = tmp_path_factory.mktemp("commands") / "poolkeeper.toml"
    config.write_text(serve_config(server.data, server.port))

    def command(*arguments: str) -> str:
        pool = ("--pool", server.dev["pool_id"])
        done = poolkeeper(*arguments, "--config", config, *pool)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return command


def soon(what: str, attempt) -> None:
    poll(what, attempt, SOON)


def made(server, base, admin) -> str:
    """A new user of Acme's, confirmed."""
    email = new_email()
    given = "An-Adm1ns-Choice"
    body = {"email": email, "password": given, "groups": ["webapp-access-group-1"]}
    created = {"email": email, "status": "UNCONFIRMED", "partner_id": ACME}
    assert admin("POST", "/auth/partners/users", body) == (201, created)
    status, refused = call(base, "POST", "/auth", {"username": email, "password": given})
    assert (status, refused["error_code"]) == (403, "USER_NOT_CONFIRMED")
    confirm = {"email": email, "conf_code": server.code(email)}
    assert call(base, "POST", "/auth/partners/users/confirm", confirm) == (204, None)
    status, again = call(base, "POST", "/auth/partners/users/confirm", confirm)
    assert (status, again["error_code"]) == (409, "CONFLICT")
    asked = sign_in(base, email, given)
    assert asked["Challenge"] == "NEW_PASSWORD_REQUIRED"
    body = {"username": email, "session": asked["Session"], "new_password": PASSWORD}
    status, done = call(base, "PUT", "/auth/challenge/new-password", body)
    assert status == 200, done
    return email


def test_an_administrator_onboards_and_suspends_users(server, base, admin):
    assert admin("GET", "/permissions") == (200, ["campaign.edit", "event.read", "user.manage"])
    assert admin("GET", "/features") == (200, {"package_builder": True, "price_alerts": True})
    assert admin("GET", "/permissions", partner=GLOBEX)[0] == 403
    email = made(server, base, admin)
    user = Session(base, sign_in(base, email, PASSWORD))
    assert user("GET", "/permissions") == (200, ["event.read"])
    assert user("GET", "/auth/partners/users")[0] == 403
    status, page = admin("GET", "/auth/partners/users?limit=50")
    [entry] = [item for item in page["items"] if item["email"] == email]
    assert (status, entry["status"], entry["enabled"]) == (200, "CONFIRMED", True)
    assert entry["groups"] == ["webapp-access-group-1"]

    path = f"/auth/partners/users/{email}"
    groups = {"groups": ["webapp-access-group-2"]}
    assert admin("PUT", f"{path}/groups", groups) == (204, None)
    soon("the new permissions", lambda: user("GET", "/permissions")[1] == ["campaign.edit", "event.read"])
    assert admin("PUT", f"{path}/disable") == (204, None)
    assert user("GET", "/permissions")[0] == 401
    status, refused = call(base, "POST", "/auth", {"username": email, "password": PASSWORD})
    assert (status, refused["error_code"]) == (401, "ACCOUNT_DISABLED")
    assert admin("PUT", f"{path}/enable") == (204, None)
    sign_in(base, email, PASSWORD)


def test_an_app_a_remembered_device_and_a_forgotten_password(server, base, admin):
    email = made(server, base, admin)
    user = Session(base, sign_in(base, email, PASSWORD))
    status, key = user("GET", "/auth/mfa/configure/totp")
    assert status == 200 and key["qr_uri"].startswith("otpauth://totp/demo:")
    app = Authenticator(key["qr_secret"])
    wrong = user("PUT", "/auth/mfa/configure/totp", {"mfa_token": app.wrong_code()})
    assert (wrong[0], wrong[1]["error_code"]) == (400, "MFA_TOKEN_INVALID")
    status, settings = user("PUT", "/auth/mfa/configure/totp", {"mfa_token": app.code()})
    assert (status, settings["enabled"], settings["preferred"]) == (200, True, "totp")

    asked = sign_in(base, email, PASSWORD)
    answer = {
        "username": email,
        "challenge": asked["Challenge"],
        "session": asked["Session"],
        "mfa_token": app.code(),
        "remember_device": True,
    }
    status, done = call(base, "PUT", "/auth/challenge/mfa-token", answer)
    assert status == 200, done
    device = {"device_key": done["DeviceKey"], "device_group_key": done["DeviceGroupKey"]}
    assert "AccessToken" in sign_in(base, email, PASSWORD, **device)
    assert "Challenge" in sign_in(base, email, PASSWORD)

    assert call(base, "POST", "/auth/forgot_password", {"username": email}) == (204, None)
    code = {"username": email, "conf_code": server.code(email), "password": OTHER_PASSWORD}
    assert call(base, "POST", "/auth/forgot_password/confirm", code) == (204, None)
    assert "Challenge" in sign_in(base, email, OTHER_PASSWORD, **device)
    status, dead = call(base, "POST", "/auth/refresh_token", {"token": done["RefreshToken"]})
    assert (status, dead["error_code"]) == (401, "REFRESH_TOKEN_INVALID")


def test_commands_count_at_once(base, admin, command):
    features = lambda: admin("GET", "/features")[1]
    command("partner", "feature", ACME, "price_alerts", "off")
    soon("the feature is off", lambda: features()["price_alerts"] is False)
    command("partner", "feature", ACME, "price_alerts", "on")

    command("permission", "grant", "partner-admins", "brand.edit", "--partner", ACME)
    assert f"partner-admins  {ACME}  brand.edit\n" in command("permission", "list")
    soon("the permission", lambda: "brand.edit" in admin("GET", "/permissions")[1])
    command("permission", "revoke", "partner-admins", "brand.edit", "--partner", ACME)
    soon("it is gone", lambda: "brand.edit" not in admin("GET", "/permissions")[1])

    suspended = json.loads(command("partner", "suspend", ACME))
    assert (suspended["id"], suspended["status"]) == (ACME, "suspended")
    try:
        soon("calls are refused", lambda: admin("GET", "/partners/")[0] == 403)
        assert admin("GET", "/partners/")[1]["error_subcode"] == "SUSPENDED"
        status, refused = call(base, "POST", "/auth/refresh_token", {"token": admin.answer["RefreshToken"]})
        assert (status, refused["error_subcode"]) == (403, "SUSPENDED")
    finally:
        command("partner", "activate", ACME)
    soon("calls are answered", lambda: admin("GET", "/partners/")[0] == 200)


def test_partners_are_made_and_changed_by_commands(command):
    id = f"fd{time.time_ns()}"
    made = json.loads(command("partner", "create", id, "--name", "Initech", "--vertical", "sports"))
    assert (made["status"], made["currency"]) == ("active", "EUR")
    changed = json.loads(command("partner", "update", id, "--name", "Initech Inc."))
    assert changed == made | {"name": "Initech Inc."}
    assert json.loads(command("partner", "show", id)) == changed
    assert f"{id}  active  Initech Inc.\n" in command("partner", "list")
    with pytest.raises(AssertionError, match="already exists"):
        command("partner", "create", id, "--name", "Again")
    with pytest.raises(AssertionError, match="not a partner id"):
        command("partner", "create", "acme", "--name", "Acme")
    with pytest.raises(AssertionError, match="not a currency"):
        command("partner", "update", id, "--currency", "euro")
