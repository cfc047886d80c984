"""@aws-amplify/auth v6, unmodified, under Node: the whole life of an account."""

from support import OTHER_PASSWORD, PASSWORD, new_email, run_node


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
