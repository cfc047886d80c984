"""The libraries with which applications verify tokens, on the tokens of every face."""

import json
import subprocess
from pathlib import Path

import joserfc.errors
import joserfc.jwt
import jwt
import pytest
import requests
from joserfc.jwk import KeySet

from support import (
    NODE_PACKAGES,
    Server,
    claims,
    decode,
    encode,
    free_port,
    new_user,
    serve_config,
    tokens,
)

AMAZON = "https://cognito-idp.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def issued(server, admin):
    """The tokens of each face: access and ID, where the face gives one."""
    user = server.user("CONFIRMED")
    email, password = user["email"], user["password"]
    tenant = server.dev["tenant"]

    def post(ending, body):
        answer = requests.post(server.url(ending), json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    partner = post("/auth", {"username": email, "password": password})
    portal = post("/api/auth/login", {"username": email, "password": password})
    person, machine = (
        post("/Login", {"TenantName": tenant["name"], "UserName": name, "Password": secret})
        for name, secret in (
            (tenant["user"]["username"], tenant["user"]["password"]),
            (tenant["machine"]["client_id"], tenant["machine"]["client_secret"]),
        )
    )
    cognito = tokens(admin, server.public, email, password)

    def both(result):
        return result["AccessToken"], result["IdToken"]

    return {
        "cognito": both(cognito),
        "partner": both(partner),
        "portal": (portal["access_token"], None),
        "tenant": both(person["cognitoToken"]["AuthenticationResult"]),
        "tenant machine": both(machine["cognitoToken"]["AuthenticationResult"]),
    }


FACES = ["cognito", "partner", "portal", "tenant", "tenant machine"]


@pytest.fixture(params=FACES)
def pair(request, issued):
    """The access and ID token of a face."""
    return issued[request.param]


def tampered(token: str) -> list[str]:
    """Tokens that nobody signed."""
    header, payload, signature = token.split(".")
    other = encode(json.dumps(claims(token) | {"sub": "somebody else"}).encode())
    unsigned = encode(json.dumps(json.loads(decode(header)) | {"alg": "none"}).encode())
    spoilt = encode(bytes([decode(signature)[0] ^ 1]) + decode(signature)[1:])
    return [
        f"{header}.{other}.{signature}",
        f"{header}.{payload}.{spoilt}",
        f"{unsigned}.{payload}.",
    ]


def test_headers_and_keys(server, issued):
    keys = requests.get(server.jwks_url, timeout=5).json()["keys"]
    for key in keys:
        assert set(key) == {"alg", "e", "kid", "kty", "n", "use"}
        assert (key["alg"], key["e"], key["kty"], key["use"]) == ("RS256", "AQAB", "RSA", "sig")
        assert len(decode(key["n"])) == 256
    access, id = (jwt.get_unverified_header(token) for token in issued["cognito"])
    assert set(access) == set(id) == {"kid", "alg"}
    assert access["kid"] != id["kid"]
    assert {access["kid"], id["kid"]} <= {key["kid"] for key in keys}


def test_discovery(server):
    url = f"{server.base}/{server.dev['pool_id']}/.well-known/openid-configuration"
    document = requests.get(url, timeout=5).json()
    assert document["issuer"] == server.dev["issuer"]
    assert document["jwks_uri"] == server.dev["jwks_url"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]


def test_pyjwt(server, pair):
    client = jwt.PyJWKClient(server.dev["jwks_url"])

    def verify(token, **options):
        key = client.get_signing_key_from_jwt(token)
        issuer = server.dev["issuer"]
        return jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, **options)

    access, id = pair
    found = verify(access)
    assert found["token_use"] == "access"
    if id:
        assert verify(id, audience=found["client_id"])["sub"] == found["sub"]
        with pytest.raises(jwt.InvalidAudienceError):
            verify(id, audience="another")
    for token in tampered(access):
        with pytest.raises(jwt.InvalidTokenError):
            verify(token)


def test_joserfc(server, pair):
    keys = KeySet.import_key_set(requests.get(server.dev["jwks_url"], timeout=5).json())
    essential = {"essential": True, "value": server.dev["issuer"]}
    registry = joserfc.jwt.JWTClaimsRegistry(iss=essential, exp={"essential": True})
    for token in filter(None, pair):
        found = joserfc.jwt.decode(token, keys, algorithms=["RS256"])
        registry.validate(found.claims)
        for forged in tampered(token):
            with pytest.raises((joserfc.errors.JoseError, ValueError)):
                joserfc.jwt.decode(forged, keys, algorithms=["RS256"])


def aws_jwt_verify(server: Server, verifier: str, options: dict, given: list) -> list:
    script = Path(__file__).with_name("verify.mjs")
    order = {
        "packages": str(NODE_PACKAGES),
        "verifier": verifier,
        "options": options,
        "jwksUri": server.jwks_url,
        "tokens": given,
    }
    done = subprocess.run(
        ["node", script], input=json.dumps(order), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_aws_jwt_verify(server, pair):
    for token in filter(None, pair):
        options = {"issuer": server.dev["issuer"], "audience": claims(token).get("aud")}
        good, *bad = aws_jwt_verify(server, "rsa", options, [token, *tampered(token)])
        assert good == claims(token)
        assert [type(error) for error in bad] == [str] * 3, bad


@pytest.fixture(scope="module")
def amazon(tmp_path_factory):
    """`poolkeeper serve` with Amazon's issuer, on what `poolkeeper dev` has made."""
    folder = tmp_path_factory.mktemp("amazon")
    first = Server.start(folder / "data")
    assert first.stop() == 0
    port = free_port()
    config = folder / "poolkeeper.toml"
    config.write_text(serve_config(folder / "data", port, issuer=AMAZON))
    server = Server.serve(config, folder / "data", port)
    yield server
    assert server.stop() == 0, server.output()


def test_aws_jwt_verifys_cognito_verifier(amazon):
    """It takes Amazon's issuers alone, so this server is configured with one."""
    admin, pool = amazon.cognito(), amazon.dev["pool_id"]
    user = new_user(admin, pool)[1]
    issued = tokens(admin, amazon.public, user)
    access, id = issued["AccessToken"], issued["IdToken"]
    assert claims(access)["iss"] == f"{AMAZON}/{pool}"

    def verify(use, token, client=amazon.public):
        options = {"userPoolId": pool, "tokenUse": use, "clientId": client}
        return aws_jwt_verify(amazon, "cognito", options, [token])[0]

    assert verify("access", access) == claims(access)
    assert verify("id", id) == claims(id)
    assert verify("access", id) == verify("id", access) == "CognitoJwtInvalidTokenUseError"
    assert verify("access", access, "another") == "CognitoJwtInvalidClientIdError"
    assert verify("id", tampered(id)[0]) == "JwtInvalidSignatureError"
