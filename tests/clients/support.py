"""What the tests share: the running server, clients for it, and a user's own tools."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

import boto3
import botocore.config
import pytest
import requests
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("POOLKEEPER_BIN", ROOT / "target/debug/poolkeeper"))
RUST_CLIENT = Path(
    os.environ.get("CLIENTS_RUST", ROOT / "target/clients/rust/debug/poolkeeper-client-rust")
)
NODE_PACKAGES = Path(os.environ.get("CLIENTS_NODE", ROOT / "target/clients/node"))

PASSWORD = "Correct-Horse-7"
OTHER_PASSWORD = "Battery-Staple-8"
TARGET = "AWSCognitoIdentityProviderService."

# What the commands say of what the configuration file may declare.
NOT_STARTED = (
    ": if the configuration file declares it, start the server with that file once, which creates it"
)

T = TypeVar("T")


def poll(what: str, attempt: Callable[[], T | None], seconds: float = 20) -> T:
    """The first true result of `attempt`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := attempt():
            return result
        time.sleep(0.02)
    pytest.fail(f"{what}: not within {seconds} s")


# --- the server ----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def poolkeeper(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the binary to its end."""
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )


def serve_config(data: Path, port: int, **more: str) -> str:
    """The least that `poolkeeper serve` wants to know to go on with a folder that `dev` filled."""
    [key] = [file for file in data.iterdir() if "key" in file.name]
    settings = {
        "listen": f"127.0.0.1:{port}",
        "public_url": f"http://127.0.0.1:{port}",
        "data": str(data),
        "master_key_file": str(key),
    } | more
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def shell_tools(folder: Path) -> Path:
    """A folder for the PATH of a shell that runs the pages' examples, with `poolkeeper`, and with an
    authenticator app that never shows a code twice as `oathtool`."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "poolkeeper").symlink_to(BINARY.resolve())
    app = tools / "oathtool"
    app.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from support import Authenticator\n"
        "used = pathlib.Path(sys.argv[0]).with_suffix('.used')\n"
        "Authenticator.used |= json.loads(used.read_text()) if used.exists() else {}\n"
        "print(Authenticator(sys.argv[-1]).code())\n"
        "used.write_text(json.dumps(Authenticator.used))\n"
    )
    app.chmod(0o755)
    return tools


def run_examples(folder: Path, examples: list[str]) -> str:
    """What examples print that are pasted into one shell, in order."""
    ran = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input="\n".join(examples),
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=os.environ | {"PATH": f"{shell_tools(folder)}:{os.environ['PATH']}"},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


class Server:
    """A running `poolkeeper`, with what it says of itself in `dev.json`."""

    logs: ClassVar[set[Path]] = set()

    def __init__(self, arguments: list, port: int, data: Path, log: Path, **environment: str):
        self.base = f"http://127.0.0.1:{port}"
        self.port, self.data, self.log = port, data, log
        self.logs.add(log)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [BINARY, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | environment,
            )
        self.dev = poll("the server is ready", self._ready, 30)

    @classmethod
    def start(
        cls, data: Path, port: int | None = None, *options: str, **environment: str
    ) -> "Server":
        """`poolkeeper dev`. The issuer names the port: to find it again, start on the same one."""
        port = port or free_port()
        arguments = ["dev", "--data", data, "--listen", f"127.0.0.1:{port}", *options]
        return cls(arguments, port, data, data.with_suffix(".log"), **environment)

    @classmethod
    def serve(cls, config: Path, data: Path, port: int) -> "Server":
        """`poolkeeper serve` on a folder that `dev` has filled."""
        return cls(["serve", "--config", config], port, data, config.with_suffix(".log"))

    def _ready(self) -> dict | None:
        assert self.process.poll() is None, f"the server ended:\n{self.output()}"
        try:
            dev = json.loads((self.data / "dev.json").read_text())
            jwks = requests.get(f"{self.base}/{dev['pool_id']}/.well-known/jwks.json", timeout=5)
            return dev if jwks.ok else None
        except (FileNotFoundError, json.JSONDecodeError, requests.ConnectionError):
            return None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    @property
    def jwks_url(self) -> str:
        return f"{self.base}/{self.dev['pool_id']}/.well-known/jwks.json"

    @property
    def public(self) -> str:
        return self.dev["clients"]["public"]["id"]

    def user(self, state: str) -> dict:
        """The demo user in that state."""
        return next(user for user in self.dev["users"] if user["state"] == state)

    def messages(self, to: str) -> list[dict]:
        """What was sent to an address, newest first."""
        answer = requests.get(f"{self.dev['inbox_url']}.json", params={"to": to}, timeout=5)
        return answer.json()

    def code(self, to: str) -> str:
        """The newest code that was sent to an address."""
        return self.messages(to)[0]["code"]

    def url(self, ending: str) -> str:
        """The address in a printed command that ends so. Faces may be mounted anywhere."""
        words = " ".join(self.commands()).replace("'", " ").replace('"', " ").split()
        return next(word for word in words if word.startswith(self.base) and word.endswith(ending))

    def commands(self) -> list[str]:
        """The command lines that the server prints for a stranger."""
        return [line.strip() for line in self.output().splitlines() if line.startswith("  curl ")]

    def cognito(self, key: dict | None = None, **settings):
        """A boto3 client, by default with the demo's access key."""
        key = key or self.dev["access_key"]
        return boto3.client(
            "cognito-idp",
            endpoint_url=self.base,
            region_name=self.dev["region"],
            aws_access_key_id=key["id"],
            aws_secret_access_key=key["secret"],
            config=botocore.config.Config(
                retries={"total_max_attempts": 1}, max_pool_connections=16, **settings
            ),
        )

    def raw(self, operation: str, body: dict | str | bytes, **headers: str) -> requests.Response:
        """A request of the Cognito protocol, unsigned."""
        return requests.post(
            f"{self.base}/",
            data=json.dumps(body) if isinstance(body, dict) else body,
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": TARGET + operation,
            }
            | {name.replace("_", "-"): value for name, value in headers.items()},
            timeout=10,
        )


