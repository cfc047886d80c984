"""Signing keys that are rotated and revoked while all nodes serve."""

from concurrent.futures import ThreadPoolExecutor

import jwt
import requests

from nodes import POOL, PUBLIC
from support import new_user, poll, poolkeeper, tokens

GONE = "Invalid Access Token"


def test_one_rotation_wins_and_a_revocation_bites_everywhere(cluster):
    nodes = cluster.nodes
    cognito = [node.cognito() for node in nodes]
    _, email = new_user(cognito[0], POOL)

    def keys(*arguments: str, config=cluster.configs[0]):
        done = poolkeeper("keys", "--config", config, "--pool", POOL, *arguments)
        return done.returncode, done.stdout, done.stderr

    def published(node) -> list[str]:
        return [key["kid"] for key in requests.get(node.jwks_url, timeout=5).json()["keys"]]

    old = published(nodes[0])
    with ThreadPoolExecutor(len(nodes)) as threads:
        ended = list(threads.map(lambda config: keys("rotate", config=config), cluster.configs))
    [won] = [stdout for code, stdout, stderr in ended if (code, stderr) == (0, "")]
    listed = [line.split("  ") for line in won.splitlines()[:-1]]
    assert [row[2] for row in listed] == ["signing", "signing", "pending", "pending"]
    begin = listed[3][3].partition("signs from ")[2]
    late = 1, "", f"nothing was changed: new keys exist already and sign from {begin}\n"
    assert sorted(ended) == sorted([(0, won, ""), late, late])

    # Every node publishes the same keys, and signs with those of before.
    for node, client in zip(nodes, cognito):
        poll("the new keys are published", lambda: published(node) == [row[0] for row in listed])
        token = tokens(client, PUBLIC, email)["AccessToken"]
        assert jwt.get_unverified_header(token)["kid"] in old

    [leaked, successor] = [row[0] for row in listed if row[1] == "access"]
    assert keys("revoke", leaked) == (
        0,
        f"{leaked} is revoked\n{successor} signs in its place\n",
        "",
    )
    for node in nodes:
        ask = {"AccessToken": token}
        poll("it is refused", lambda: node.raw("GetUser", ask).json().get("message") == GONE, 3)
    for client in cognito:
        fresh = tokens(client, PUBLIC, email)["AccessToken"]
        assert jwt.get_unverified_header(fresh)["kid"] == successor
        for other in cognito:
            assert other.get_user(AccessToken=fresh)["Username"]
