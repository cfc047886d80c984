"""boto3: second factors and who has which, and what ends or renews a sign-in."""

import json

import pytest

from support import (
    PASSWORD,
    Authenticator,
    claims,
    new_user,
    refresh,
    refusal,
    secret_hash,
    sign_in,
    tokens,
)
from test_boto3 import REFRESH_REVOKED, REVOKED, body

ON = {"Enabled": True, "PreferredMfa": False}
PREFERRED = {"Enabled": True, "PreferredMfa": True}
OFF = {"Enabled": False, "PreferredMfa": False}


def invalid(message):
    return "InvalidParameterException", message


class User:
    """A user of the demo's pool, where second factors are optional, with an app that is verified."""

    def __init__(self, server, admin):
        self.server, self.admin = server, admin
        self.pool = server.dev["pool_id"]
        self.username, self.email = new_user(admin, self.pool)
        self.access = tokens(admin, server.public, self.email)["AccessToken"]
        secret = admin.associate_software_token(AccessToken=self.access)["SecretCode"]
        self.app = Authenticator(secret)
        admin.verify_software_token(AccessToken=self.access, UserCode=self.app.code())

    def set(self, **blocks):
        return self.admin.set_user_mfa_preference(AccessToken=self.access, **blocks)

    def factors(self):
        found = self.admin.admin_get_user(UserPoolId=self.pool, Username=self.email)
        return found.get("UserMFASettingList"), found.get("PreferredMfaSetting")

    def answer(self, challenge, session, **responses):
        return self.admin.respond_to_auth_challenge(
            ClientId=self.server.public,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses={"USERNAME": self.username} | responses,
        )


@pytest.fixture
def user(server, admin):
    return User(server, admin)


def test_set_user_mfa_preference(user):
    assert body(user.set(SoftwareTokenMfaSettings=PREFERRED)) == {}
    assert user.factors() == (["SOFTWARE_TOKEN_MFA"], "SOFTWARE_TOKEN_MFA")
    user.set(EmailMfaSettings=PREFERRED)
    assert user.factors() == (["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"], "EMAIL_OTP")
    user.set(SoftwareTokenMfaSettings=OFF, EmailMfaSettings=OFF)
    assert user.factors() == (None, None)
    assert body(user.set(SMSMfaSettings=OFF)) == {}
    refused = invalid("User does not have a phone_number set to turn on SMS MFA")
    assert refusal(user.set, SMSMfaSettings=ON) == refused


def test_admin_set_user_mfa_preference(admin, user):
    def change(email, **blocks):
        return admin.admin_set_user_mfa_preference(UserPoolId=user.pool, Username=email, **blocks)

    assert body(change(user.email, EmailMfaSettings=ON)) == {}
    assert user.factors() == (["EMAIL_OTP"], None)
    _, without = new_user(admin, user.pool)
    refused = invalid("User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")
    assert refusal(change, without, SoftwareTokenMfaSettings=PREFERRED) == refused


def test_admin_delete_software_token(admin, user):
    user.set(SoftwareTokenMfaSettings=PREFERRED)
    for _ in range(2):
        answer = admin.admin_delete_software_token(UserPoolId=user.pool, Username=user.email)
        assert body(answer) == {}
    assert user.factors() == (None, None)
    assert tokens(admin, user.server.public, user.email)


@pytest.mark.parametrize("choice", ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
def test_select_mfa_type(admin, user, choice):
    user.set(SoftwareTokenMfaSettings=ON, EmailMfaSettings=ON)
    asked = body(sign_in(admin, user.server.public, user.email))
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    choices = json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    assert choices == ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]
    chosen = user.answer("SELECT_MFA_TYPE", asked["Session"], ANSWER=choice)
    assert chosen["ChallengeName"] == choice
    if choice == "EMAIL_OTP":
        medium = chosen["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"]
        assert medium == "EMAIL"
        return
    code = user.app.code()
    done = user.answer(choice, chosen["Session"], SOFTWARE_TOKEN_MFA_CODE=code)
    assert claims(done["AuthenticationResult"]["IdToken"])["email"] == user.email


def test_admin_user_global_sign_out(admin, pool):
    _, email = new_user(admin, pool.id)
    session = tokens(admin, pool.public, email)
    assert body(admin.admin_user_global_sign_out(UserPoolId=pool.id, Username=email)) == {}
    assert refusal(admin.get_user, AccessToken=session["AccessToken"]) == REVOKED
    assert refusal(refresh, admin, pool.public, session["RefreshToken"]) == REFRESH_REVOKED


def test_get_tokens_from_refresh_token(admin, pool):
    _, email = new_user(admin, pool.id)
    hashed = secret_hash(pool.secret, email, pool.confidential)
    begun = sign_in(admin, pool.confidential, email, PASSWORD, SECRET_HASH=hashed)
    token = begun["AuthenticationResult"]["RefreshToken"]

    def renew(**more):
        return admin.get_tokens_from_refresh_token(
            ClientId=pool.confidential, RefreshToken=token, **more
        )

    renewed = body(renew(ClientSecret=pool.secret))
    assert set(renewed) == {"AuthenticationResult"}
    result = renewed["AuthenticationResult"]
    assert set(result) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    assert admin.get_user(AccessToken=result["AccessToken"])["UserAttributes"]
    assert refusal(renew) == (
        "NotAuthorizedException",
        f"Client {pool.confidential} is configured for secret but secret was not received",
    )
