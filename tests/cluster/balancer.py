"""What stands before the nodes: round robin, and one more try at the next node."""

import itertools
import json
import threading
import time
from dataclasses import dataclass

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from nodes import ACCESS_KEY
from support import TARGET

# Longer than any answer may take here, so that one that hangs shows as such.
PATIENCE = 30
SIGNED = ("Admin", "List")


@dataclass(frozen=True)
class Answer:
    """What a client was told in the end."""

    what: str
    """The operation, or method and path."""
    status: int
    """0: no answer, from either node."""
    body: dict | str
    tries: int
    seconds: float
    """From the first try to the end of the answer."""

    @property
    def ok(self) -> bool:
        return self.status == 200


class Balancer:
    """Sends requests to the nodes by turns. Any number of threads may use it."""

    def __init__(self, bases: list[str]):
        self._bases = bases
        self._turns = itertools.count()
        self._mine = threading.local()

    def cognito(self, operation: str, body: dict) -> Answer:
        """A call of Cognito's protocol, signed if it must be."""
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": TARGET + operation,
        }
        signed = operation.startswith(SIGNED)
        return self._send(operation, "POST", "/", headers, json.dumps(body), signed)

    def post(self, path: str, body: dict) -> Answer:
        """A request of one of the sign-in APIs."""
        headers = {"Content-Type": "application/json"}
        return self._send(f"POST {path}", "POST", path, headers, json.dumps(body))

    def get(self, path: str, token: str) -> Answer:
        return self._send(f"GET {path}", "GET", path, {"Authorization": f"Bearer {token}"})

    def _send(self, what, method, path, headers, data=None, signed=False) -> Answer:
        begun, turn = time.monotonic(), next(self._turns)
        for tries in (1, 2):
            url = self._bases[(turn + tries - 1) % len(self._bases)] + path
            try:
                sent = sign(method, url, headers, data) if signed else headers
                response = self._session().request(
                    method, url, data=data, headers=sent, timeout=PATIENCE
                )
                status, body = response.status_code, read(response)
            except requests.RequestException as error:
                status, body = 0, repr(error)
            if 0 < status < 500:
                break
        return Answer(what, status, body, tries, time.monotonic() - begun)

    def _session(self) -> requests.Session:
        """Connections are kept, but not shared by threads."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
            self._mine.session.trust_env = False
        return self._mine.session


def read(response: requests.Response) -> dict | str:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return response.text


def sign(method: str, url: str, headers: dict, data: str | None) -> dict:
    request = AWSRequest(method, url, data=data, headers=headers)
    key = Credentials(ACCESS_KEY["id"], ACCESS_KEY["secret"])
    SigV4Auth(key, "cognito-idp", "us-east-1").add_auth(request)
    return dict(request.headers)
