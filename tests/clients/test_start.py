"""Starting, starting again, refusing to start, and stopping."""

import base64
import json
import re
import socket
import stat

import pytest
import requests

from support import (
    OTHER_PASSWORD,
    PASSWORD,
    TARGET,
    Authenticator,
    Server,
    free_port,
    new_user,
    poll,
    poolkeeper,
    refresh,
    refusal,
    serve_config,
    sign_in,
    tokens,
)

DEV_JSON = {
    *("base_url", "region", "issuer", "jwks_url", "pool_id", "clients", "access_key"),
    *("users", "partners", "tenant", "inbox_url"),
}
STATES = {
    *("CONFIRMED", "FORCE_CHANGE_PASSWORD", "TOTP", "EMAIL_MFA"),
    *("DISABLED", "UNCONFIRMED", "LOCKED"),
}


def test_dev_json(server):
    dev = server.dev
    assert DEV_JSON <= set(dev)
    assert dev["base_url"].rstrip("/") == server.base
    assert dev["issuer"] == f"{server.base}/{dev['pool_id']}"
    assert dev["jwks_url"] == f"{dev['issuer']}/.well-known/jwks.json"
    assert dev["pool_id"].startswith(f"{dev['region']}_")
    assert {"public", "confidential", "partner", "portal", "tenant"} <= set(dev["clients"])
    assert all(client["id"] for client in dev["clients"].values())
    assert dev["clients"]["confidential"]["secret"]
    assert set(dev["access_key"]) == {"id", "secret"}
    assert {user["state"] for user in dev["users"]} >= STATES
    for user in dev["users"]:
        assert {"username", "email", "password"} <= set(user)
        assert ("totp_secret" in user) is (user["state"] == "TOTP")
    assert len(dev["partners"]) == 2 and all({"id", "name"} <= set(p) for p in dev["partners"])
    assert set(dev["tenant"]) == {"name", "user", "admin", "machine"}
    assert requests.get(dev["inbox_url"], timeout=5).status_code == 200


def test_a_second_start_finds_the_same(start):
    first = start()
    admin, pool = first.cognito(), first.dev["pool_id"]
    _, email = new_user(admin, pool)
    before = tokens(admin, first.public, email)
    keys = requests.get(first.jwks_url, timeout=5).json()
    assert first.stop() == 0, first.output()

    second = start(port=first.port)
    assert second.dev == first.dev
    assert requests.get(second.jwks_url, timeout=5).json() == keys
    admin = second.cognito()
    assert admin.get_user(AccessToken=before["AccessToken"])
    assert refresh(admin, second.public, before["RefreshToken"])
    assert tokens(admin, second.public, email)


def test_two_servers_do_not_share_a_folder_by_accident(start):
    first = start()
    second = poolkeeper("dev", "--data", first.data, "--listen", f"127.0.0.1:{first.port}")
    assert second.returncode != 0
    assert str(first.port) in second.stderr and "--listen 127.0.0.1:0" in second.stderr
    assert requests.get(first.jwks_url, timeout=5).ok
    # Nor does the first one lose its `dev.json`, wherever the second would listen.
    elsewhere = poolkeeper("dev", "--data", first.data, "--listen", "127.0.0.1:0")
    assert elsewhere.returncode != 0 and "poolkeeper dev (process" in elsewhere.stderr
    assert json.loads((first.data / "dev.json").read_text()) == first.dev


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"])
def test_dev_listens_on_loopback_alone(tmp_path, address):
    refused = poolkeeper("dev", "--data", tmp_path / "data", "--listen", address)
    assert refused.returncode == 2
    assert address in refused.stderr and "127.0.0.1" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_files_are_the_owners_alone(server):
    files = [file for file in server.data.rglob("*") if file.is_file()]
    assert any("key" in file.name for file in files)
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


# --- serve and config check ----------------------------------------------------------------------


