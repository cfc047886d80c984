"""pycognito: SRP from the other side, and its own verification of tokens."""

import pytest
from botocore.exceptions import ClientError
from pycognito import Cognito
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException, SoftwareTokenMFAChallengeException

from support import OTHER_PASSWORD, PASSWORD, PYCOGNITO, new_email


@pytest.fixture
def sign_in(server):
    """Signs a user in by SRP; the answer is the session object with its tokens, verified."""

    def sign_in(user: dict, password: str | None = None, confidential: bool = False) -> Cognito:
        client = server.dev["clients"]["confidential" if confidential else "public"]
        session = Cognito(
            server.dev["pool_id"],
            client["id"],
            client_secret=client.get("secret"),
            username=user["email"],
            user_pool_region=server.dev["region"],
            boto3_client_kwargs={"endpoint_url": server.dev["base_url"]} | PYCOGNITO,
        )
        session.authenticate(password=password or user["password"])
        return session

    return sign_in


@pytest.mark.parametrize("confidential", [False, True])
def test_srp_and_token_verification(sign_in, server, confidential):
    # `authenticate` verifies both tokens: signature, issuer, audience and use.
    session = sign_in(server.user("CONFIRMED"), confidential=confidential)
    assert session.id_claims["email"] == server.user("CONFIRMED")["email"]
    assert session.access_claims["username"] == server.user("CONFIRMED")["username"]
    session.check_token()


def test_wrong_password_and_unknown_user(sign_in, server):
    refused = set()
    for user in (server.user("CONFIRMED"), {"email": "nobody@example.com"}):
        with pytest.raises(ClientError) as error:
            sign_in(user, "Wrong-Passw0rd")
        refused.add((error.value.response["Error"]["Code"], str(error.value)))
    assert refused == {
        (
            "NotAuthorizedException",
            "An error occurred (NotAuthorizedException) when calling the "
            "RespondToAuthChallenge operation: Incorrect username or password.",
        )
    }


def test_challenges_follow(sign_in, server):
    with pytest.raises(ForceChangePasswordException):
        sign_in(server.user("FORCE_CHANGE_PASSWORD"))
    with pytest.raises(SoftwareTokenMFAChallengeException):
        sign_in(server.user("TOTP"))


def test_a_forced_change_by_srp(server, admin):
    pool, client = server.dev["pool_id"], server.dev["clients"]["confidential"]
    email = "srp-change@example.com"
    admin.admin_create_user(
        UserPoolId=pool, Username=email, TemporaryPassword="Temporary-1", MessageAction="SUPPRESS"
    )
    exchange = AWSSRP(
        username=email,
        password="Temporary-1",
        pool_id=pool,
        client_id=client["id"],
        client_secret=client["secret"],
        client=server.cognito(user_agent="pycognito"),
    )
    answer = exchange.set_new_password_challenge("Brand-New-Passw0rd-2")
    assert answer["AuthenticationResult"]["TokenType"] == "Bearer"


def test_life_of_an_account(account_pool, server):
    """Sign-up, confirmation, attributes, change and loss of the password."""
    address = new_email()
    username = address.partition("@")[0]

    def session(**more):
        return Cognito(
            account_pool.id,
            account_pool.public,
            username=username,
            user_pool_region=server.dev["region"],
            boto3_client_kwargs={
                "endpoint_url": server.dev["base_url"],
                "aws_access_key_id": "none",
                "aws_secret_access_key": "none",
            }
            | PYCOGNITO,
            **more,
        )

    user = session()
    user.set_base_attributes(email=address)
    user.register(username, PASSWORD)
    user.confirm_sign_up(server.code(address), username=username)
    user.authenticate(PASSWORD)
    user.update_profile({"name": "Py"})
    assert user.get_user().name == "Py"
    user.send_verification("email")
    user.validate_verification(server.code(address), "email")
    user.change_password(PASSWORD, OTHER_PASSWORD)
    user.logout()
    user = session()
    user.initiate_forgot_password()
    user.confirm_forgot_password(server.code(address), PASSWORD)
    user.authenticate(PASSWORD)
    assert user.id_claims["cognito:username"] == username
