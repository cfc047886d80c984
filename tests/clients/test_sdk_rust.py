"""The AWS SDK for Rust: accounts, second factors, administration, typed errors."""

import json
import subprocess

import pytest

from support import OTHER_PASSWORD, PASSWORD, RUST_CLIENT, Authenticator, new_email, new_user


@pytest.fixture
def sdk(server):
    """Carries out one task and gives its result."""
    about = {
        "url": server.base,
        "region": server.dev["region"],
        "key_id": server.dev["access_key"]["id"],
        "key_secret": server.dev["access_key"]["secret"],
    }

    def sdk(do, **task):
        ran = subprocess.run(
            [RUST_CLIENT],
            input=json.dumps(about | {"do": do} | task),
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return sdk


def test_from_sign_up_to_sign_in(account_pool, server, sdk):
    address = new_email()
    who = {"client": account_pool.public, "username": address.partition("@")[0]}
    made = sdk("sign_up", **who, password=PASSWORD, attributes={"email": address})
    assert (made["confirmed"], made["sent_to"]) == (False, "u***@e***")
    early = sdk("sign_in", **who, password=PASSWORD)
    assert early == {"refused": "not confirmed", "message": "User is not confirmed."}
    confirmed = sdk("confirm_sign_up", **who, code=server.code(address), session=made["session"])
    done = sdk("sign_in_with_session", **who, session=confirmed["session"])
    shown = sdk("who_am_i", access_token=done["access_token"])
    assert shown["username"] == who["username"]
    expected = {"sub": made["sub"], "email": address, "email_verified": "true"}
    assert shown["attributes"] == expected
    assert sdk("sign_in", **who, password="Wrong-Passw0rd") == {
        "refused": "not authorized",
        "message": "Incorrect username or password.",
    }
    assert sdk("sign_in", **who | {"username": "nobody"}, password=PASSWORD) == {
        "refused": "not found",
        "message": "User does not exist.",
    }


def test_without_a_password(account_pool, server, sdk):
    address = new_email()
    who = {"client": account_pool.public, "username": address.partition("@")[0]}
    made = sdk("sign_up", **who, attributes={"email": address})
    confirmed = sdk("confirm_sign_up", **who, code=server.code(address), session=made["session"])
    done = sdk("sign_in_with_session", **who, session=confirmed["session"])
    assert done["access_token"]


def test_authenticator_app_and_refresh(server, admin, sdk):
    pool = admin.create_user_pool(PoolName="rust", MfaConfiguration="OPTIONAL")["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    who = {"client": client, "username": new_user(admin, pool)[0]}
    token = {"access_token": sdk("sign_in", **who, password=PASSWORD)["access_token"]}
    app = Authenticator(sdk("set_up_app", **token)["secret"])
    assert sdk("prove_app", **token, code=app.code()) == {"status": "SUCCESS"}
    asked = sdk("sign_in", **who, password=PASSWORD)
    assert asked["challenge"] == "SOFTWARE_TOKEN_MFA"
    responses = {"USERNAME": who["username"], "SOFTWARE_TOKEN_MFA_CODE": app.code()}
    answer = {"challenge": asked["challenge"], "session": asked["session"], "responses": responses}
    done = sdk("answer", client=client, **answer)
    again = sdk("refresh", client=client, refresh_token=done["refresh_token"])
    assert again["access_token"] not in (None, done["access_token"])
    assert (again["refresh_token"], again["expires_in"]) == (None, 3600)
    sdk("sign_out", access_token=again["access_token"])


def test_administration_and_a_forced_change(server, admin, sdk):
    pool = admin.create_user_pool(PoolName="rust")["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    names = ["ann", "ben", "cem"]
    for name in names:
        made = sdk("invite", pool=pool, username=name, password=PASSWORD, attributes={"name": name})
        assert made["status"] == "FORCE_CHANGE_PASSWORD" and made["created"] > 1_700_000_000
    assert sorted(sdk("list", pool=pool)) == names
    asked = sdk("sign_in", client=client, username="ann", password=PASSWORD)
    assert asked["challenge"] == "NEW_PASSWORD_REQUIRED"
    responses = {"USERNAME": "ann", "NEW_PASSWORD": OTHER_PASSWORD}
    answer = {"challenge": asked["challenge"], "session": asked["session"], "responses": responses}
    assert sdk("answer", client=client, **answer)["access_token"]
    assert sdk("remove", pool=pool, username="ben") == {"gone": True}
