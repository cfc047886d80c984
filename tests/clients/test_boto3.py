"""boto3: sign-in and what prepares it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from support import (
    OTHER_PASSWORD,
    PASSWORD,
    Authenticator,
    claims,
    new_email,
    new_user,
    refresh,
    refusal,
    secret_hash,
    sign_in,
    tokens,
)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

STANDARD_ATTRIBUTES = """sub name given_name family_name middle_name nickname preferred_username
    profile picture website email email_verified gender birthdate zoneinfo locale phone_number
    phone_number_verified address updated_at""".split()


def body(answer: dict) -> dict:
    """An answer without what the transport added."""
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def timeless(record: dict) -> dict:
    """A record without its dates, which must be dates."""
    dates = {key for key in record if key.endswith("Date")}
    assert all(isinstance(record[key], datetime) for key in dates)
    return {key: value for key, value in record.items() if key not in dates}


def attributes(entries: list) -> dict:
    assert entries[0]["Name"] == "sub"
    return {entry["Name"]: entry["Value"] for entry in entries}


# --- pools, app clients, users, groups -----------------------------------------------------------


def test_create_and_describe_user_pool(admin):
    created = admin.create_user_pool(PoolName="described", UsernameAttributes=["email"])["UserPool"]
    assert admin.describe_user_pool(UserPoolId=created["Id"])["UserPool"] == created

    assert re.fullmatch(r"[a-z]{2}-[a-z]+-\d_[A-Za-z0-9]{9}", created["Id"])
    assert created["Arn"].endswith(f":userpool/{created['Id']}")
    pool = timeless(created)
    schema = [attribute["Name"] for attribute in pool.pop("SchemaAttributes")]
    assert schema[: len(STANDARD_ATTRIBUTES)] == STANDARD_ATTRIBUTES
    expected = {
        "Name": "described",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "UsernameAttributes": ["email"],
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 0,
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            "UnusedAccountValidityDays": 7,
        },
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
    }
    assert {key: pool.get(key) for key in expected} == expected


@pytest.mark.parametrize("generate_secret", [False, True])
def test_create_user_pool_client(admin, pool, generate_secret):
    created = admin.create_user_pool_client(
        UserPoolId=pool.id,
        ClientName="made",
        GenerateSecret=generate_secret,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=10,
        TokenValidityUnits={"AccessToken": "minutes"},
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    client = timeless(created)
    assert re.fullmatch(r"[0-9a-z]{26}", client.pop("ClientId"))
    assert bool(re.fullmatch(r"[0-9a-z]{50,64}", client.pop("ClientSecret", ""))) is generate_secret
    client["ExplicitAuthFlows"].sort()
    assert client == {
        "UserPoolId": pool.id,
        "ClientName": "made",
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenValidity": 30,
        "AccessTokenValidity": 10,
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "PreventUserExistenceErrors": "ENABLED",
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    }
    _, email = new_user(admin, pool.id)
    hashed = {}
    if generate_secret:
        hashed["SECRET_HASH"] = secret_hash(created["ClientSecret"], email, created["ClientId"])
    answer = sign_in(admin, created["ClientId"], email, **hashed)["AuthenticationResult"]
    assert answer["ExpiresIn"] == 600
    access = claims(answer["AccessToken"])
    assert access["exp"] - access["iat"] == 600


def test_a_users_record_through_its_life(admin, pool):
    email = new_email()
    created = admin.admin_create_user(
        UserPoolId=pool.id,
        Username=email,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Zoë"},
        ],
    )["User"]
    username = created["Username"]
    assert UUID.fullmatch(username)
    expected = {"sub": username, "email": email, "email_verified": "true", "name": "Zoë"}
    assert attributes(created.pop("Attributes")) == expected
    record = {"Username": username, "Enabled": True}
    assert timeless(created) == record | {"UserStatus": "FORCE_CHANGE_PASSWORD"}

    def fetched(name):
        user = timeless(body(admin.admin_get_user(UserPoolId=pool.id, Username=name)))
        assert attributes(user.pop("UserAttributes")) == expected
        return user

    for name in (email, username):
        assert fetched(name) == record | {"UserStatus": "FORCE_CHANGE_PASSWORD"}
    for permanent, status in [(True, "CONFIRMED"), (False, "FORCE_CHANGE_PASSWORD")]:
        answer = admin.admin_set_user_password(
            UserPoolId=pool.id, Username=email, Password=OTHER_PASSWORD, Permanent=permanent
        )
        assert body(answer) == {}
        assert fetched(username) == record | {"UserStatus": status}


def test_groups(admin, pool):
    groups = {"late": {}, "second": {"Precedence": 2}, "first": {"Precedence": 1}}
    for name, precedence in groups.items():
        group = admin.create_group(
            UserPoolId=pool.id, GroupName=name, Description=f"the {name}", **precedence
        )["Group"]
        expected = {"GroupName": name, "UserPoolId": pool.id, "Description": f"the {name}"}
        assert timeless(group) == expected | precedence
    _, email = new_user(admin, pool.id, "late", "second", "first", "first")
    answer = tokens(admin, pool.public, email)
    for kind in ("AccessToken", "IdToken"):
        assert claims(answer[kind])["cognito:groups"] == ["first", "second", "late"]


def test_list_users(admin):
    pool = admin.create_user_pool(PoolName="listed", UsernameAttributes=["email"])["UserPool"]["Id"]
    emails = {new_user(admin, pool, temporary=True)[0]: None for _ in range(5)}
    users = admin.list_users(UserPoolId=pool)["Users"]
    assert {user["Username"] for user in users} == set(emails)
    assert all(user["UserStatus"] == "FORCE_CHANGE_PASSWORD" for user in users)
    emails = {attributes(user["Attributes"])["email"]: user["Username"] for user in users}

    def found(filter):
        answer = admin.list_users(UserPoolId=pool, Filter=filter)
        return [user["Username"] for user in answer["Users"]]

    email, username = next(iter(emails.items()))
    assert found(f'email = "{email}"') == [username]
    assert found(f'email="{email.upper()}"') == [username]
    assert found(f'sub = "{username}"') == [username]
    assert found(f'username = "{username}"') == [username]
    assert found('email = "nobody@example.com"') == []
    assert found('email ^= "user-"') == [emails[email] for email in sorted(emails)]
    assert len(found('cognito:user_status = "FORCE_CHANGE_PASSWORD"')) == 5
    assert len(found('status = "Enabled"')) == 5
    assert found('status = "Disabled"') == []

    first = admin.list_users(UserPoolId=pool, Limit=2)
    assert len(first["Users"]) == 2
    pages = admin.get_paginator("list_users").paginate(
        UserPoolId=pool, Filter='email ^= "user-"', PaginationConfig={"PageSize": 2}
    )
    listed = [user["Username"] for page in pages for user in page["Users"]]
    assert listed == [emails[email] for email in sorted(emails)]
    only = admin.list_users(UserPoolId=pool, AttributesToGet=["email"], Limit=1)["Users"][0]
    assert [attribute["Name"] for attribute in only["Attributes"]] == ["email"]


# --- sign-in -------------------------------------------------------------------------------------


def test_tokens_have_exactly_cognitos_claims(server, admin, pool):
    username, email = new_user(admin, pool.id)
    answer = body(sign_in(admin, pool.public, email))
    result = answer.pop("AuthenticationResult")
    assert answer == {"ChallengeParameters": {}}
    assert set(result) == {"AccessToken", "IdToken", "RefreshToken", "TokenType", "ExpiresIn"}
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)

    access, id = claims(result["AccessToken"]), claims(result["IdToken"])
    same = {name: access[name] for name in ("auth_time", "iat", "exp", "origin_jti", "event_id")}
    assert same["exp"] - same["iat"] == 3600 and abs(same["iat"] - same["auth_time"]) <= 1
    assert all(isinstance(same[name], int) for name in ("auth_time", "iat", "exp"))
    assert UUID.fullmatch(same["origin_jti"]) and UUID.fullmatch(same["event_id"])
    assert len({access["jti"], id["jti"], same["origin_jti"]}) == 3
    issuer = server.dev["issuer"].replace(server.dev["pool_id"], pool.id)
    same |= {"sub": username, "iss": issuer}
    assert access == same | {
        "client_id": pool.public,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "jti": access["jti"],
        "username": username,
    }
    assert id == same | {
        "aud": pool.public,
        "token_use": "id",
        "jti": id["jti"],
        "cognito:username": username,
        "email": email,
        "email_verified": True,
    }


def test_sign_in_by_email_and_by_username(admin, pool):
    username, email = new_user(admin, pool.id)
    for name in (email, username):
        assert claims(tokens(admin, pool.public, name)["AccessToken"])["sub"] == username


def test_refresh(admin, pool):
    _, email = new_user(admin, pool.id)
    first = tokens(admin, pool.public, email)
    second = refresh(admin, pool.public, first["RefreshToken"])
    assert set(second) == {"AccessToken", "IdToken", "TokenType", "ExpiresIn"}
    for kind in ("AccessToken", "IdToken"):
        old, new = claims(first[kind]), claims(second[kind])
        changed = {"jti", "event_id", "iat", "exp"}
        assert {k: v for k, v in old.items() if k not in changed} == {
            k: v for k, v in new.items() if k not in changed
        }
        assert old["jti"] != new["jti"] and old["event_id"] != new["event_id"]
    # Without rotation a refresh token works again.
    assert refresh(admin, pool.public, first["RefreshToken"])["AccessToken"]


def test_admin_sign_in_with_a_secret_hash(admin, pool):
    username, email = new_user(admin, pool.id)

    def initiate(flow, name, **parameters):
        return admin.admin_initiate_auth(
            UserPoolId=pool.id,
            ClientId=pool.confidential,
            AuthFlow=flow,
            AuthParameters=parameters
            | {"SECRET_HASH": secret_hash(pool.secret, name, pool.confidential)},
        )["AuthenticationResult"]

    for name in (email, username):
        first = initiate("ADMIN_USER_PASSWORD_AUTH", name, USERNAME=name, PASSWORD=PASSWORD)
        again = initiate("REFRESH_TOKEN_AUTH", username, REFRESH_TOKEN=first["RefreshToken"])
        assert claims(again["AccessToken"])["client_id"] == pool.confidential


def test_the_demos_clients(server, admin):
    user = server.user("CONFIRMED")
    answer = tokens(admin, server.public, user["email"], user["password"])
    assert claims(answer["AccessToken"])["username"] == user["username"]
    client = server.dev["clients"]["confidential"]
    answer = admin.admin_initiate_auth(
        UserPoolId=server.dev["pool_id"],
        ClientId=client["id"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": user["username"],
            "PASSWORD": user["password"],
            "SECRET_HASH": secret_hash(client["secret"], user["username"], client["id"]),
        },
    )
    assert claims(answer["AuthenticationResult"]["IdToken"])["aud"] == client["id"]


@pytest.mark.parametrize("by_admin", [False, True])
def test_new_password_required(admin, pool, by_admin):
    username, email = new_user(admin, pool.id, temporary=True)
    client = pool.confidential
    hashed = {"SECRET_HASH": secret_hash(pool.secret, email, client)}
    start, respond, where = admin.initiate_auth, admin.respond_to_auth_challenge, {}
    if by_admin:
        start, respond = admin.admin_initiate_auth, admin.admin_respond_to_auth_challenge
        where = {"UserPoolId": pool.id}
    where["ClientId"] = client
    challenge = body(
        start(
            **where,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH" if by_admin else "USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD} | hashed,
        )
    )
    session = challenge.pop("Session")
    parameters = challenge["ChallengeParameters"]
    assert json.loads(parameters.pop("userAttributes")) == {
        "email": email,
        "email_verified": "true",
    }
    assert challenge == {
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeParameters": {"USER_ID_FOR_SRP": username, "requiredAttributes": "[]"},
    }

    def answer(**responses):
        return respond(
            **where,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": email} | hashed | responses,
        )

    # A refused answer leaves the session usable; a right one ends it.
    assert refusal(answer, NEW_PASSWORD="Short-1") == (
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    )
    assert refusal(answer) == (
        "InvalidParameterException",
        "Missing required parameter NEW_PASSWORD",
    )
    result = answer(NEW_PASSWORD=OTHER_PASSWORD)["AuthenticationResult"]
    assert claims(result["AccessToken"])["username"] == username
    assert refusal(answer, NEW_PASSWORD=OTHER_PASSWORD) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )
    user = admin.admin_get_user(UserPoolId=pool.id, Username=email)
    assert user["UserStatus"] == "CONFIRMED"


def test_software_token_mfa_of_the_demo_user(server, admin):
    user = server.user("TOTP")
    app = Authenticator(user["totp_secret"])

    def challenged():
        answer = body(sign_in(admin, server.public, user["email"], user["password"]))
        assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert answer["ChallengeParameters"]["USER_ID_FOR_SRP"] == user["username"]
        assert "AuthenticationResult" not in answer
        return answer["Session"]

    def answer(session, code):
        return admin.respond_to_auth_challenge(
            ClientId=server.public,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=session,
            ChallengeResponses={"USERNAME": user["username"], "SOFTWARE_TOKEN_MFA_CODE": code},
        )

    session = challenged()
    mismatch = ("CodeMismatchException", "Invalid code received for user")
    assert refusal(answer, session, app.wrong_code()) == mismatch
    code = app.code()
    result = answer(session, code)["AuthenticationResult"]
    assert claims(result["IdToken"])["cognito:username"] == user["username"]
    assert refusal(answer, session, code) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )
    assert refusal(answer, challenged(), code) == (
        "ExpiredCodeException",
        "Your software token has already been used once.",
    )
    found = admin.get_user(AccessToken=result["AccessToken"])
    assert found["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    assert found["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"


def test_a_totp_code_counts_once_however_many_race(server, admin):
    user = server.user("TOTP")
    code = Authenticator(user["totp_secret"]).code()
    sessions = [
        sign_in(admin, server.public, user["email"], user["password"])["Session"] for _ in range(4)
    ]

    def answer(session):
        try:
            admin.respond_to_auth_challenge(
                ClientId=server.public,
                ChallengeName="SOFTWARE_TOKEN_MFA",
                Session=session,
                ChallengeResponses={"USERNAME": user["email"], "SOFTWARE_TOKEN_MFA_CODE": code},
            )
            return "signed in"
        except admin.exceptions.ExpiredCodeException:
            return "refused"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(answer, sessions)) == ["refused"] * 3 + ["signed in"]


def test_an_authenticator_app_is_registered_but_not_enabled(server, admin):
    _, email = new_user(admin, server.dev["pool_id"])
    access = tokens(admin, server.public, email)["AccessToken"]
    secret = admin.associate_software_token(AccessToken=access)["SecretCode"]
    assert re.fullmatch(r"[A-Z2-7]{16,}", secret)
    app = Authenticator(secret)

    def verify(code):
        return admin.verify_software_token(AccessToken=access, UserCode=code)

    assert refusal(verify, app.wrong_code()) == (
        "EnableSoftwareTokenMFAException",
        "Code mismatch and fail enable Software Token MFA",
    )
    assert body(verify(app.code())) == {"Status": "SUCCESS"}
    assert "AuthenticationResult" in sign_in(admin, server.public, email)
    assert "UserMFASettingList" not in admin.get_user(AccessToken=access)


# --- with an access token, and its end -----------------------------------------------------------


def test_get_user(admin, pool):
    username, email = new_user(admin, pool.id)
    answer = body(admin.get_user(AccessToken=tokens(admin, pool.public, email)["AccessToken"]))
    expected = {"sub": username, "email": email, "email_verified": "true"}
    assert attributes(answer.pop("UserAttributes")) == expected
    assert answer == {"Username": username}


REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")


def test_global_sign_out_ends_every_session_at_once(admin, pool):
    _, email = new_user(admin, pool.id)
    sessions = [tokens(admin, pool.public, email) for _ in range(2)]
    assert body(admin.global_sign_out(AccessToken=sessions[0]["AccessToken"])) == {}
    for session in sessions:
        assert refusal(admin.get_user, AccessToken=session["AccessToken"]) == REVOKED
        assert refusal(refresh, admin, pool.public, session["RefreshToken"]) == REFRESH_REVOKED
    assert admin.get_user(AccessToken=tokens(admin, pool.public, email)["AccessToken"])


def test_revoke_token_ends_one_session(admin, pool):
    _, email = new_user(admin, pool.id)
    ended, kept = (tokens(admin, pool.public, email) for _ in range(2))
    renewed = refresh(admin, pool.public, ended["RefreshToken"])
    for _ in range(2):
        answer = admin.revoke_token(Token=ended["RefreshToken"], ClientId=pool.public)
        assert body(answer) == {}
    for access in (ended["AccessToken"], renewed["AccessToken"]):
        assert refusal(admin.get_user, AccessToken=access) == REVOKED
    assert refusal(refresh, admin, pool.public, ended["RefreshToken"]) == REFRESH_REVOKED
    assert admin.get_user(AccessToken=kept["AccessToken"])
    assert refresh(admin, pool.public, kept["RefreshToken"])
