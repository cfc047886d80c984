"""The AWS SDK for JavaScript v3, with cognito-srp-helper for the proofs of passwords."""

from support import PASSWORD, run_node


def test_administration_and_srp(server, admin):
    pool = admin.create_user_pool(PoolName="sdk")["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool,
        ClientName="server",
        GenerateSecret=True,
        PreventUserExistenceErrors="ENABLED",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    for number in range(3):
        admin.admin_create_user(
            UserPoolId=pool, Username=f"user-{number}", MessageAction="SUPPRESS"
        )
    task = {
        "endpoint": server.base,
        "region": server.dev["region"],
        "pool": pool,
        "client": client["ClientId"],
        "secret": client["ClientSecret"],
        "key": server.dev["access_key"],
        "username": "sdk",
        "password": PASSWORD,
    }
    refused = {
        "name": "NotAuthorizedException",
        "message": "Incorrect username or password.",
    }
    assert run_node("sdk3.mjs", task) == [
        ["created", ["CONFIRMED", True]],
        ["signedIn", "Bearer"],
        ["self", "sdk"],
        ["listed", 4],
        ["gone", [True, "User does not exist.", 400]],
        ["failed", refused],
    ]
