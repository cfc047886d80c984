"""Each step of a sign-in lands on another node, and what one node has ended is ended at all."""

import pytest
import requests

from nodes import PARTNER, POOL, PUBLIC, TENANT, Cluster
from support import (
    OTHER_PASSWORD,
    PASSWORD,
    Authenticator,
    claims,
    new_user,
    refresh,
    refusal,
    sign_in,
    tokens,
)

SPENT_SESSION = (
    "NotAuthorizedException",
    "Invalid session for the user, session can only be used once.",
)
REVOKED = "NotAuthorizedException", "Refresh Token has been revoked"


@pytest.fixture(scope="module")
def nodes(postgres, tmp_path_factory):
    """Those that all tests of this file share."""
    with Cluster.running(tmp_path_factory.mktemp("steps"), postgres.database("steps")) as cluster:
        yield cluster.nodes


@pytest.fixture(scope="module")
def cognito(nodes):
    """A boto3 client for each node."""
    return [node.cognito() for node in nodes]


def call(node, method: str, path: str, body: dict | None = None, token: str = ""):
    """Status and body; a 204 has none."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, node.base + path, json=body, headers=headers, timeout=10)
    return answer.status_code, answer.json() if answer.content else None


def totp_user(cognito) -> tuple[str, Authenticator]:
    """An address, and its app; it was set up step by step at all nodes."""
    first, second, third = cognito
    _, email = new_user(first, POOL, PARTNER)
    access = tokens(second, PUBLIC, email)["AccessToken"]
    app = Authenticator(third.associate_software_token(AccessToken=access)["SecretCode"])
    first.verify_software_token(AccessToken=access, UserCode=app.code())
    preference = {"Enabled": True, "PreferredMfa": True}
    second.set_user_mfa_preference(AccessToken=access, SoftwareTokenMfaSettings=preference)
    return email, app


def respond(client, name: str, session: str, email: str, **answer: str) -> dict:
    return client.respond_to_auth_challenge(
        ClientId=PUBLIC,
        ChallengeName=name,
        Session=session,
        ChallengeResponses={"USERNAME": email} | answer,
    )


def test_cognito(cognito):
    first, second, third = cognito
    email, app = totp_user(cognito)
    asked = sign_in(first, PUBLIC, email)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    answer = {"SOFTWARE_TOKEN_MFA_CODE": app.code()}
    question = ("SOFTWARE_TOKEN_MFA", asked["Session"], email)
    result = respond(second, *question, **answer)["AuthenticationResult"]
    # Neither code nor session is good a second time, wherever it is tried.
    for client in cognito:
        spent = refusal(respond, client, *question, **answer)
        assert spent == SPENT_SESSION
    renewed = refresh(third, PUBLIC, result["RefreshToken"])
    origins = {claims(each["AccessToken"])["origin_jti"] for each in (result, renewed)}
    assert len(origins) == 1

    first.global_sign_out(AccessToken=renewed["AccessToken"])
    for client in (second, third):
        dead = refusal(client.get_user, AccessToken=renewed["AccessToken"])
        assert dead == ("NotAuthorizedException", "Access Token has been revoked")
        assert refusal(refresh, client, PUBLIC, result["RefreshToken"]) == REVOKED


def test_cognito_new_password(cognito):
    first, second, third = cognito
    _, email = new_user(third, POOL, temporary=True)
    asked = sign_in(first, PUBLIC, email)
    question = ("NEW_PASSWORD_REQUIRED", asked["Session"], email)
    result = respond(second, *question, NEW_PASSWORD=OTHER_PASSWORD)["AuthenticationResult"]
    assert refresh(third, PUBLIC, result["RefreshToken"])["AccessToken"]
    assert refusal(sign_in, third, PUBLIC, email, PASSWORD) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    assert tokens(first, PUBLIC, email, OTHER_PASSWORD)
    first.revoke_token(ClientId=PUBLIC, Token=result["RefreshToken"])
    for client in (second, third):
        assert refusal(refresh, client, PUBLIC, result["RefreshToken"]) == REVOKED


def test_partner(nodes, cognito):
    first, second, third = nodes
    email, app = totp_user(cognito)
    status, begun = call(first, "POST", "/auth", {"username": email, "password": PASSWORD})
    assert (status, begun["Challenge"]) == (200, "SOFTWARE_TOKEN_MFA")
    answer = {
        "username": email,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": begun["Session"],
        "mfa_token": app.code(),
    }
    status, result = call(second, "PUT", "/auth/challenge/mfa-token", answer)
    assert status == 200, result
    for node in nodes:
        status, spent = call(node, "PUT", "/auth/challenge/mfa-token", answer)
        assert (status, spent["error_code"]) == (401, "SESSION_INVALID")
    renewal = {"token": result["RefreshToken"]}
    status, renewed = call(third, "POST", "/auth/refresh_token", renewal)
    assert status == 200, renewed
    status, partner = call(first, "GET", "/partners/", token=renewed["AccessToken"])
    assert (status, partner["id"]) == (200, PARTNER)

    cognito[0].admin_user_global_sign_out(UserPoolId=POOL, Username=email)
    for node in (second, third):
        status, dead = call(node, "POST", "/auth/refresh_token", renewal)
        assert (status, dead["error_code"]) == (401, "REFRESH_TOKEN_INVALID")
        status, dead = call(node, "GET", "/partners/", token=renewed["AccessToken"])
        assert (status, dead["error_code"]) == (401, "TOKEN_INVALID")


def test_partner_new_password(nodes, cognito):
    first, second, third = nodes
    _, email = new_user(cognito[2], POOL, PARTNER, temporary=True)
    status, begun = call(first, "POST", "/auth", {"username": email, "password": PASSWORD})
    assert (status, begun["Challenge"]) == (200, "NEW_PASSWORD_REQUIRED")
    answer = {"username": email, "session": begun["Session"], "new_password": OTHER_PASSWORD}
    status, result = call(second, "PUT", "/auth/challenge/new-password", answer)
    assert status == 200, result
    assert call(third, "POST", "/auth/refresh_token", {"token": result["RefreshToken"]})[0] == 200


def test_portal(nodes, cognito):
    first, second, third = nodes
    _, email = new_user(cognito[2], POOL, temporary=True)
    credentials = {"username": email, "password": PASSWORD}
    status, begun = call(first, "POST", "/api/auth/login", credentials)
    assert (status, begun["requires_password_change"]) == (200, True)
    answer = {"username": email, "session": begun["session"], "new_password": OTHER_PASSWORD}
    status, result = call(second, "POST", "/api/auth/complete-password-change", answer)
    assert status == 200, result
    renewal = {"refresh_token": result["refresh_token"]}
    status, renewed = call(third, "POST", "/api/auth/refresh-token", renewal)
    assert (status, renewed["user"]["email"]) == (200, email)
    assert call(first, "GET", "/api/auth/me", token=renewed["access_token"])[0] == 200

    out = (200, {"message": "Logged out successfully"})
    assert call(first, "POST", "/api/auth/logout", renewal) == out
    for node in (second, third):
        dead = call(node, "POST", "/api/auth/refresh-token", renewal)
        assert dead == (401, {"detail": "Invalid refresh token"})
        assert call(node, "GET", "/api/auth/me", token=renewed["access_token"])[0] == 401


def test_tenant(nodes, cognito):
    first, second, third = nodes
    email, app = totp_user(cognito)
    login = {"TenantName": TENANT, "UserName": email, "Password": PASSWORD}
    status, begun = call(first, "POST", "/Login", login)
    asked = begun["cognitoToken"]
    assert (status, asked["ChallengeName"]) == (200, "SOFTWARE_TOKEN_MFA")
    answer = {
        "TenantName": TENANT,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": asked["Session"],
        "Answer": app.code(),
    }
    status, result = call(second, "POST", "/RespondToChallenge", answer)
    assert (status, result["user"]["TenantName"]) == (200, TENANT)
    token = {"RefreshToken": result["cognitoToken"]["AuthenticationResult"]["RefreshToken"]}
    renewal = token | {"TenantName": TENANT}
    assert call(third, "POST", "/RefreshToken", renewal)[0] == 200
    assert call(first, "POST", "/Logout", token) == (204, None)
    ended = (401, {"message": "Invalid refresh token", "error": "NotAuthorizedException"})
    for node in (second, third):
        assert call(node, "POST", "/RefreshToken", renewal) == ended
