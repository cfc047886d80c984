"""The three sign-in APIs in front of a pool at Amazon Cognito: `arcs.py REGION|POOL`.

It makes a pool, app clients, groups and users at Amazon, with the AWS credentials of the environment, has
the binary serve the three APIs on them, and goes through one arc at each: from signing in to signing out.
Whatever happens, it deletes at the end what it has made. Of a pool that is named, only the clients, groups
and users are made and deleted.

The environment says where Amazon is, as to AWS's tools: with AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER
it is an imitation. docs/amazon-cognito.md says what this makes and costs."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BINARY = Path(os.environ.get("POOLKEEPER_BIN", "target/debug/poolkeeper"))

# What everything is called that is made here.
MARK = f"poolkeeper-live-{int(time.time())}-{secrets.token_hex(3)}"

# Amazon's mailbox simulator takes mail for it, and delivers to nobody.
MAILBOX = "success+{}@simulator.amazonses.com"

PARTNER = "partner-id-live"
GROUPS = [
    PARTNER, "account-disabled", "external-user", "service-accounts", "admin", "user-admins",
    "access-group-1", "read-activity-logs", f"{MARK}-tenant", f"{MARK}-admins",
]
FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def password():
    return f"Live-{secrets.token_hex(8)}-9"


class Made:
    """What is made at Amazon, and how to delete it. The last is deleted first."""

    def __init__(self):
        self.entries = []
        self.pool = None

    def add(self, what, delete):
        """Notes it, before it is made. What is in a pool that is deleted goes with the pool."""
        say("makes", what)
        if not self.pool:
            self.entries.append((what, delete))

    def delete(self):
        """Deletes everything. What could not be deleted."""
        left = []
        while self.entries:
            what, delete = self.entries.pop()
            try:
                delete()
                say("deleted", what)
            except (ClientError, BotoCoreError) as problem:
                if "NotFound" not in str(problem):
                    say("LEFT", f"{what}: {problem}")
                    left.append(what)
        return left


def say(verdict, what):
    print(f"  {verdict:8} {what}", flush=True)


class Amazon:
    """The pool, and who is in it."""

    def __init__(self, place, made):
        region, _, number = place.partition("_")
        config = Config(retries={"mode": "standard", "max_attempts": 8})
        self.cognito = boto3.client("cognito-idp", region_name=region, config=config)
        self.region, self.made = region, made
        say("calling", f"{self.cognito.meta.endpoint_url}")
        if number:
            self.pool = place
        else:
            self.make_pool()
        self.clients = {
            "partner": self.make_client("partner", secret=True),
            "portal": self.make_client("portal"),
            "tenant": self.make_client("tenant"),
        }
        for group in GROUPS:
            self.make_group(group)

    def make_pool(self):
        pool = self.cognito.create_user_pool(
            PoolName=MARK,
            UsernameAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            AdminCreateUserConfig={"AllowAdminCreateUserOnly": False},
            DeletionProtection="INACTIVE",
            UserPoolTags={"made-by": "poolkeeper-live-test"},
        )["UserPool"]["Id"]
        self.pool = pool
        self.made.add(f"pool {pool}", lambda: self.cognito.delete_user_pool(UserPoolId=pool))
        self.made.pool = pool
        self.cognito.set_user_pool_mfa_config(
            UserPoolId=pool,
            SoftwareTokenMfaConfiguration={"Enabled": True},
            MfaConfiguration="OPTIONAL",
        )

    def make_client(self, name, secret=False):
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName=f"{MARK}-{name}",
            GenerateSecret=secret,
            ExplicitAuthFlows=FLOWS,
            PreventUserExistenceErrors="ENABLED",
            EnableTokenRevocation=True,
        )["UserPoolClient"]
        id = client["ClientId"]
        delete = self.cognito.delete_user_pool_client
        self.made.add(f"client {name}", lambda: delete(UserPoolId=self.pool, ClientId=id))
        return client

    def make_group(self, name):
        """Unless it is there, which it may be in a pool that was named."""
        with contextlib.suppress(self.cognito.exceptions.GroupExistsException):
            self.cognito.create_group(UserPoolId=self.pool, GroupName=name)
            self.expect_group(name)

    def expect_group(self, name):
        delete = self.cognito.delete_group
        self.made.add(f"group {name}", lambda: delete(UserPoolId=self.pool, GroupName=name))

    def user(self, name, groups, permanent=True):
        """A user with a password of its own."""
        address, chosen = self.address(name), password()
        self.expect(address)
        self.cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=address,
            UserAttributes=[
                {"Name": "email", "Value": address},
                {"Name": "email_verified", "Value": "true"},
            ],
            TemporaryPassword=chosen,
            MessageAction="SUPPRESS",
        )
        if permanent:
            self.cognito.admin_set_user_password(
                UserPoolId=self.pool, Username=address, Password=chosen, Permanent=True
            )
        for group in groups:
            self.cognito.admin_add_user_to_group(
                UserPoolId=self.pool, Username=address, GroupName=group
            )
        return address, chosen

    @staticmethod
    def address(name):
        return MAILBOX.format(f"{MARK}-{name}")

    def expect(self, username):
        """Sees to it that a user is deleted whom this or Poolkeeper is about to make."""
        delete = self.cognito.admin_delete_user
        self.made.add(
            f"user {username}", lambda: delete(UserPoolId=self.pool, Username=username)
        )

    def is_gone(self):
        try:
            self.cognito.describe_user_pool(UserPoolId=self.pool)
        except self.cognito.exceptions.ResourceNotFoundException:
            return True
        return False


def configuration(amazon, folder, port):
    """A file of Poolkeeper's for the pool."""
    clients = amazon.clients
    names = "".join(f'\n[[pool.group]]\nname = "{name}"\n' for name in GROUPS)
    of = {name: client["ClientId"] for name, client in clients.items()}
    pool = amazon.pool
    tables = [
        f"""
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
data = "{folder}/data"

[[pool]]
id = "{pool}"
backend = "aws"
mfa = "OPTIONAL"
username_attributes = ["email"]
auto_verified_attributes = ["email"]
self_sign_up = true

[[pool.client]]
id = "{of["partner"]}"
secret_env = "LIVE_CLIENT_SECRET"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
""",
        *(
            f'\n[[pool.client]]\nid = "{of[name]}"\nflows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]\n'
            for name in ("portal", "tenant")
        ),
        names,
        f"""
[[partner]]
pool = "{pool}"
id = "{PARTNER}"
client_id = 1
name = "Live"
domain = "live.example.com"
currency = "EUR"
vertical = "live_entertainment"
pricing_tier = "growth"
campaign_pricing_model = "flat"

[[permission]]
pool = "{pool}"
group = "user-admins"
permissions = ["user.manage"]

[[permission]]
pool = "{pool}"
group = "access-group-1"
permissions = ["user.manage"]

[[tenant]]
name = "{MARK}"
id = "{MARK}"
pool = "{pool}"
client = "{of["tenant"]}"
group = "{MARK}-tenant"
admin_group = "{MARK}-admins"

[partner_api]
pool = "{pool}"
client = "{of["partner"]}"

[portal_api]
pool = "{pool}"
client = "{of["portal"]}"
second_factors = true

[tenant_api]
grants = ["read-activity-logs"]
""",
    ]
    file = folder / "poolkeeper.toml"
    file.write_text("".join(tables))
    return file


