"""schemathesis on the tenant API: as an administrator of a tenant, and as a stranger."""

import requests

from test_schemathesis import run_schemathesis


def test_as_an_administrator(start, tmp_path):
    server = start()
    tenant = server.dev["tenant"]
    admin = {
        "UserName": tenant["admin"]["username"],
        "TenantName": tenant["name"],
        "Password": tenant["admin"]["password"],
    }
    answer = requests.post(f"{server.base}/Login", json=admin, timeout=5).json()
    token = answer["cognitoToken"]["AuthenticationResult"]["AccessToken"]
    run_schemathesis("tenant", server.base, tmp_path, f"Authorization: {token}")
    listed = requests.post(
        f"{server.base}/Credentials", json={}, headers={"Authorization": token}, timeout=5
    )
    assert listed.status_code == 200, "the administrator was still one at the end"


def test_as_a_stranger(start, tmp_path):
    run_schemathesis("tenant", start().base, tmp_path)