def test_serve(start, tmp_path):
    assert start().stop() == 0
    port, config = free_port(), tmp_path / "poolkeeper.toml"
    config.write_text(serve_config(tmp_path / "data", port))
    checked = poolkeeper("config", "check", "--config", config)
    assert checked.returncode == 0, checked.stderr
    server = Server.serve(config, tmp_path / "data", port)
    try:
        user = server.user("CONFIRMED")
        assert tokens(server.cognito(), server.public, user["email"], user["password"])
        assert server.stop() == 0, server.output()
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('listen_on = "127.0.0.1:1"', 3, "listen_on"),
        ('listen = "nowhere"', 3, "listen"),
        ("listen = 8080", 3, "listen"),
        ('listen = "0.0.0.0:8080"', 3, "listen"),
        ('\n\n[[pool]]\nid = "no pool id"', 6, "pool.id"),
        ('region = "eu-central-1', 3, None),
    ],
)
def test_config_check_says_where_the_mistake_is(tmp_path, text, line, key):
    config = tmp_path / "broken.toml"
    config.write_text(f'public_url = "http://127.0.0.1:8080"\ndata = "data"\n{text}\n')
    for command in (("config", "check"), ("serve",)):
        refused = poolkeeper(*command, "--config", config)
        assert refused.returncode == 2
        assert f"{config}:{line}:" in refused.stderr
        assert key is None or f": {key}: " in refused.stderr


# --- stopping ------------------------------------------------------------------------------------


def test_sigterm_lets_running_requests_finish(start):
    server = start()
    user = server.user("CONFIRMED")
    parameters = {"USERNAME": user["email"], "PASSWORD": user["password"]}
    order = {"ClientId": server.public, "AuthFlow": "USER_PASSWORD_AUTH"}
    body = json.dumps(order | {"AuthParameters": parameters}).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {TARGET}InitiateAuth\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()

    def closed():
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
        except ConnectionError:
            return True

    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(head + body[:10])
        # A reply to somebody else: by now the server reads the request above.
        assert requests.get(server.jwks_url, timeout=5).ok
        server.process.terminate()
        poll("the server takes no more connections", closed)
        connection.sendall(body[10:])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200") and b"AccessToken" in answer
    assert server.stop() == 0


# --- what is written down ------------------------------------------------------------------------


def test_no_secret_is_logged_or_readable_at_rest(start):
    server = start(RUST_LOG="debug")
    pool = server.dev["pool_id"]
    admin = server.cognito()
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="sealed",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]
    _, email = new_user(admin, pool)
    first = tokens(admin, server.public, email)
    totp = admin.associate_software_token(AccessToken=first["AccessToken"])["SecretCode"]
    code = Authenticator(totp).code()
    admin.verify_software_token(AccessToken=first["AccessToken"], UserCode=code)
    mistyped = "Mistyped-Horse-9"
    refusal(sign_in, admin, server.public, email, mistyped)
    refusal(sign_in, admin, server.public, mistyped, PASSWORD)
    temporary = new_user(admin, pool, temporary=True)[1]
    session = sign_in(admin, server.public, temporary)["Session"]
    answer = {"USERNAME": temporary, "NEW_PASSWORD": OTHER_PASSWORD}
    second = admin.respond_to_auth_challenge(
        ClientId=server.public,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses=answer,
    )["AuthenticationResult"]
    server.raw("InitiateAuth", "{" + PASSWORD)
    url = f"{server.base}/nothing?password={PASSWORD}"
    requests.post(url, headers={"Authorization": f"Bearer {first['AccessToken']}"}, timeout=5)
    for ending, names in (("/auth", "username password"), ("/Login", "UserName Password")):
        body = dict(zip(names.split(), (email, PASSWORD))) | {"TenantName": "x"}
        requests.post(server.url(ending), json=body, timeout=5)
    assert server.stop() == 0

    secrets = {
        "password": PASSWORD,
        "new password": OTHER_PASSWORD,
        "wrong password": mistyped,
        "session": session,
        "client secret": client["ClientSecret"],
        "TOTP key": totp,
        "access key": server.dev["access_key"]["secret"],
    } | {
        f"{kind} {n}": result[kind]
        for n, result in enumerate((first, second))
        for kind in ("AccessToken", "IdToken", "RefreshToken")
    }
    # The banner shows the demo's own secrets, on purpose; the log begins after it.
    log = server.output()
    logged = [name for name, secret in secrets.items() if secret in log and name != "access key"]
    if re.search(rf"(?<![\d.]){code}(?!\d)", log):
        logged.append("TOTP code")
    assert logged == []

    stored = b"".join(
        file.read_bytes()
        for file in server.data.rglob("*")
        if file.is_file() and file.name != "dev.json"
    )
    assert email.encode() in stored, "the test looks at the wrong files"
    raw_totp = base64.b32decode(totp + "=" * (-len(totp) % 8))
    at_rest = {name: secret.encode() for name, secret in secrets.items()} | {"raw TOTP": raw_totp}
    for user in server.dev["users"]:
        at_rest[user["state"]] = user["password"].encode()
    assert [name for name, secret in at_rest.items() if secret in stored] == []