class Server:
    """The binary in front of the pool."""

    def __init__(self, amazon, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base, self.log = f"http://127.0.0.1:{port}", folder / "poolkeeper.log"
        self.config = configuration(amazon, folder, port)
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.environment = os.environ | {
            "POOLKEEPER_MASTER_KEY": key,
            "LIVE_CLIENT_SECRET": amazon.clients["partner"]["ClientSecret"],
        }
        for name in ("COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "COGNITO_CLIENT_SECRET", "AWS_REGION"):
            self.environment.pop(name, None)

    def check(self):
        """What `poolkeeper amazon check` says of the pool. It is told, and decides nothing."""
        checked = subprocess.run(
            [BINARY, "amazon", "check", "--config", self.config],
            env=self.environment, capture_output=True, text=True, timeout=300,
        )
        print(f"\npoolkeeper amazon check (exit code {checked.returncode})")
        print(checked.stdout + checked.stderr)

    @contextlib.contextmanager
    def serving(self):
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                [BINARY, "serve", "--config", self.config],
                env=self.environment, stdout=output, stderr=subprocess.STDOUT,
            )
        try:
            self.wait(process)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def wait(self, process):
        for _ in range(300):
            if process.poll() is not None:
                raise SystemExit(f"the server ended:\n{self.log.read_text()}")
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.base}/health", timeout=1).ok:
                    return
            time.sleep(0.1)
        raise SystemExit(f"the server does not answer:\n{self.log.read_text()}")