def run_node(script: str, task: dict, seconds: float = 60) -> list:
    """What a script says has happened, as a list of [event, detail]."""
    path = Path(__file__).with_name(script)
    task = {"packages": str(NODE_PACKAGES)} | task
    ran = subprocess.run(
        ["node", path], input=json.dumps(task), capture_output=True, text=True, timeout=seconds
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


# For pycognito, which calls through boto3: whose call it is shows in the server's log.
PYCOGNITO = {"config": botocore.config.Config(user_agent="pycognito")}


# --- users and sign-in ---------------------------------------------------------------------------


def new_email() -> str:
    return f"user-{uuid.uuid4().hex[:12]}@example.com"


def new_user(admin, pool: str, *groups: str, temporary: bool = False) -> tuple[str, str]:
    """Username and e-mail address of a new user whose password is `PASSWORD`."""
    email = new_email()
    answer = admin.admin_create_user(
        UserPoolId=pool,
        Username=email,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    if not temporary:
        admin.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True
        )
    for group in groups:
        admin.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
    return answer["User"]["Username"], email


def sign_in(cognito, client: str, username: str, password: str = PASSWORD, **parameters) -> dict:
    """InitiateAuth with a password."""
    return cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password} | parameters,
    )


def tokens(cognito, client: str, username: str, password: str = PASSWORD) -> dict:
    return sign_in(cognito, client, username, password)["AuthenticationResult"]


def refresh(cognito, client: str, token: str, **parameters) -> dict:
    return cognito.initiate_auth(
        ClientId=client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": token} | parameters,
    )["AuthenticationResult"]


def secret_hash(secret: str, username: str, client: str) -> str:
    digest = hmac.digest(secret.encode(), (username + client).encode(), "sha256")
    return base64.b64encode(digest).decode()


def refusal(call: Callable, *arguments, **named) -> tuple[str, str]:
    """Exception name and message of a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


def claims(token: str) -> dict:
    """The payload of a JWT, unchecked."""
    return json.loads(decode(token.split(".")[1]))


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """An authenticator app that never shows a code twice, because no server takes one twice.

    Servers take the codes of the step before, the current and the next one; this uses them in
    that order, and waits for the clock when all three are spent.
    """

    used: ClassVar[dict[str, int]] = {}

    def __init__(self, secret: str):
        self.secret = secret

    def code(self) -> str:
        def step() -> int | None:
            # Not the step before if it is about to become too old.
            oldest = int(time.time() + 5) // 30 - 1
            free = max(oldest, self.used.get(self.secret, 0) + 1)
            return free if free <= time.time() // 30 + 1 else None

        self.used[self.secret] = poll("an unused code", step, 40)
        return self._at(self.used[self.secret])

    def wrong_code(self) -> str:
        now = int(time.time()) // 30
        right = {self._at(step) for step in range(now - 3, now + 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in right)

    def _at(self, step: int) -> str:
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
        offset = digest[-1] & 15
        number = struct.unpack_from(">I", digest, offset)[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"
