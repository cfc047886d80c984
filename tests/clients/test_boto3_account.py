"""boto3: accounts that people make, prove, recover and change themselves."""

import pytest

from support import OTHER_PASSWORD, PASSWORD, new_email, refusal, sign_in, tokens

EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
WRONG = ("CodeMismatchException", "Invalid verification code provided, please try again.")


def delivered(answer, name="CodeDeliveryDetails"):
    details = answer[name]
    return details["DeliveryMedium"], details["AttributeName"]


@pytest.fixture
def signed_up(account_pool, admin):
    """Username and address of somebody who has signed up."""
    address = new_email()
    username = address.partition("@")[0]
    answer = admin.sign_up(
        ClientId=account_pool.public,
        Username=username,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": address}],
    )
    assert (answer["UserConfirmed"], delivered(answer)) == (False, ("EMAIL", "email"))
    return username, address


def test_sign_up(account_pool, admin, server, signed_up):
    username, address = signed_up
    who = {"ClientId": account_pool.public, "Username": username}
    first = server.code(address)
    assert delivered(admin.resend_confirmation_code(**who)) == ("EMAIL", "email")
    second = server.code(address)
    if first != second:
        assert refusal(admin.confirm_sign_up, **who, ConfirmationCode=first) == WRONG
    admin.confirm_sign_up(**who, ConfirmationCode=second)
    # The address is verified now, and a name to sign in by.
    assert "AccessToken" in tokens(admin, account_pool.public, address)


def test_sign_up_confirmed_by_an_administrator(account_pool, admin, signed_up):
    admin.admin_confirm_sign_up(UserPoolId=account_pool.id, Username=signed_up[0])
    assert "AccessToken" in tokens(admin, account_pool.public, signed_up[0])


def confirmed(account_pool, admin, server, signed_up):
    username, address = signed_up
    who = {"ClientId": account_pool.public, "Username": username}
    admin.confirm_sign_up(**who, ConfirmationCode=server.code(address))
    return who, tokens(admin, account_pool.public, username)["AccessToken"]


def test_lost_password(account_pool, admin, server, signed_up):
    who, access = confirmed(account_pool, admin, server, signed_up)
    assert delivered(admin.forgot_password(**who)) == ("EMAIL", "email")
    new = {"ConfirmationCode": server.code(signed_up[1]), "Password": OTHER_PASSWORD}
    admin.confirm_forgot_password(**who, **new)
    assert refusal(admin.confirm_forgot_password, **who, **new) == EXPIRED
    assert "AccessToken" in tokens(admin, account_pool.public, signed_up[0], OTHER_PASSWORD)
    ended = ("NotAuthorizedException", "Access Token has been revoked")
    assert refusal(admin.get_user, AccessToken=access) == ended


def test_password_reset_by_an_administrator(account_pool, admin, server, signed_up):
    who, _ = confirmed(account_pool, admin, server, signed_up)
    admin.admin_reset_user_password(UserPoolId=account_pool.id, Username=signed_up[0])
    required = ("PasswordResetRequiredException", "Password reset required for the user")
    assert refusal(sign_in, admin, account_pool.public, signed_up[0]) == required
    code = server.code(signed_up[1])
    admin.confirm_forgot_password(**who, ConfirmationCode=code, Password=OTHER_PASSWORD)
    assert "AccessToken" in tokens(admin, account_pool.public, signed_up[0], OTHER_PASSWORD)


def test_change_of_password_and_address(account_pool, admin, server, signed_up):
    _, access = confirmed(account_pool, admin, server, signed_up)
    admin.change_password(
        AccessToken=access, PreviousPassword=PASSWORD, ProposedPassword=OTHER_PASSWORD
    )
    new = new_email()
    answer = admin.update_user_attributes(
        AccessToken=access,
        UserAttributes=[{"Name": "email", "Value": new}, {"Name": "name", "Value": "New"}],
    )
    assert [detail["Destination"] for detail in answer["CodeDeliveryDetailsList"]] == ["u***@e***"]
    admin.get_user_attribute_verification_code(AccessToken=access, AttributeName="email")
    admin.verify_user_attribute(AccessToken=access, AttributeName="email", Code=server.code(new))
    admin.delete_user_attributes(AccessToken=access, UserAttributeNames=["name"])
    found = admin.get_user(AccessToken=access)["UserAttributes"]
    values = {attribute["Name"]: attribute["Value"] for attribute in found}
    assert (values["email"], values["email_verified"]) == (new, "true")
    assert "name" not in values
    assert "AccessToken" in tokens(admin, account_pool.public, new, OTHER_PASSWORD)


def test_a_code_in_place_of_the_password(account_pool, admin, server, signed_up):
    username, address = signed_up
    asked = admin.initiate_auth(
        ClientId=account_pool.public,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": username, "PREFERRED_CHALLENGE": "EMAIL_OTP"},
    )
    assert (asked["ChallengeName"], asked["AvailableChallenges"]) == ("EMAIL_OTP", ["EMAIL_OTP"])
    answer = admin.respond_to_auth_challenge(
        ClientId=account_pool.public,
        ChallengeName="EMAIL_OTP",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": username, "EMAIL_OTP_CODE": server.code(address)},
    )
    assert "AccessToken" in answer["AuthenticationResult"]
    user = admin.admin_get_user(UserPoolId=account_pool.id, Username=username)
    assert user["UserStatus"] == "CONFIRMED"


def test_rotation(account_pool, admin, server, signed_up):
    confirmed(account_pool, admin, server, signed_up)
    client = admin.create_user_pool_client(
        UserPoolId=account_pool.id,
        ClientName="rotating",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]["ClientId"]
    first = tokens(admin, client, signed_up[0])["RefreshToken"]

    def exchange(token):
        return admin.get_tokens_from_refresh_token(ClientId=client, RefreshToken=token)

    second = exchange(first)["AuthenticationResult"]["RefreshToken"]
    assert first != second
    assert refusal(exchange, first)[0] == "RefreshTokenReuseException"
    assert refusal(exchange, second)[1] == "Refresh Token has been revoked"


def test_sessions(account_pool, admin, server, signed_up):
    _, access = confirmed(account_pool, admin, server, signed_up)
    pool = {"UserPoolId": account_pool.id}
    user = pool | {"Username": signed_up[0]}
    rules = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 5}}
    admin.set_user_pool_session_configuration(**pool, **rules)
    found = admin.get_user_pool_session_configuration(**pool)
    assert {name: found[name] for name in rules} == rules
    client = pool | {"ClientId": account_pool.public}
    sso = {"SSOSession": {"MaxValidityMinutes": 5}}
    admin.set_user_pool_client_session_configuration(**client, **sso)
    found = admin.get_user_pool_client_session_configuration(**client)
    assert found["SSOSession"] == sso["SSOSession"]
    other = tokens(admin, account_pool.public, signed_up[0])["AccessToken"]
    own = admin.list_user_sessions(AccessToken=access)["Sessions"]
    assert sorted(session["IsCurrentSession"] for session in own) == [False, True]
    [mine] = [session["SessionId"] for session in own if session["IsCurrentSession"]]
    admin.revoke_user_session(AccessToken=other, SessionId=mine)
    [left] = admin.admin_list_user_sessions(**user)["Sessions"]
    admin.admin_revoke_user_session(**user, SessionId=left["SessionId"])
    assert refusal(admin.get_user, AccessToken=other)[1] == "Access Token has been revoked"
    off = {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 5}}
    admin.set_user_pool_session_configuration(**pool, **off)
    assert refusal(admin.list_user_sessions, AccessToken=access)[0] == "NotAuthorizedException"