class Arc:
    """The calls of one API, in order. A call that ends otherwise than expected ends the arc."""

    def __init__(self, name, base, results):
        self.name, self.base, self.results = name, base, results

    def __call__(self, line, body=None, token=None, status=200, headers=()):
        method, path = line.split(" ")
        headers = dict(headers) | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = requests.request(
            method, self.base + path, json=body, headers=headers, timeout=60
        )
        shown = re.sub(r"success%2B\S*?%40[^/]*|success\+[^/]*", "{user}", path)
        self.note(f"{method} {shown}: {answer.status_code}", answer.status_code == status, answer.text)
        return answer.json() if answer.text else {}

    def note(self, what, is_well, told=""):
        self.results.append(is_well)
        say("ok" if is_well else "FAILED", f"{self.name}: {what}")
        if not is_well:
            raise Broken(f"{self.name}: {what}: {told[:300]}")


class Broken(Exception):
    """An arc did not come to its end."""


def code(key, at=None):
    """What an authenticator app shows."""
    counter = struct.pack(">Q", int(at or time.time()) // 30)
    mac = hmac.new(base64.b32decode(key + "=" * (-len(key) % 8)), counter, hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def next_code(key):
    """The next code that it shows: one works once."""
    time.sleep(31 - time.time() % 30)
    return code(key)


def partner(arc, amazon):
    admin, secret = amazon.user("partner-admin", [PARTNER, "user-admins"])
    member, _ = amazon.user("partner-member", [PARTNER])
    named = {"X-Preferred-Partner-Id": PARTNER}
    arc("POST /auth", {"username": admin, "password": "wrong"}, status=401)
    signed_in = arc("POST /auth", {"username": admin, "password": secret})
    token = signed_in["AccessToken"]
    arc("GET /partners", token=token)
    arc("GET /permissions", token=token, headers=named)
    arc("GET /auth/partners/users", token=token, headers=named)
    new = amazon.address("partner-new")
    amazon.expect(new)
    body = {"email": new, "password": password(), "groups": ["access-group-1"]}
    arc("POST /auth/partners/users", body, token, 201, named)
    for verb in ("disable", "enable"):
        arc(f"PUT /auth/partners/users/{member}/{verb}", None, token, 204, named)
    body = {"groups": ["access-group-1"]}
    arc(f"PUT /auth/partners/users/{member}/groups", body, token, 204, named)
    arc("POST /auth/refresh_token", {"token": signed_in["RefreshToken"]})
    key = arc("GET /auth/mfa/configure/totp", token=token)["qr_secret"]
    arc("PUT /auth/mfa/configure/totp", {"mfa_token": code(key)}, token)
    asked = arc("POST /auth", {"username": admin, "password": secret})
    arc.note(f"it asks for {asked.get('Challenge')}", asked.get("Challenge") == "SOFTWARE_TOKEN_MFA")
    body = {"username": admin, "challenge": asked["Challenge"], "session": asked["Session"]}
    done = arc("PUT /auth/challenge/mfa-token", body | {"mfa_token": next_code(key)})
    arc("PUT /auth/mfa/settings", {"enabled": False}, done["AccessToken"])


def portal(arc, amazon):
    admin, secret = amazon.user("portal-admin", ["admin"])
    person, temporary = amazon.user("portal-person", [], permanent=False)
    chosen, other = password(), password()
    login = "POST /api/auth/login"
    arc(login, {"username": person, "password": "wrong"}, status=401)
    asked = arc(login, {"username": person, "password": temporary})
    body = {"username": person, "session": asked["session"], "new_password": chosen}
    body |= {"temporary_password": temporary}
    token = arc("POST /api/auth/complete-password-change", body)["access_token"]
    arc("GET /api/auth/me", token=token)
    body = {"current_password": chosen, "new_password": other}
    arc("POST /api/auth/change-password", body, token)
    signed_in = arc(login, {"username": person, "password": other})
    refreshed = {"refresh_token": signed_in["refresh_token"]}
    arc("POST /api/auth/refresh-token", refreshed)
    arc("POST /api/auth/logout", refreshed)
    arc("POST /api/auth/refresh-token", refreshed, status=401)
    administer(arc, amazon, arc(login, {"username": admin, "password": secret})["access_token"])


def administer(arc, amazon, token):
    """What the administrators of the portal do."""
    users, group = "/api/admin/users", f"{MARK}-made"
    arc("GET /api/admin/users?limit=10", token=token)
    arc("GET /api/admin/groups", token=token)
    amazon.expect_group(group)
    arc("POST /api/admin/groups", {"name": group}, token)
    new = amazon.address("portal-new")
    amazon.expect(new)
    body = {"username": new, "email": new, "temporary_password": password(), "send_email": False}
    arc(f"POST {users}", body, token)
    arc(f"GET {users}/{new}", token=token)
    arc(f"PUT {users}/{new}", {"attributes": {"name": "Ann"}}, token)
    arc(f"POST {users}/{new}/groups/{group}", None, token)
    arc(f"DELETE {users}/{new}/groups/{group}", None, token)
    arc(f"POST {users}/{new}/reset-password", {"temporary_password": password()}, token)
    arc(f"POST {users}/{new}/disable", None, token)
    arc(f"POST {users}/{new}/enable", None, token)
    arc(f"DELETE {users}/{new}", None, token)
    arc(f"DELETE /api/admin/groups/{group}", None, token)


def tenant(arc, amazon):
    admin, secret = amazon.user("tenant-admin", [f"{MARK}-tenant", f"{MARK}-admins"])
    login = {"UserName": admin, "TenantName": MARK, "Password": secret}
    arc("POST /Login", login | {"Password": "wrong"}, status=401)
    result = arc("POST /Login", login)["cognitoToken"]["AuthenticationResult"]
    token, refresh = result["AccessToken"], {"RefreshToken": result["RefreshToken"]}
    arc("POST /RefreshToken", refresh | {"TenantName": MARK})
    body = {"Name": "Turnstile", "Grants": ["read-activity-logs"]}
    machine = arc("POST /Credentials/Create", body, token)["data"]
    amazon.expect(machine["ClientID"])
    arc("POST /Credentials", {}, token)
    body = {"UserName": machine["ClientID"], "TenantName": MARK, "Password": machine["Secret"]}
    arc("POST /Login", body)
    arc("POST /Credentials/Delete", {"ClientID": machine["ClientID"]}, token)
    arc("POST /Login", body, status=401)
    arc("POST /Logout", refresh, status=204)
    arc("POST /RefreshToken", refresh | {"TenantName": MARK}, status=401)


def run(place, made):
    """Whether all arcs came to their end."""
    print(f"\n{MARK}")
    amazon = Amazon(place, made)
    results = []
    with tempfile.TemporaryDirectory(prefix=MARK) as folder:
        server = Server(amazon, Path(folder))
        server.check()
        with server.serving():
            for go in (partner, portal, tenant):
                try:
                    go(Arc(go.__name__, server.base, results), amazon)
                except (Broken, ClientError, KeyError, requests.RequestException) as problem:
                    say("FAILED", f"{go.__name__} ends: {problem!r}")
                    results.append(False)
        if not all(results):
            print("\n" + "\n".join(server.log.read_text().splitlines()[-40:]))
    return all(results), amazon


def has_credentials():
    try:
        return boto3.Session().get_credentials() is not None
    except BotoCoreError as problem:
        print(problem)
        return False


def stop(number, _):
    """Ends the arcs, and lets nothing end what follows: the deletion."""
    on_signals(signal.SIG_IGN)
    raise SystemExit(f"stopped by {signal.Signals(number).name}")


def on_signals(handler):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, handler)


def main(arguments):
    if len(arguments) != 1 or not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d(_\w+)?", arguments[0]):
        raise SystemExit("arcs.py REGION|POOL, e.g. eu-west-1 or eu-west-1_AbCdEf123")
    if not has_credentials():
        print("SKIPPED: no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.")
        return 0
    on_signals(stop)
    made, is_well, amazon = Made(), False, None
    try:
        is_well, amazon = run(arguments[0], made)
    finally:
        on_signals(signal.SIG_IGN)
        print("\nwhat was made is deleted")
        left = made.delete()
        for what in left:
            print(f"NOT DELETED, please do: {what}")
    if amazon and made.pool and not amazon.is_gone():
        print(f"NOT DELETED: {amazon.pool}")
        return 1
    print("\nall arcs came to their end" if is_well else "\nNOT all arcs came to their end")
    return 0 if is_well and not left else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
