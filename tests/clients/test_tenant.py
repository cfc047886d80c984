"""requests and curl: the tenant API as docs/tenant.md tells it, and its commands beside a server."""

import json
import os
import re
import subprocess
import sys

import pytest
import requests

from support import ROOT, claims, poolkeeper, run_examples, serve_config

PAGE = (ROOT / "docs/tenant.md").read_text()


def blocks(language: str, mark: str) -> list[str]:
    """The code blocks of the page that have such a text in them."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return [block for block in found if mark in block]


def run(server, *command: str, text: str) -> str:
    environment = os.environ | {"BASE": server.base}
    done = subprocess.run(
        [*command], input=text, capture_output=True, text=True, timeout=30, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(output: str) -> list[dict]:
    """The JSON objects that stand one after the other."""
    decoder, found, position = json.JSONDecoder(), [], 0
    while position < len(output):
        answer, position = decoder.raw_decode(output, position)
        found.append(answer)
    return found


@pytest.mark.parametrize("block", blocks("sh", "$BASE"))
def test_the_curl_examples_of_the_page(server, block):
    for answer in answers(run(server, "bash", "-euo", "pipefail", text=block)):
        assert "error" not in answer, answer
        assert {"cognitoToken"} <= set(answer) or answer["message"] == "Success"


def test_the_page_has_curl_examples():
    assert len(blocks("sh", "$BASE")) == 3


def test_the_python_example_of_the_page(server):
    [block] = blocks("python", "requests")
    run(server, sys.executable, "-", text=block)


def test_the_commands_of_the_page(start, tmp_path):
    server = start("poolkeeper-data")
    commands = blocks("sh", "poolkeeper")
    assert "POOL=us-east-1_DemoPool1" in commands[0] and len(commands) == 5
    printed = run_examples(
        tmp_path, [block.replace("http://127.0.0.1:8080", server.base) for block in commands]
    )
    assert "\n2 tenants\n" in printed
    assert "tenant Globex Inc. and its machine credentials were deleted\n" in printed
    assert "  Night job  read-transaction-data\n" in printed
    assert server.code("tom@example.com")


class Tenants:
    """`poolkeeper tenant` on the folder of a running server."""

    def __init__(self, server, folder):
        self.config = folder / "tenants.toml"
        tenant_api = '[tenant_api]\npreset = "oloid"\n'
        self.config.write_text(serve_config(server.data, server.port) + tenant_api)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = poolkeeper("tenant", "--config", str(self.config), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def tenants(server, tmp_path):
    return Tenants(server, tmp_path)


def login(server, tenant: str, user: str, password: str) -> requests.Response:
    body = {"UserName": user, "TenantName": tenant, "Password": password}
    return requests.post(f"{server.base}/Login", json=body, timeout=10)


def test_tenants_come_and_go_while_the_server_runs(server, tenants):
    dev = server.dev
    client = dev["clients"]["tenant"]["id"]
    where = ["--pool", dev["pool_id"], "--client", client, "--group", "tenant-initech"]
    assert login(server, "Initech", "x", "x").status_code == 401
    made = tenants("create", "Initech", *where)
    assert "name         Initech" in made
    assert "already exists" in tenants("create", " INITECH", *where, code=2)
    assert "Initech" in tenants("list") and "2 tenants" in tenants("list")
    assert tenants("show", "initech") == made

    output = tenants("credential", "create", "initech", "Night job", "--grant", "read-activity-logs")
    machine, secret = re.findall(r"^(?:ClientID|Secret) +(\w+)$", output, re.MULTILINE)
    answer = login(server, "initech", machine, secret)
    assert answer.status_code == 200
    result = answer.json()["cognitoToken"]["AuthenticationResult"]
    assert claims(result["AccessToken"])["cognito:groups"] == ["read-activity-logs", "tenant-initech"]
    assert f"{machine}  Night job  read-activity-logs" in tenants("credential", "list", "initech")
    assert "is no grant" in tenants(
        "credential", "create", "initech", "x", "--grant", "admin", code=2
    )

    tenants("update", "initech", "--rename", "Initech Inc.")
    assert login(server, "initech", machine, secret).status_code == 401
    assert login(server, "initech inc.", machine, secret).status_code == 200
    assert "has no credential" in tenants("credential", "delete", "acme", machine, code=2)
    tenants("credential", "delete", "initech inc.", machine)
    assert login(server, "initech inc.", machine, secret).status_code == 401
    tenants("delete", "Initech Inc.")
    assert "there is no tenant" in tenants("show", "initech inc.", code=2)


def test_the_demo_s_machine_and_administrator(server, tenants):
    tenant = server.dev["tenant"]
    answer = login(server, tenant["name"], tenant["admin"]["username"], tenant["admin"]["password"])
    token = answer.json()["cognitoToken"]["AuthenticationResult"]["AccessToken"]
    answer = requests.post(
        f"{server.base}/Credentials", json={}, headers={"Authorization": token}, timeout=10
    )
    assert tenant["machine"]["client_id"] in answer.text
    assert tenant["machine"]["client_id"] in tenants("credential", "list", tenant["name"])
