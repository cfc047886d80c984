"""@aws-amplify/auth v6, unmodified, under Node: the whole life of an account."""

from support import OTHER_PASSWORD, PASSWORD, new_email, new_user, run_node


def test_life_of_an_account(server, admin):
    """Sign-up, SRP, attributes, refresh, TOTP set-up and sign-in, lost password, deletion."""
    pool = admin.create_user_pool(
        PoolName="amplify",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        MfaConfiguration="OPTIONAL",
    )["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    task = {
        "endpoint": f"{server.base}/",
        "pool": pool,
        "client": client,
        "inbox": server.dev["inbox_url"],
        "username": new_email(),
        "address": new_email(),
        "password": PASSWORD,
        "password2": OTHER_PASSWORD,
    }
    assert run_node("amplify.mjs", task) == [
        ["signUp", ["CONFIRM_SIGN_UP", "EMAIL"]],
        ["confirmSignUp", "DONE"],
        ["signIn", "DONE"],
        ["attributes", ["email", "email_verified", "sub"]],
        ["refreshed", True],
        ["updateUserAttributes", "CONFIRM_ATTRIBUTE_WITH_CODE"],
        ["verified", "true"],
        ["mfa", {"preferred": "TOTP", "enabled": ["TOTP"]}],
        ["signedOut", None],
        ["signIn", "CONFIRM_SIGN_IN_WITH_TOTP_CODE"],
        ["confirmSignIn", "DONE"],
        ["resetPassword", "CONFIRM_RESET_PASSWORD_WITH_CODE"],
        ["signIn", "CONFIRM_SIGN_IN_WITH_TOTP_CODE"],
        ["deleted", None],
        ["failed", {"name": "UserNotFoundException", "message": "User does not exist."}],
    ]


def test_remembered_device(server, admin):
    """A remembered device takes the authenticator app's place until it is forgotten."""
    pool = admin.create_user_pool(
        PoolName="amplify devices",
        UsernameAttributes=["email"],
        MfaConfiguration="OPTIONAL",
        DeviceConfiguration={
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": True,
        },
    )["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    task = {
        "endpoint": f"{server.base}/",
        "pool": pool,
        "client": client,
        "username": new_user(admin, pool)[1],
        "password": PASSWORD,
    }
    assert run_node("amplify_devices.mjs", task) == [
        ["signIn", "DONE"],
        ["devices", 1],
        ["signIn", "CONFIRM_SIGN_IN_WITH_TOTP_CODE"],
        ["signIn", "DONE"],
        ["device", "string"],
        ["refreshed", True],
        ["devices", 0],
        ["signIn", "CONFIRM_SIGN_IN_WITH_TOTP_CODE"],
    ]


def test_codes_in_place_of_a_password(server, admin):
    """Sign-up without a password, the sign-in that follows it, and one by a code."""
    pool = admin.create_user_pool(
        PoolName="amplify codes",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
    )["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    task = {
        "endpoint": f"{server.base}/",
        "pool": pool,
        "client": client,
        "inbox": server.dev["inbox_url"],
        "username": new_email(),
    }
    assert run_node("amplify_codes.mjs", task) == [
        ["signUp", "CONFIRM_SIGN_UP"],
        ["confirmSignUp", "COMPLETE_AUTO_SIGN_IN"],
        ["autoSignIn", "DONE"],
        ["attributes", ["email", "email_verified", "sub"]],
        ["signIn", "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"],
        ["confirmSignIn", "DONE"],
    ]
