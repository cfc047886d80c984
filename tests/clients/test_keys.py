"""`poolkeeper keys`: signing keys that operators rotate and revoke while the server runs."""

import re
from datetime import datetime, timedelta, timezone

import jwt
import pytest
import requests

from support import NOT_STARTED, poll, poolkeeper, serve_config, tokens

LINE = re.compile(
    r"(?P<kid>[\w+/=]{44})  (?P<use>id|access)  (?P<state>pending|signing|retired)  "
    r"made (?P<made>\S+), signs from (?P<signs>\S+?)(, verifies until (?P<until>\S+))?"
)
A_DAY_AND_AN_HOUR = timedelta(hours=25)


class Keys:
    """Runs `poolkeeper keys` on a pool of the running server."""

    def __init__(self, server, folder):
        self.pool = server.dev["pool_id"]
        self.config = folder / "keys.toml"
        self.config.write_text(serve_config(server.data, server.port))

    def __call__(self, *arguments: str, code: int = 0) -> str:
        options = ("--config", str(self.config), "--pool", self.pool)
        done = poolkeeper("keys", *options, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @staticmethod
    def read(told: str) -> list[dict]:
        """Every line of a listing."""
        *lines, count = told.splitlines()
        assert count == f"{len(lines)} keys"
        found = [LINE.fullmatch(line) for line in lines]
        assert all(found), told
        return [key.groupdict() for key in found]

    def list(self, use: str | None = None) -> list[dict]:
        return [key for key in self.read(self("list")) if use in (None, key["use"])]


@pytest.fixture
def server(start):
    """A server of its own: others would lose their tokens."""
    return start()


@pytest.fixture
def keys(server, tmp_path):
    return Keys(server, tmp_path)


@pytest.fixture
def signed_in(server):
    """Fresh tokens of one of the demo's users."""
    user, cognito = server.user("CONFIRMED"), server.cognito()
    return lambda: tokens(cognito, server.public, user["email"], user["password"])


def published(server) -> list[str]:
    answer = requests.get(server.dev["jwks_url"], timeout=5)
    assert answer.headers["cache-control"] == "public, max-age=300"
    return [key["kid"] for key in answer.json()["keys"]]


def kid(token: str) -> str:
    return jwt.get_unverified_header(token)["kid"]


def time(text: str) -> datetime:
    assert text.endswith("Z") and "." not in text
    return datetime.fromisoformat(text)


def test_rotation_and_revocation(server, keys, signed_in):
    before = keys.list()
    assert {key["use"] for key in before} == {"id", "access"}
    assert [key["kid"] for key in before] == published(server)
    for key in before:
        assert (key["state"], key["until"]) == ("signing", None)
        assert key["made"] == key["signs"]
    first = signed_in()
    assert {kid(first["AccessToken"]), kid(first["IdToken"])} == set(published(server))

    # New keys: published within a second, and the old ones sign.
    rotated = keys.read(keys("rotate"))
    old, new = rotated[:2], rotated[2:]
    assert [key["kid"] for key in old] == [key["kid"] for key in before]
    assert [key["use"] for key in new] == ["id", "access"]
    assert {key["state"] for key in new} == {"pending"} and {key["until"] for key in new} == {None}
    [begin] = {key["signs"] for key in new}
    for key in new:
        ago = datetime.now(timezone.utc) - time(key["made"])
        assert timedelta(0) <= ago < timedelta(seconds=60)
        lead = time(begin) - time(key["made"])
        assert timedelta(minutes=10) <= lead < timedelta(minutes=10, seconds=30)
    for key in old:
        assert key["state"] == "signing"
        assert time(key["until"]) - time(begin) == A_DAY_AND_AN_HOUR
    poll("all are published", lambda: published(server) == [key["kid"] for key in rotated])
    second = signed_in()
    assert kid(second["AccessToken"]) == kid(first["AccessToken"])

    # Once more is too soon.
    told = keys("rotate", code=1)
    assert told == f"nothing was changed: new keys exist already and sign from {begin}\n"
    assert keys.list() == rotated

    # The next key takes the place of one that has leaked, and nothing that it signed is good.
    leaked, successor = kid(first["AccessToken"]), new[1]["kid"]
    assert keys("revoke", leaked) == f"{leaked} is revoked\n{successor} signs in its place\n"
    poll("it is gone", lambda: leaked not in published(server))
    poll("the next one signs", lambda: kid(signed_in()["AccessToken"]) == successor)
    for result in (first, second):
        answer = server.raw("GetUser", {"AccessToken": result["AccessToken"]})
        assert (answer.status_code, answer.json()) == (
            400,
            {"__type": "NotAuthorizedException", "message": "Invalid Access Token"},
        )
    [only] = keys.list("access")
    assert (only["kid"], only["state"], only["until"]) == (successor, "signing", None)

    # The next key of ID tokens, revoked before it signs, is in nobody's place.
    pending, signing = new[0]["kid"], old[0]["kid"]
    assert keys("revoke", pending) == f"{pending} is revoked\n"
    [only] = keys.list("id")
    assert (only["kid"], only["state"], only["until"]) == (signing, "signing", None)

    # And where there is no next one, one is made.
    told = keys("revoke", signing)
    made = re.fullmatch(rf"{re.escape(signing)} is revoked\n(\S{{44}}) signs in its place\n", told)
    poll("it signs", lambda: kid(signed_in()["IdToken"]) == made[1])
    assert [key["kid"] for key in keys.list("id")] == [made[1]]
    third = signed_in()
    client = jwt.PyJWKClient(server.dev["jwks_url"])
    for token in (third["AccessToken"], third["IdToken"]):
        key = client.get_signing_key_from_jwt(token)
        options = {"verify_aud": False}
        jwt.decode(token, key, algorithms=["RS256"], issuer=server.dev["issuer"], options=options)


def test_what_cannot_be(keys):
    assert keys("revoke", "unknown", code=2) == "there is no key unknown\n"
    keys.pool = "us-east-1_Nowhere1"
    for arguments in (["list"], ["rotate"], ["revoke", "unknown"]):
        refused = keys(*arguments, code=2)
        assert refused == f"there is no user pool us-east-1_Nowhere1{NOT_STARTED}\n"
    told = keys("rotate", "--lead-minutes", "9", code=2)
    assert told.splitlines()[0] == (
        "error: invalid value '9' for '--lead-minutes <MINUTES>': 9 is not in 10..=43200"
    )


AT_AMAZON = """
[[pool]]
id = "eu-west-1_AbCdEf123"
backend = "aws"

[[pool.client]]
id = "abc"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
"""


def test_a_pool_at_amazon_has_none_here(keys):
    keys.config.write_text(keys.config.read_text() + AT_AMAZON)
    keys.pool = "eu-west-1_AbCdEf123"
    for arguments in (["list"], ["rotate"], ["revoke", "unknown"]):
        told = keys(*arguments, code=2)
        assert told == "pool eu-west-1_AbCdEf123 is at Amazon, which keeps its keys\n"
