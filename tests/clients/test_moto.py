"""The sign-in APIs on a pool at "Amazon", which is moto here: another implementation than ours.

What moto does not have is not shown: refresh (`GetTokensFromRefreshToken`), `RevokeToken`, devices, and
codes by mail as second factors. It checks no signatures and no codes of authenticator apps but their
form."""

import json
import os
import subprocess
import sys
import time

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from support import BINARY, PASSWORD, OTHER_PASSWORD, free_port, poll

REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


class Amazon:
    """moto with a pool in it, and a Poolkeeper whose portal is mounted on that."""

    def __init__(self, folder):
        self.moto_url = f"http://127.0.0.1:{free_port()}"
        port = self.moto_url.rsplit(":", 1)[1]
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
        self.log = (folder / "moto.log").open("wb")
        self.moto = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        poll("moto", lambda: answers(self.moto_url))
        self.cognito = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=self.moto_url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.pool = self.cognito.create_user_pool(PoolName="moto")["UserPool"]["Id"]
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="portal",
            GenerateSecret=True,
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
        self.public = self.cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        )["UserPoolClient"]["ClientId"]
        self.client, self.secret = client["ClientId"], client["ClientSecret"]
        self.base = f"http://127.0.0.1:{free_port()}"
        self.poolkeeper = self.start(folder)

    def start(self, folder):
        config = folder / "poolkeeper.toml"
        config.write_text(f"""
listen = "{self.base.removeprefix("http://")}"
public_url = "{self.base}"
data = "{folder}/data"

[[pool]]
id = "env:COGNITO_USER_POOL_ID"
backend = "aws"
mfa = "OPTIONAL"

[pool.aws]
endpoint = "{self.moto_url}"
# moto does not know of revoked tokens.
check_revocation = false

[[pool.client]]
id = "env:COGNITO_CLIENT_ID"
secret_env = "COGNITO_CLIENT_SECRET"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]

[cognito]
forward = true

[portal_api]
pool = "env:COGNITO_USER_POOL_ID"
client = "env:COGNITO_CLIENT_ID"
attempts_per_address = 0
""")
        environment = os.environ | CREDENTIALS | {
            "COGNITO_USER_POOL_ID": self.pool,
            "COGNITO_CLIENT_ID": self.client,
            "COGNITO_CLIENT_SECRET": self.secret,
            "POOLKEEPER_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        }
        self.output = folder / "poolkeeper.log"
        process = subprocess.Popen(
            [BINARY, "serve", "--config", config],
            stdout=self.output.open("wb"),
            stderr=subprocess.STDOUT,
            env=environment,
        )
        poll("poolkeeper", lambda: answers(f"{self.base}/api/health"))
        return process

    def user(self, name, password=PASSWORD, permanent=True):
        self.cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=name,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
            TemporaryPassword=password,
        )
        if permanent:
            self.cognito.admin_set_user_password(
                UserPoolId=self.pool, Username=name, Password=password, Permanent=True
            )

    def login(self, name, password=PASSWORD):
        body = {"username": name, "password": password}
        return requests.post(f"{self.base}/api/auth/login", json=body, timeout=10)

    def stop(self):
        for process in (self.poolkeeper, self.moto):
            process.terminate()
            process.wait(10)


def answers(url):
    try:
        return requests.get(url, timeout=1).status_code < 500
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def amazon(tmp_path_factory):
    amazon = Amazon(tmp_path_factory.mktemp("moto"))
    yield amazon
    amazon.stop()


def test_sign_in_and_who_am_i(amazon):
    amazon.user("ann")
    answer = amazon.login("ann")
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    me = requests.get(
        f"{amazon.base}/api/auth/me", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert me.status_code == 200, me.text
    assert me.json()["email"] == "ann@example.com"


def test_no_sender_is_missed_where_amazon_sends(amazon):
    assert "no sender" not in amazon.output.read_text()


def test_wrong_passwords_and_unknown_users(amazon):
    amazon.user("ben")
    wrong = amazon.login("ben", "wrong")
    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid credentials"})
    unknown = amazon.login("nobody")
    assert (unknown.status_code, unknown.json()) == (401, {"detail": "User not found"})


def test_a_temporary_password_is_replaced(amazon):
    amazon.user("cleo", permanent=False)
    asked = amazon.login("cleo").json()
    assert asked["requires_password_change"] is True
    body = {
        "username": "cleo",
        "temporary_password": PASSWORD,
        "new_password": OTHER_PASSWORD,
        "session": asked["session"],
    }
    done = requests.post(
        f"{amazon.base}/api/auth/complete-password-change", json=body, timeout=10
    )
    assert done.status_code == 200, done.text
    assert amazon.login("cleo", OTHER_PASSWORD).status_code == 200


def test_disabled_users_stay_out(amazon):
    amazon.user("dora")
    amazon.cognito.admin_disable_user(UserPoolId=amazon.pool, Username="dora")
    answer = amazon.login("dora")
    assert answer.status_code != 200
    assert "access_token" not in json.dumps(answer.json())


def test_tokens_of_another_pool_and_forged_ones_are_refused(amazon):
    amazon.user("eve")
    token = amazon.login("eve").json()["access_token"]
    head, payload, signature = token.split(".")
    for forged in (f"{head}.{payload}.", f"{head}.{payload}.{signature[:-8]}AAAAAAAA", "garbage"):
        me = requests.get(
            f"{amazon.base}/api/auth/me", headers={"Authorization": f"Bearer {forged}"}, timeout=10
        )
        assert me.status_code == 401, me.text


def forwarded(amazon):
    """boto3 at our address."""
    return boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=amazon.base,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def test_sdk_clients_reach_amazon_through_us(amazon):
    amazon.user("gus")
    cognito = forwarded(amazon)
    signed_in = cognito.initiate_auth(
        ClientId=amazon.public,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "gus", "PASSWORD": PASSWORD},
    )
    token = signed_in["AuthenticationResult"]["AccessToken"]
    assert cognito.get_user(AccessToken=token)["Username"] == "gus"
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.initiate_auth(
            ClientId=amazon.public,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "gus", "PASSWORD": "wrong"},
        )


def test_signed_calls_are_not_forwarded(amazon):
    with pytest.raises(ClientError) as refused:
        forwarded(amazon).list_users(UserPoolId=amazon.pool)
    assert refused.value.response["Error"] == {
        "Code": "InvalidSignatureException",
        "Message": "Signed requests cannot be forwarded: send them to Amazon.",
    }


def test_a_dead_amazon_is_said_to_be_so_at_once(amazon, tmp_path):
    """Last: it stops moto."""
    amazon.user("fay")
    amazon.moto.terminate()
    amazon.moto.wait(10)
    started = time.monotonic()
    answer = amazon.login("fay")
    assert answer.status_code == 503, answer.text
    assert time.monotonic() - started < 10
    body = {"X-Amz-Target": "AWSCognitoIdentityProviderService.GetUser"}
    answer = requests.post(amazon.base, headers=body, json={"AccessToken": "x"}, timeout=10)
    assert (answer.status_code, answer.json()) == (
        503,
        {"__type": "ServiceUnavailableException", "message": "Amazon does not answer."},
    )
    assert PASSWORD not in amazon.output.read_text()
