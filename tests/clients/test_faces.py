"""requests: the three sign-in APIs, as their clients use them."""

import re
import uuid

import pytest
import requests

from support import (
    OTHER_PASSWORD,
    PASSWORD,
    Authenticator,
    claims,
    new_email,
    new_user,
    poll,
    tokens,
)


class Api:
    """One face: its base address and its requests."""

    def __init__(self, base: str):
        self.base = base

    def __call__(self, method, path, body=None, token=None, **headers):
        """Status and body."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        response = requests.request(
            method, self.base + path, json=body, headers=headers, timeout=10
        )
        assert response.headers["x-request-id"]
        return response.status_code, response.json()


# --- partner -------------------------------------------------------------------------------------

MINE, OTHER = 0, 1
SIGNED_IN = {
    *("AccessToken", "IdToken", "RefreshToken", "ExpiresIn", "TokenType"),
    *("DeviceKey", "DeviceGroupKey", "mfa_settings"),
}
CHALLENGED = {"Challenge", "Session", "ChallengeParameters", "mfa_settings"}


def failure(status: int, key: str, code: str = "") -> tuple[int, dict]:
    return status, {"message": f"error.{key}", "error_code": code or key.split(".")[-1].upper()}


def refused(answer: tuple[int, dict]) -> tuple[int, dict]:
    """An error without the members that only some have."""
    status, body = answer
    return status, {name: body[name] for name in ("message", "error_code")}


@pytest.fixture(scope="module")
def partner(server):
    return Api(server.url("/auth").removesuffix("/auth"))


@pytest.fixture(scope="module")
def partners(server):
    return [partner["id"] for partner in server.dev["partners"]]


@pytest.fixture(scope="module")
def member(server, admin, partners):
    """The e-mail address of a user of the first partner."""
    return new_user(admin, server.dev["pool_id"], partners[MINE])[1]


def credentials(username: str, password: str = PASSWORD) -> dict:
    return {"username": username, "password": password}


def signed_in(answer: tuple[int, dict]) -> dict:
    status, body = answer
    assert status == 200 and set(body) == SIGNED_IN, answer
    assert (body["TokenType"], body["ExpiresIn"]) == ("Bearer", 3600)
    assert body["DeviceKey"] is body["DeviceGroupKey"] is None
    assert isinstance(body["mfa_settings"]["required"], bool)
    return body


def challenged(answer: tuple[int, dict], name: str) -> dict:
    status, body = answer
    assert status == 200 and set(body) == CHALLENGED, answer
    assert body["Challenge"] == name
    return {"challenge": name, "session": body["Session"]}


def test_partner_sign_in_and_refresh(partner, member):
    first = signed_in(partner("POST", "/auth", credentials(member)))
    assert claims(first["IdToken"])["email"] == member
    status, second = partner("POST", "/auth/refresh_token", {"token": first["RefreshToken"]})
    assert status == 200
    assert set(second) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    assert claims(second["AccessToken"])["origin_jti"] == claims(first["AccessToken"])["origin_jti"]
    for dead in (first["AccessToken"], "nonsense"):
        answer = refused(partner("POST", "/auth/refresh_token", {"token": dead}))
        assert answer == failure(401, "auth.refresh_token_invalid")
    assert refused(partner("POST", "/auth/refresh_token", {})) == (
        400,
        {"message": "error.validation", "error_code": "VALIDATION_ERROR"},
    )


def test_partner_software_token(server, partner):
    user = server.user("TOTP")
    app = Authenticator(user["totp_secret"])
    begun = partner("POST", "/auth", credentials(user["email"], user["password"]))
    assert begun[1]["mfa_settings"]["required"] is True
    challenge = challenged(begun, "SOFTWARE_TOKEN_MFA") | {"username": user["email"]}

    wrong = partner("PUT", "/auth/challenge/mfa-token", challenge | {"mfa_token": app.wrong_code()})
    # Not a 401: on any 401 the web client signs the user out.
    assert refused(wrong) == failure(400, "auth.mfa_token_invalid")
    challenge["session"] = wrong[1]["Session"]
    right = challenge | {"mfa_token": app.code(), "remember_device": False}
    signed_in(partner("PUT", "/auth/challenge/mfa-token", right))
    spent = partner("PUT", "/auth/challenge/mfa-token", right)
    assert refused(spent) == failure(401, "auth.session_invalid")


def mailed_codes(server, to: str) -> set[str]:
    """The codes in the inbox of an address."""
    answer = requests.get(f"{server.dev['inbox_url']}.json", params={"to": to}, timeout=5)
    return {message["code"] for message in answer.json() if message["code"]}


def test_partner_e_mail_code(server, partner):
    user = server.user("EMAIL_MFA")
    before = mailed_codes(server, user["email"])
    begun = partner("POST", "/auth", credentials(user["email"], user["password"]))
    challenge = challenged(begun, "EMAIL_OTP") | {"username": user["email"]}
    assert user["email"] not in str(begun[1]["ChallengeParameters"])
    [code] = poll("the mail", lambda: mailed_codes(server, user["email"]) - before)
    assert re.fullmatch(r"\d{6}", code)

    def answer(code):
        return partner("PUT", "/auth/challenge/mfa-token", challenge | {"mfa_token": code})

    wrong = answer("000000" if code != "000000" else "000001")
    assert refused(wrong) == failure(400, "auth.mfa_token_invalid")
    challenge["session"] = wrong[1]["Session"]
    signed_in(answer(code))


def test_partner_new_password(server, admin, partner):
    _, email = new_user(admin, server.dev["pool_id"], temporary=True)
    begun = partner("POST", "/auth", credentials(email))
    challenge = challenged(begun, "NEW_PASSWORD_REQUIRED")
    body = {"username": email, "session": challenge["session"]}
    weak = partner("PUT", "/auth/challenge/new-password", body | {"new_password": "weak"})
    assert refused(weak) == failure(400, "auth.password_policy")
    body["session"] = weak[1].get("Session", body["session"])
    body["new_password"] = OTHER_PASSWORD
    signed_in(partner("PUT", "/auth/challenge/new-password", body))
    forged = body | {"session": "A" * 60}
    for dead in (body, forged):
        answer = refused(partner("PUT", "/auth/challenge/new-password", dead))
        assert answer == failure(401, "auth.session_invalid")
    signed_in(partner("POST", "/auth", credentials(email, OTHER_PASSWORD)))


def test_partner_scoping(server, admin, partner, partners, member):
    mine, other = partners
    token = signed_in(partner("POST", "/auth", credentials(member)))["AccessToken"]
    for path in ("/partners/", "/partners"):
        for headers in ({}, {"X_Preferred_Partner_Id": mine}, {"X_Preferred_Partner_Id": ""}):
            status, body = partner("GET", path, token=token, **headers)
            assert (status, body["id"]) == (200, mine)
    assert {"name", "domain", "currency", "vertical", "status", "pricing_tier"} <= set(body)
    assert body["name"] == server.dev["partners"][MINE]["name"]
    for foreign in (other, "partner-id-nobody", "fd-admin", mine.upper()):
        answer = partner("GET", "/partners/", token=token, X_Preferred_Partner_Id=foreign)
        assert refused(answer) == failure(403, "partner.forbidden", "PARTNER_FORBIDDEN")

    # Of both partners: the first one of the token unless the header says otherwise.
    _, both = new_user(admin, server.dev["pool_id"], *partners)
    token = signed_in(partner("POST", "/auth", credentials(both)))["AccessToken"]
    first = next(group for group in claims(token)["cognito:groups"] if group in partners)
    assert partner("GET", "/partners/", token=token)[1]["id"] == first
    for id in partners:
        answer = partner("GET", "/partners/", token=token, X_Preferred_Partner_Id=id)
        assert answer[1]["id"] == id

    # Of none.
    _, nobody = new_user(admin, server.dev["pool_id"])
    token = signed_in(partner("POST", "/auth", credentials(nobody)))["AccessToken"]
    assert refused(partner("GET", "/partners/", token=token)) == failure(403, "partner.forbidden", "PARTNER_FORBIDDEN")


def test_partner_bearer_tokens(partner, member):
    mine = signed_in(partner("POST", "/auth", credentials(member)))
    assert refused(partner("GET", "/partners/")) == failure(401, "auth.token_missing")
    for token in ("nonsense", mine["IdToken"], mine["AccessToken"][:-8] + "AAAAAAAA"):
        answer = refused(partner("GET", "/partners/", token=token))
        assert answer == failure(401, "auth.token_invalid")
    bare = refused(partner("GET", "/partners/", Authorization=mine["AccessToken"]))
    assert bare[0] == 401
    lower = partner("GET", "/partners/", Authorization=f"bearer {mine['AccessToken']}")
    assert lower[0] == 200


def test_partner_refusals(server, partner, member):
    wrong = failure(401, "auth.invalid_credentials")
    assert refused(partner("POST", "/auth", credentials(member, "wrong"))) == wrong
    assert refused(partner("POST", "/auth", credentials(new_email(), "wrong"))) == wrong
    unconfirmed = server.user("UNCONFIRMED")
    answer = partner("POST", "/auth", credentials(unconfirmed["email"], unconfirmed["password"]))
    assert refused(answer) == failure(403, "auth.user_not_confirmed")
    disabled = server.user("DISABLED")
    answer = partner("POST", "/auth", credentials(disabled["email"], disabled["password"]))
    assert refused(answer) in (wrong, failure(401, "auth.account_disabled"))
    assert refused(partner("POST", "/auth", credentials(disabled["email"], "wrong"))) == wrong


def test_partner_account_disabled(server, admin, partner, partners):
    """The product suspends a user by a group."""
    pool = server.dev["pool_id"]
    try:
        admin.create_group(UserPoolId=pool, GroupName="account-disabled")
    except admin.exceptions.GroupExistsException:
        pass
    _, email = new_user(admin, pool, partners[MINE])
    before = signed_in(partner("POST", "/auth", credentials(email)))
    admin.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="account-disabled")
    suspended = failure(401, "auth.account_disabled")
    assert refused(partner("POST", "/auth", credentials(email))) == suspended
    renewal = {"token": before["RefreshToken"]}
    assert refused(partner("POST", "/auth/refresh_token", renewal)) == suspended
    wrong = failure(401, "auth.invalid_credentials")
    assert refused(partner("POST", "/auth", credentials(email, "wrong"))) == wrong


def test_partner_status_and_cors(partner):
    response = requests.get(f"{partner.base}/status/", timeout=5)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    origin = {"Origin": "https://evil.example", "X-Request-Id": "trace-1"}
    response = requests.get(f"{partner.base}/partners/", headers=origin, timeout=5)
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["x-request-id"] == "trace-1"
    odd = requests.get(f"{partner.base}/status/", headers={"X-Request-Id": "a b"}, timeout=5)
    assert uuid.UUID(odd.headers["x-request-id"]).version == 4


# --- portal --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal(server):
    return Api(server.url("/api/auth/login").removesuffix("/login"))


@pytest.fixture(scope="module")
def person(server, admin):
    """Username and e-mail address."""
    return new_user(admin, server.dev["pool_id"])


def portal_user(username: str, email: str) -> dict:
    return {
        "user_id": username,
        "email": email,
        "role": "user",
        "name": "IGAD User",
        "is_admin": False,
    }


def without_tokens(body: dict) -> dict:
    assert claims(body["access_token"])["token_use"] == "access"
    assert body["refresh_token"]
    return {k: v for k, v in body.items() if k not in ("access_token", "refresh_token")}


def test_portal_arc(portal, person):
    username, email = person
    # Trimmed and percent-decoded.
    for name in (email, f" {email} ", email.replace("@", "%40")):
        status, first = portal("POST", "/login", credentials(name))
        assert status == 200
        assert without_tokens(first) == {
            "token_type": "bearer",
            "expires_in": 3600,
            "user": portal_user(username, email),
        }
    assert portal("GET", "/me", token=first["access_token"]) == (
        200,
        {
            "user_id": username,
            "email": email,
            "username": username,
            "role": "user",
            "is_admin": False,
        },
    )
    status, renewed = portal("POST", "/refresh-token", {"refresh_token": first["refresh_token"]})
    assert status == 200
    assert renewed["refresh_token"] == first["refresh_token"]
    assert without_tokens(renewed) == {
        "token_type": "bearer",
        "expires_in": 3600,
        "user": portal_user(username, email),
    }
    out = (200, {"message": "Logged out successfully"})
    assert portal("POST", "/logout") == out
    assert portal("POST", "/logout", {"refresh_token": first["refresh_token"]}) == out
    dead = (401, {"detail": "Invalid refresh token"})
    for token in (first["refresh_token"], "nonsense"):
        assert portal("POST", "/refresh-token", {"refresh_token": token}) == dead
    assert portal("GET", "/me", token=first["access_token"])[0] == 401


def test_portal_password_change(server, admin, portal):
    username, email = new_user(admin, server.dev["pool_id"], temporary=True)
    status, body = portal("POST", "/login", credentials(email))
    session = body.pop("session")
    assert (status, body) == (
        200,
        {
            "access_token": "",
            "token_type": "bearer",
            "user": portal_user("", email),
            "expires_in": 0,
            "requires_password_change": True,
            "username": email,
            "message": "Password change required",
        },
    )
    change = {"username": email, "session": session}
    assert portal("POST", "/complete-password-change", change | {"new_password": "weak"}) == (
        400,
        {"detail": "Password does not meet requirements"},
    )
    good = change | {"new_password": OTHER_PASSWORD}
    status, body = portal("POST", "/complete-password-change", good)
    assert status == 200
    assert without_tokens(body) == {
        "token_type": "bearer",
        "expires_in": 3600,
        "user": portal_user(username, email),
        "message": "Password changed successfully",
    }
    assert portal("POST", "/complete-password-change", good) == (
        401,
        {"detail": "Invalid session or credentials"},
    )
    # As documented, where a forged session is Cognito's CodeMismatchException.
    assert portal("POST", "/complete-password-change", good | {"session": "A" * 60}) == (
        500,
        {"detail": "Password change error: CodeMismatchException"},
    )


def test_portal_refusals(server, portal, person):
    def login(user, password=None):
        return portal("POST", "/login", credentials(user["email"], password or user["password"]))

    wrong = (401, {"detail": "Invalid credentials"})
    assert portal("POST", "/login", credentials(person[1], "wrong")) == wrong
    assert login(server.user("DISABLED")) == wrong
    # Told by default, as documented.
    unknown = (401, {"detail": "User not found"})
    assert portal("POST", "/login", credentials(new_email())) == unknown
    for state, name in [
        ("UNCONFIRMED", "UserNotConfirmedException"),
        ("TOTP", "SOFTWARE_TOKEN_MFA"),
        ("EMAIL_MFA", "EMAIL_OTP"),
    ]:
        detail = f"Authentication error: {name}"
        assert login(server.user(state)) == (500, {"detail": detail})


def test_portal_bearer_tokens(admin, server, portal, person):
    mine = portal("POST", "/login", credentials(person[1]))[1]["access_token"]
    of_another_client = tokens(admin, server.public, person[1])
    none = (401, {"detail": "Not authenticated"})
    assert portal("GET", "/me") == none
    response = requests.get(f"{portal.base}/me", timeout=5)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    for token in ("nonsense", mine[:-8] + "AAAAAAAA", of_another_client["AccessToken"]):
        assert portal("GET", "/me", token=token) == (401, {"detail": "Invalid token"})
    assert portal("GET", "/me", Authorization=f"bearer {mine}")[0] == 200
    assert portal("GET", "/me", Authorization="Basic eDp4") == (
        401,
        {"detail": "Invalid authentication credentials"},
    )


# --- tenant --------------------------------------------------------------------------------------

TENANT_WRONG = (
    401,
    {"message": "Incorrect username or password", "error": "NotAuthorizedException"},
)


@pytest.fixture(scope="module")
def tenant(server):
    """Signs in at the tenant face."""
    api = Api(server.url("/Login").removesuffix("/Login"))

    def login(name, username, password, path="/Login"):
        body = {"TenantName": name, "UserName": username, "Password": password}
        return api("POST", path, body)

    return login


def test_tenant_user_and_machine(server, tenant):
    name = server.dev["tenant"]["name"]
    user, machine = server.dev["tenant"]["user"], server.dev["tenant"]["machine"]
    for username, password in (
        (user["username"], user["password"]),
        (machine["client_id"], machine["client_secret"]),
    ):
        status, body = tenant(name, username, password)
        assert status == 200 and set(body) == {"cognitoToken", "user"}
        assert body["user"]["TenantName"] == name
        assert set(body["user"]) == {"OloID", "TenantID", "TenantName"}
        result = body["cognitoToken"].pop("AuthenticationResult")
        assert body["cognitoToken"] == {"ChallengeParameters": {}}
        assert set(result) == {
            *("AccessToken", "IdToken", "RefreshToken", "TokenType", "ExpiresIn"),
        }
        assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
        assert claims(result["AccessToken"])["sub"] == body["user"]["OloID"]
    loose = tenant(f" {name.upper()} ", user["username"], user["password"], "/login")
    assert loose[0] == 200


def test_tenant_refusals_are_all_alike(server, admin, tenant):
    name = server.dev["tenant"]["name"]
    user, machine = server.dev["tenant"]["user"], server.dev["tenant"]["machine"]
    _, outsider = new_user(admin, server.dev["pool_id"])
    for answer in (
        tenant(name, user["username"], "wrong"),
        tenant(name, new_email(), user["password"]),
        tenant("no such tenant", user["username"], user["password"]),
        tenant(name, machine["client_id"], "wrong"),
        tenant("no such tenant", machine["client_id"], machine["client_secret"]),
        tenant(name, outsider, PASSWORD),
    ):
        assert answer == TENANT_WRONG
