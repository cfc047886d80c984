"""schemathesis: requests of all kinds, made from the documents, and whether the answers keep to them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import requests

from support import Server, free_port, poolkeeper, serve_config

FOLDER = Path(__file__).with_name("schemathesis")


def run_schemathesis(
    api: str,
    base: str,
    folder: Path,
    *headers: str,
    kept: list[str] = (),
    without: list[str] = (),
) -> None:
    """Every check but those `without` on every operation of an API. `kept` are names in paths that must
    be left alone."""
    document = folder / f"{api}.json"
    document.write_text(poolkeeper("openapi", api).stdout)
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file"),
        *(FOLDER / "schemathesis.toml", "run", document, "--url", base, "--checks", "all"),
        *("--seed", "1", "--max-examples", "25", "--max-failures", "5", "--no-color"),
        *(argument for header in headers for argument in ("--header", header)),
        *(argument for check in without for argument in ("--exclude-checks", check)),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(FOLDER), "KEPT": json.dumps(kept)}
    ran = subprocess.run(
        command, cwd=folder, env=os.environ | hooks, capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


PORTAL = """
[cognito]
enabled = false

[[pool]]
id = "{pool}"
name = "demo"
username_attributes = ["email"]
self_sign_up = true
auto_verified_attributes = ["email"]

[[pool.client]]
id = "{client}"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
prevent_user_existence_errors = false

[portal_api]
pool = "{pool}"
client = "{client}"
registration = true
second_factors = true
attempts_per_address = 0
"""


def test_portal(start, tmp_path):
    demo = start()
    admin = next(user for user in demo.dev["users"] if "admin" in user["groups"])
    dev = demo.dev
    assert demo.stop() == 0
    port = free_port()
    config = tmp_path / "portal.toml"
    portal = PORTAL.format(pool=dev["pool_id"], client=dev["clients"]["portal"]["id"])
    config.write_text(serve_config(demo.data, port) + portal)
    server = Server.serve(config, demo.data, port)
    try:
        login = {"username": admin["email"], "password": admin["password"]}
        answer = requests.post(f"{server.base}/api/auth/login", json=login, timeout=5).json()
        token = f"Authorization: Bearer {answer['access_token']}"
        kept = ["admin", admin["username"], admin["email"]]
        # As documented, the answer to a new user repeats the username that was sent, under which
        # nobody can be found: users go by their address.
        without = ["ensure_resource_availability"]
        run_schemathesis("portal", server.base, tmp_path, token, kept=kept, without=without)
        me = requests.get(
            f"{server.base}/api/auth/me",
            headers={"Authorization": f"Bearer {answer['access_token']}"},
            timeout=5,
        )
        assert me.json()["is_admin"], "the administrator was still one at the end"
    finally:
        server.kill()
