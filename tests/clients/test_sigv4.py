"""Signatures of administrative requests, made by botocore and then spoilt."""

import json
from datetime import datetime, timedelta, timezone

import botocore.auth
import pytest
import requests
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support import TARGET, refusal

MISMATCH = (
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.",
)
UNKNOWN_KEY = (
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
)


@pytest.fixture
def signed(server):
    """A signed ListUsers request."""

    def signed(service="cognito-idp", region=server.dev["region"]):
        key = server.dev["access_key"]
        request = AWSRequest(
            "POST",
            f"{server.base}/",
            data=json.dumps({"UserPoolId": server.dev["pool_id"], "Limit": 1}),
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": TARGET + "ListUsers",
            },
        )
        credentials = Credentials(key["id"], key["secret"])
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
        return request.prepare()

    return signed


def send(request, body=None, **headers) -> tuple[int, str, str]:
    """Status, exception and message; headers given here replace signed ones, or with None go."""
    sent = dict(request.headers) | {n.replace("_", "-"): v for n, v in headers.items()}
    response = requests.post(
        request.url,
        data=request.body if body is None else body,
        headers={name: value for name, value in sent.items() if value is not None},
        timeout=10,
    )
    answer = response.json()
    return response.status_code, answer.get("__type"), answer.get("message")


def test_a_good_signature(signed):
    assert send(signed()) == (200, None, None)


def test_unsigned(signed, server):
    assert send(signed(), Authorization=None) == (
        400,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )
    response = server.raw("AdminGetUser", {"UserPoolId": server.dev["pool_id"], "Username": "x"})
    assert response.json()["__type"] == "MissingAuthenticationTokenException"


def test_wrong_keys(server):
    id, secret = server.dev["access_key"]["id"], server.dev["access_key"]["secret"]
    pool = {"UserPoolId": server.dev["pool_id"]}
    wrong = server.cognito({"id": id, "secret": secret[:-1] + ("A" if secret[-1] != "A" else "B")})
    assert refusal(wrong.list_users, **pool) == MISMATCH
    unknown = server.cognito({"id": "AKIAIOSFODNN7EXAMPLE", "secret": secret})
    assert refusal(unknown.list_users, **pool) == UNKNOWN_KEY


def test_an_altered_request(signed, server):
    request = signed()
    tampered = json.dumps({"UserPoolId": server.dev["pool_id"], "Limit": 2})
    assert send(request, tampered) == (400, *MISMATCH)
    assert send(request, X_Amz_Target=TARGET + "DescribeUserPool") == (400, *MISMATCH)
    # A host that is ours too, but not the one that was signed.
    assert send(request, Host="localhost") == (400, *MISMATCH)


def test_another_time(signed, monkeypatch):
    for minutes in (-6, 6):
        then = datetime.now(timezone.utc) + timedelta(minutes=minutes)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: then)
        status, name, message = send(signed())
        assert (status, name) == (400, "InvalidSignatureException")
        assert message.startswith("Signature expired: ")


def test_another_service_or_region(signed):
    status, name, _ = send(signed(service="s3"))
    assert (status, name) in (
        (400, "InvalidSignatureException"),
        (400, "IncompleteSignatureException"),
    )
    assert send(signed(region="eu-north-1"))[:2] == (400, "InvalidSignatureException")


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x",
        "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y",
    ],
)
def test_a_malformed_signature(signed, header):
    assert send(signed(), Authorization=header)[:2] == (400, "IncompleteSignatureException")


def test_public_operations_need_no_signature(server):
    """And a bearer token in the header decides nothing."""
    body = {"AccessToken": "nonsense"}
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = server.raw("GetUser", body, **headers).json()
        assert answer == {"__type": "NotAuthorizedException", "message": "Invalid Access Token"}
