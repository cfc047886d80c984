"""amazon-cognito-identity-js, unmodified, under Node: SRP and what follows."""

import pytest

from support import Authenticator, new_email, run_node

PASSWORD = "Brand-New-Passw0rd-2"


@pytest.fixture
def identity(server):
    """Signs in as a web application does; the answer is what happened."""

    def identity(username: str, password: str, **more) -> list:
        task = {
            "endpoint": f"{server.base}/",
            "pool": server.dev["pool_id"],
            "client": server.public,
            "username": username,
            "password": password,
        } | more
        return run_node("identity.mjs", task)

    return identity


def test_srp_refresh_and_global_sign_out(identity, server):
    user = server.user("CONFIRMED")
    steps = ["attributes", "refresh", "globalSignOut"]
    assert identity(user["email"], user["password"], then=steps) == [
        ["signedIn", user["email"]],
        ["attributes", ["email", "email_verified", "name", "sub"]],
        ["refreshed", "access"],
        ["signedOut", None],
    ]


def test_refusals(identity, server):
    refused = {"code": "NotAuthorizedException", "message": "Incorrect username or password."}
    assert identity(server.user("CONFIRMED")["email"], "Wrong-Passw0rd") == [["failed", refused]]
    assert identity("nobody@example.com", "Wrong-Passw0rd") == [["failed", refused]]


def test_authenticator_app(identity, server):
    user = server.user("TOTP")
    code = Authenticator(user["totp_secret"]).code()
    assert identity(user["email"], user["password"], codes=[code]) == [
        ["totpRequired", "SOFTWARE_TOKEN_MFA"],
        ["signedIn", user["email"]],
    ]


def test_forced_change(identity, server, admin):
    email = "identity-js@example.com"
    admin.admin_create_user(
        UserPoolId=server.dev["pool_id"],
        Username=email,
        TemporaryPassword="Temporary-1",
        MessageAction="SUPPRESS",
    )
    asked = {"attributes": {"email": email}, "required": []}
    assert identity(email, "Temporary-1", password2=PASSWORD) == [
        ["newPasswordRequired", asked],
        ["signedIn", email],
    ]


def test_life_of_an_account(account_pool, server):
    """Sign-up, confirmation, lost password, change of password and address, deletion."""
    address = new_email()
    task = {
        "endpoint": f"{server.base}/",
        "pool": account_pool.id,
        "client": account_pool.public,
        "inbox": server.dev["inbox_url"],
        "username": "identity",
        "address": address,
        "password": PASSWORD,
        "password2": "Another-Passw0rd-3",
    }
    assert run_node("account.mjs", task) == [
        ["signedUp", [False, "EMAIL"]],
        ["confirmed", "SUCCESS"],
        ["signedIn", "identity"],
        ["changed", "SUCCESS"],
        ["reset", "SUCCESS"],
        ["signedIn", "identity"],
        ["verified", "true"],
        ["deleted", "SUCCESS"],
        ["failed", {"code": "UserNotFoundException", "message": "User does not exist."}],
    ]
