"""amazon-cognito-identity-js, unmodified, under Node: SRP and what follows."""

import json
import subprocess
from pathlib import Path

import pytest

from support import NODE_PACKAGES, Authenticator

PASSWORD = "Brand-New-Passw0rd-2"


@pytest.fixture
def identity(server):
    """Signs in as a web application does; the answer is what happened."""
    script = Path(__file__).with_name("identity.mjs")

    def identity(username: str, password: str, **more) -> list:
        task = {
            "packages": str(NODE_PACKAGES),
            "endpoint": f"{server.base}/",
            "pool": server.dev["pool_id"],
            "client": server.dev["clients"]["public"]["id"],
            "username": username,
            "password": password,
        } | more
        ran = subprocess.run(
            ["node", script], input=json.dumps(task), capture_output=True, text=True, timeout=30
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

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
