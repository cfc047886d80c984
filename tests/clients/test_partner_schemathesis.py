"""schemathesis on the partner API: as an administrator of a partner, and as a stranger."""

import json

import pytest
import requests

from support import ROOT
from test_schemathesis import run_schemathesis

DOCUMENT = json.loads((ROOT / "docs/openapi/partner.json").read_text())


@pytest.fixture
def server(start):
    """A server of its own, on which the person of the document's examples may sign in."""
    server = start()
    sign_in = DOCUMENT["paths"]["/auth"]["post"]["requestBody"]
    person = sign_in["content"]["application/json"]["example"]
    pool, name = server.dev["pool_id"], person["username"]
    cognito = server.cognito()
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=name, Password=person["password"], Permanent=True
    )
    assert "AccessToken" in post(server, person).json()
    return server


def post(server, body: dict) -> requests.Response:
    return requests.post(f"{server.base}/auth", json=body, timeout=5)


def test_as_an_administrator(server, tmp_path):
    paula = next(user for user in server.dev["users"] if "partner-admins" in user["groups"])
    body = {"username": paula["email"], "password": paula["password"]}
    token = {"Authorization": f"Bearer {post(server, body).json()['AccessToken']}"}
    [header] = (f"{name}: {value}" for name, value in token.items())
    run_schemathesis("partner", server.base, tmp_path, header)
    permissions = requests.get(f"{server.base}/permissions", headers=token, timeout=5).json()
    assert "user.manage" in permissions, "the administrator was still one at the end"


def test_as_a_stranger(server, tmp_path):
    run_schemathesis("partner", server.base, tmp_path)
