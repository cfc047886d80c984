"""Remembered devices: boto3, pycognito, amazon-cognito-identity-js."""

import pytest
from pycognito import aws_srp
from pycognito.aws_srp import AWSSRP

from support import PASSWORD, Authenticator, claims, new_user, refresh, refusal, sign_in, tokens
from test_identity_js import identity  # noqa: F401

PREFERRED = {"Enabled": True, "PreferredMfa": True}
GONE = ("ResourceNotFoundException", "Device does not exist.")


class Tracking:
    """A pool that remembers devices once their users say so, and asks them for a proof."""

    def __init__(self, server, admin):
        self.server, self.admin = server, admin
        self.pool = admin.create_user_pool(
            PoolName="devices",
            MfaConfiguration="OPTIONAL",
            UsernameAttributes=["email"],
            DeviceConfiguration={
                "ChallengeRequiredOnNewDevice": True,
                "DeviceOnlyRememberedOnUserPrompt": True,
            },
        )["UserPool"]["Id"]
        self.client = admin.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="app",
            ExplicitAuthFlows=[
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        )["UserPoolClient"]["ClientId"]

    def user(self):
        """A new user's name and address."""
        return new_user(self.admin, self.pool)

    def app(self, access_token):
        """An authenticator app, asked for from now on."""
        secret = self.admin.associate_software_token(AccessToken=access_token)["SecretCode"]
        app = Authenticator(secret)
        self.admin.verify_software_token(AccessToken=access_token, UserCode=app.code())
        self.admin.set_user_mfa_preference(
            AccessToken=access_token, SoftwareTokenMfaSettings=PREFERRED
        )
        return app


@pytest.fixture(scope="module")
def tracking(server, admin):
    return Tracking(server, admin)


def confirm(admin, signed_in):
    """Confirms the device of a sign-in: its key, its group's key, its secret."""
    new = signed_in["NewDeviceMetadata"]
    key, group = new["DeviceKey"], new["DeviceGroupKey"]
    secret, config = aws_srp.generate_hash_device(group, key)
    answer = admin.confirm_device(
        AccessToken=signed_in["AccessToken"],
        DeviceKey=key,
        DeviceName="a laptop",
        DeviceSecretVerifierConfig=config,
    )
    assert answer["UserConfirmationNecessary"] is True
    return {"device_key": key, "device_group_key": group, "device_password": secret}


def shown(device):
    return {entry["Name"]: entry["Value"] for entry in device["DeviceAttributes"]}


def test_boto3_own_devices(tracking, admin):
    name, email = tracking.user()
    signed_in = tokens(admin, tracking.client, email)
    token = signed_in["AccessToken"]
    key = confirm(admin, signed_in)["device_key"]
    assert claims(token)["device_key"] == key

    device = admin.get_device(AccessToken=token, DeviceKey=key)["Device"]
    assert device["DeviceKey"] == key
    assert shown(device) == {
        "device_status": "valid",
        "device_name": "a laptop",
        "dev:device_remembered_status": "not_remembered",
        "last_ip_used": "127.0.0.1",
    }
    admin.update_device_status(
        AccessToken=token, DeviceKey=key, DeviceRememberedStatus="remembered"
    )
    [listed] = admin.list_devices(AccessToken=token, Limit=60)["Devices"]
    assert shown(listed)["dev:device_remembered_status"] == "remembered"
    asked = sign_in(admin, tracking.client, email, DEVICE_KEY=key)
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"

    lost = "NotAuthorizedException", "Invalid Refresh Token"
    token_of_refresh = signed_in["RefreshToken"]
    assert refusal(refresh, admin, tracking.client, token_of_refresh) == lost
    fresh = refresh(admin, tracking.client, token_of_refresh, DEVICE_KEY=key)
    assert claims(fresh["AccessToken"])["device_key"] == key

    admin.forget_device(AccessToken=token, DeviceKey=key)
    assert refusal(admin.get_device, AccessToken=token, DeviceKey=key) == GONE
    assert refusal(sign_in, admin, tracking.client, email, DEVICE_KEY=key) == GONE
    assert admin.list_devices(AccessToken=token)["Devices"] == []


