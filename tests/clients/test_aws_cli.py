"""aws-cli: the command line that operators already have in their scripts."""

import json
import os
import shutil
import subprocess

import pytest

from support import PASSWORD, claims, new_user, secret_hash


@pytest.fixture(scope="module")
def aws(server):
    """Runs `aws cognito-idp …` and gives its answer; a failure gives what it said."""
    key = server.dev["access_key"]
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": key["id"],
        "AWS_SECRET_ACCESS_KEY": key["secret"],
        "AWS_DEFAULT_REGION": server.dev["region"],
        "AWS_MAX_ATTEMPTS": "1",
    }
    program = [shutil.which("aws"), "cognito-idp", "--endpoint-url", server.base]

    def aws(*arguments, fails=False):
        done = subprocess.run(
            [*program, *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return done.stderr.strip() if fails else json.loads(done.stdout or "null")

    return aws


def credentials(**parameters) -> str:
    return ",".join(f"{name}={value}" for name, value in parameters.items())


def test_sign_in_and_get_user(server, admin, pool, aws):
    username, email = new_user(admin, pool.id)
    result = aws(
        *("initiate-auth", "--client-id", pool.public, "--auth-flow", "USER_PASSWORD_AUTH"),
        *("--auth-parameters", credentials(USERNAME=email, PASSWORD=PASSWORD)),
    )["AuthenticationResult"]
    assert aws("get-user", "--access-token", result["AccessToken"])["Username"] == username
    assert aws("global-sign-out", "--access-token", result["AccessToken"]) in (None, {})
    assert aws("get-user", "--access-token", result["AccessToken"], fails=True).endswith(
        "An error occurred (NotAuthorizedException) when calling the GetUser operation: "
        "Access Token has been revoked"
    )


def test_admin_sign_in(admin, pool, aws):
    _, email = new_user(admin, pool.id)
    hashed = secret_hash(pool.secret, email, pool.confidential)
    answer = aws(
        *("admin-initiate-auth", "--user-pool-id", pool.id, "--client-id", pool.confidential),
        *("--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters"),
        json.dumps({"USERNAME": email, "PASSWORD": PASSWORD, "SECRET_HASH": hashed}),
    )
    assert answer["ChallengeParameters"] == {}
    assert claims(answer["AuthenticationResult"]["AccessToken"])["client_id"] == pool.confidential


def test_create_a_pool_and_list_its_users_page_by_page(admin, aws):
    made = aws("create-user-pool", "--pool-name", "cli", "--username-attributes", "email")
    pool = made["UserPool"]["Id"]
    usernames = {new_user(admin, pool, temporary=True)[0] for _ in range(5)}
    listed = aws("list-users", "--user-pool-id", pool, "--page-size", "2")["Users"]
    assert len(listed) == 5 and {user["Username"] for user in listed} == usernames


def test_pools_and_clients_as_they_are_written_down(admin, aws):
    pool = ("--user-pool-id", aws("create-user-pool", "--pool-name", "kept")["UserPool"]["Id"])
    factors = ("--software-token-mfa-configuration", "Enabled=true")
    aws("update-user-pool", *pool, "--user-pool-tags", "team=blue")
    aws("add-custom-attributes", *pool, "--custom-attributes", "Name=tier,AttributeDataType=String")
    aws("set-user-pool-mfa-config", *pool, *factors, "--mfa-configuration", "OPTIONAL")
    assert aws("get-user-pool-mfa-config", *pool)["MfaConfiguration"] == "OPTIONAL"
    assert aws("get-signing-certificate", *pool)["Certificate"]
    shown = aws("describe-user-pool", *pool)["UserPool"]
    assert shown["UserPoolTags"] == {"team": "blue"}
    made = aws("create-user-pool-client", *pool, "--client-name", "app", "--generate-secret")
    client = (*pool, "--client-id", made["UserPoolClient"]["ClientId"])
    renamed = aws("update-user-pool-client", *client, "--client-name", "web")["UserPoolClient"]
    assert renamed["ClientName"] == "web"
    added = aws("add-user-pool-client-secret", *client)["ClientSecretDescriptor"]
    assert len(aws("list-user-pool-client-secrets", *client)["ClientSecrets"]) == 2
    secret = ("--client-secret-id", added["ClientSecretId"])
    aws("delete-user-pool-client-secret", *client, *secret)
    aws("delete-user-pool", *pool)


def test_links_settings_and_factors(admin, pool, aws):
    username, _ = new_user(admin, pool.id)
    user = ("--user-pool-id", pool.id, "--username", username)
    source = f"ProviderName=Okta,ProviderAttributeName=email,ProviderAttributeValue={username}"
    destination = f"ProviderName=Cognito,ProviderAttributeValue={username}"
    aws(
        *("admin-link-provider-for-user", "--user-pool-id", pool.id),
        *("--destination-user", destination, "--source-user", source),
    )
    aws("admin-disable-provider-for-user", "--user-pool-id", pool.id, "--user", source)
    aws("admin-set-user-settings", *user, "--mfa-options", "[]")
    factors = aws("admin-get-user-auth-factors", *user)
    assert factors["ConfiguredUserAuthFactors"] == ["PASSWORD"]
    refused = aws("admin-list-user-auth-events", *user, fails=True)
    assert "UserPoolAddOnNotEnabledException" in refused