def test_boto3_devices_of_users(tracking, admin):
    name, email = tracking.user()
    device = confirm(admin, tokens(admin, tracking.client, email))
    user = {"UserPoolId": tracking.pool, "Username": name}
    own = user | {"DeviceKey": device["device_key"]}
    admin.admin_update_device_status(**own, DeviceRememberedStatus="remembered")
    found = admin.admin_get_device(**own)["Device"]
    assert shown(found)["dev:device_remembered_status"] == "remembered"
    assert admin.admin_list_devices(**user)["Devices"] == [found]
    admin.admin_forget_device(**own)
    assert refusal(admin.admin_get_device, **own) == GONE
    assert admin.admin_list_devices(**user)["Devices"] == []


def test_pycognito(tracking, server, admin, monkeypatch):
    """It sends no session with either challenge of the device."""
    # It knows one address for device operations; they shall reach this server.
    post = aws_srp.requests.post
    monkeypatch.setattr(
        aws_srp.requests, "post", lambda url, **more: post(f"{server.base}/", **more)
    )
    _, email = tracking.user()
    about = {
        "username": email,
        "password": PASSWORD,
        "pool_id": tracking.pool,
        "client_id": tracking.client,
        "client": server.cognito(user_agent="pycognito"),
    }
    exchange = AWSSRP(**about)
    signed_in = exchange.authenticate_user()
    answer, secret = exchange.confirm_device(signed_in, device_name="a laptop")
    assert (answer.status_code, answer.json()) == (200, {"UserConfirmationNecessary": True})
    new = signed_in["AuthenticationResult"]["NewDeviceMetadata"]
    key, token = new["DeviceKey"], signed_in["AuthenticationResult"]["AccessToken"]
    exchange.update_device_status(True, token, key)
    tracking.app(token)

    device = {
        "device_key": key,
        "device_group_key": new["DeviceGroupKey"],
        "device_password": secret,
    }
    remembered = AWSSRP(**about, **device).authenticate_user()["AuthenticationResult"]
    assert claims(remembered["AccessToken"])["device_key"] == key
    assert "NewDeviceMetadata" not in remembered

    wrong = AWSSRP(**about, **device | {"device_password": "guessed"})
    assert refusal(wrong.authenticate_user) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    exchange.forget_device(token, key)
    assert refusal(AWSSRP(**about, **device).authenticate_user) == GONE


def test_identity_js(tracking, server, admin, identity):  # noqa: F811
    _, email = tracking.user()
    token = tokens(admin, tracking.client, email)["AccessToken"]
    app = tracking.app(token)
    codes = [app.code(), app.code()]
    steps = ["rememberDevice", "refresh", "signIn", "forgetDevice", "signIn"]
    own = {"pool": tracking.pool, "client": tracking.client}
    assert identity(email, PASSWORD, codes=codes, then=steps, **own) == [
        ["totpRequired", "SOFTWARE_TOKEN_MFA"],
        ["signedIn", email],
        ["deviceRemembered", "SUCCESS"],
        ["refreshed", "access"],
        ["signedIn", email],
        ["deviceForgotten", "SUCCESS"],
        ["totpRequired", "SOFTWARE_TOKEN_MFA"],
        ["signedIn", email],
    ]


def test_identity_js_when_the_device_was_forgotten_elsewhere(
    tracking, server, admin, identity  # noqa: F811
):
    """It sends the proof of its password again, without the device."""
    _, email = tracking.user()
    own = {"pool": tracking.pool, "client": tracking.client}
    steps = ["rememberDevice", "forgetDeviceElsewhere", "signIn"]
    assert identity(email, PASSWORD, then=steps, **own) == [
        ["signedIn", email],
        ["deviceRemembered", "SUCCESS"],
        ["deviceForgotten", None],
        ["signedIn", email],
    ]
