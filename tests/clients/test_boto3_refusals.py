"""boto3: what is refused, with Cognito's exception and message."""

import pytest

from support import (
    OTHER_PASSWORD,
    PASSWORD,
    new_email,
    new_user,
    poll,
    refresh,
    refusal,
    secret_hash,
    sign_in,
    tokens,
)

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
SESSION = "A" * 40


def not_authorized(message):
    return "NotAuthorizedException", message


def invalid(message):
    return "InvalidParameterException", message


@pytest.fixture(scope="module")
def user(admin, pool):
    """The e-mail address of a confirmed user. Nothing here changes the user."""
    return new_user(admin, pool.id)[1]


# --- passwords -----------------------------------------------------------------------------------


def test_wrong_password_and_unknown_user(admin, pool, user):
    nobody = new_email()
    assert refusal(sign_in, admin, pool.public, user, OTHER_PASSWORD) == WRONG
    assert refusal(sign_in, admin, pool.public, nobody) == WRONG
    assert refusal(sign_in, admin, pool.telling, user, OTHER_PASSWORD) == WRONG
    assert refusal(sign_in, admin, pool.telling, nobody) == (
        "UserNotFoundException",
        "User does not exist.",
    )


def test_unknown_users_cannot_be_told_apart(server, pool, user):
    def answer(name):
        parameters = {"USERNAME": name, "PASSWORD": OTHER_PASSWORD}
        body = {"ClientId": pool.public, "AuthFlow": "USER_PASSWORD_AUTH"}
        response = server.raw("InitiateAuth", body | {"AuthParameters": parameters})
        varying = {"x-amzn-requestid", "x-request-id", "date"}
        headers = {name.lower(): value for name, value in response.headers.items()}
        return (
            response.status_code,
            response.content,
            set(headers),
            {name: value for name, value in headers.items() if name not in varying},
        )

    assert answer(new_email()) == answer(user)


@pytest.mark.parametrize(
    ("state", "proved"),
    [
        ("DISABLED", not_authorized("User is disabled.")),
        ("UNCONFIRMED", ("UserNotConfirmedException", "User is not confirmed.")),
        # A lock looks like a wrong password where users are hidden.
        ("LOCKED", WRONG),
    ],
)
def test_a_users_state_is_told_to_who_knows_the_password(server, admin, state, proved):
    user = server.user(state)
    assert refusal(sign_in, admin, server.public, user["email"], user["password"]) == proved
    assert refusal(sign_in, admin, server.public, user["email"], "Wrong-Horse-9") == WRONG


def test_five_failures_lock_for_a_second(admin, pool):
    _, email = new_user(admin, pool.id)
    for _ in range(5):
        assert refusal(sign_in, admin, pool.telling, email, OTHER_PASSWORD) == WRONG
    for password in (OTHER_PASSWORD, PASSWORD):
        assert refusal(sign_in, admin, pool.telling, email, password) == LOCKED
        assert refusal(sign_in, admin, pool.public, email, password) == WRONG

    def unlocked():
        try:
            return sign_in(admin, pool.telling, email)
        except admin.exceptions.NotAuthorizedException as error:
            assert error.response["Error"]["Message"] == LOCKED[1]

    assert poll("the lock ends", unlocked, 10)["AuthenticationResult"]
    # Success forgets the failures.
    assert refusal(sign_in, admin, pool.public, email, OTHER_PASSWORD) == WRONG
    assert sign_in(admin, pool.public, email)["AuthenticationResult"]


# --- app clients and flows -----------------------------------------------------------------------


def test_secret_hash(admin, pool, user):
    client = pool.confidential
    missing = not_authorized(
        f"Client {client} is configured for secret but secret was not received"
    )
    wrong = not_authorized(f"Unable to verify secret hash for client {client}")
    others = secret_hash(pool.secret, "somebody@example.com", client)
    assert refusal(sign_in, admin, client, user) == missing
    assert refusal(sign_in, admin, client, user, SECRET_HASH="bm9uc2Vuc2U=") == wrong
    assert refusal(sign_in, admin, client, user, SECRET_HASH=others) == wrong
    right = secret_hash(pool.secret, user, client)
    token = sign_in(admin, client, user, SECRET_HASH=right)["AuthenticationResult"]["RefreshToken"]
    assert refusal(refresh, admin, client, token) == missing
    # Cognito says either here.
    assert refusal(refresh, admin, client, token, SECRET_HASH="bm9uc2Vuc2U=") in (
        wrong,
        not_authorized(f"SecretHash does not match for the client: {client}"),
    )


@pytest.mark.parametrize(
    ("client", "flow", "parameters", "expected"),
    [
        ("refreshing", "USER_PASSWORD_AUTH", {"USERNAME": "x", "PASSWORD": "x"},
         invalid("USER_PASSWORD_AUTH flow not enabled for this client")),
        ("public", "ADMIN_USER_PASSWORD_AUTH", {"USERNAME": "x", "PASSWORD": "x"},
         invalid("Initiate Auth method not supported.")),
        ("public", "USER_PASSWORD_AUTH", {"USERNAME": "x"},
         invalid("Missing required parameter PASSWORD")),
        ("public", "USER_PASSWORD_AUTH", {"PASSWORD": "x"},
         invalid("Missing required parameter USERNAME")),
        ("public", "REFRESH_TOKEN_AUTH", {}, invalid("Missing required parameter REFRESH_TOKEN")),
    ],
)  # fmt: skip
def test_flows(admin, pool, client, flow, parameters, expected):
    assert expected == refusal(
        admin.initiate_auth,
        ClientId=getattr(pool, client),
        AuthFlow=flow,
        AuthParameters=parameters,
    )


def test_admin_flow_not_enabled(admin, pool, user):
    call = {
        "UserPoolId": pool.id,
        "ClientId": pool.public,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": user, "PASSWORD": PASSWORD},
    }
    assert refusal(admin.admin_initiate_auth, **call) == invalid(
        "ADMIN_USER_PASSWORD_AUTH flow not enabled for this client"
    )


def test_unknown_pools_and_clients(server, admin, pool, user):
    absent = "us-east-1_000000000"
    no_pool = ("ResourceNotFoundException", f"User pool {absent} does not exist.")
    no_client = "ResourceNotFoundException", "User pool client {} does not exist."
    assert refusal(admin.describe_user_pool, UserPoolId=absent) == no_pool
    assert refusal(admin.list_users, UserPoolId=absent) == no_pool
    assert refusal(sign_in, admin, "0" * 26, user) == (no_client[0], no_client[1].format("0" * 26))
    # An app client of another pool is no better than one that does not exist.
    call = {
        "UserPoolId": pool.id,
        "ClientId": server.public,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": user, "PASSWORD": PASSWORD},
    }
    assert refusal(admin.admin_initiate_auth, **call) == (
        no_client[0],
        no_client[1].format(server.public),
    )


# --- challenge sessions --------------------------------------------------------------------------


def test_challenge_sessions(admin, pool):
    _, email = new_user(admin, pool.id, temporary=True)
    _, other = new_user(admin, pool.id, temporary=True)

    def answer(client=pool.public, username=email, name="NEW_PASSWORD_REQUIRED", **session):
        responses = {
            "USERNAME": username,
            "NEW_PASSWORD": OTHER_PASSWORD,
            "SOFTWARE_TOKEN_MFA_CODE": "123456",
        }
        return admin.respond_to_auth_challenge(
            ClientId=client, ChallengeName=name, ChallengeResponses=responses, **session
        )

    session = sign_in(admin, pool.public, email)["Session"]
    forged = session[:-8] + ("AAAAAAAA" if session[-8:] != "AAAAAAAA" else "BBBBBBBB")
    bad = not_authorized("Invalid session for the user.")
    assert refusal(answer) == invalid("Missing required parameter Session")
    assert refusal(answer, Session=SESSION) == bad
    assert refusal(answer, Session=forged) == bad
    assert refusal(answer, Session=session, client=pool.telling) == bad
    assert refusal(answer, Session=session, username=other) == bad
    assert refusal(answer, Session=session, name="SOFTWARE_TOKEN_MFA") == bad
    assert answer(Session=session)["AuthenticationResult"]


# --- tokens --------------------------------------------------------------------------------------


def test_access_tokens(admin, pool, user):
    mine = tokens(admin, pool.public, user)
    header, payload, signature = mine["AccessToken"].split(".")
    bad = not_authorized("Invalid Access Token")
    for token in (
        "nonsense",
        mine["IdToken"],
        mine["RefreshToken"],
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"eyJhbGciOiJub25lIn0.{payload}.",
        f"{header}.{payload}.{signature}.{signature}",
    ):
        assert refusal(admin.get_user, AccessToken=token) == bad, token
    assert refusal(admin.global_sign_out, AccessToken=mine["IdToken"]) == bad
    assert refusal(admin.associate_software_token, AccessToken=mine["IdToken"]) == bad


def test_refresh_tokens(server, admin, pool, user):
    mine = tokens(admin, pool.public, user)
    bad = not_authorized("Invalid Refresh Token")
    for token in ("nonsense", mine["AccessToken"], mine["RefreshToken"][:-8] + "AAAAAAAA"):
        assert refusal(refresh, admin, pool.public, token) == bad, token
    # Of another client, of another pool.
    for client in (pool.telling, server.public):
        assert refusal(refresh, admin, client, mine["RefreshToken"]) == bad
    assert refresh(admin, pool.public, mine["RefreshToken"])


def test_revoke_token(admin, pool, user):
    mine = tokens(admin, pool.public, user)
    for kind in ("AccessToken", "IdToken"):
        refused = refusal(admin.revoke_token, Token=mine[kind], ClientId=pool.public)
        assert refused[0] == "UnsupportedTokenTypeException"
    hashed = secret_hash(pool.secret, user, pool.confidential)
    token = sign_in(admin, pool.confidential, user, SECRET_HASH=hashed)["AuthenticationResult"]
    revoke = {"Token": token["RefreshToken"], "ClientId": pool.confidential}
    assert refusal(admin.revoke_token, **revoke)[0] == "UnauthorizedException"
    wrong = {"ClientSecret": "0" * 51}
    assert refusal(admin.revoke_token, **revoke, **wrong)[0] == "UnauthorizedException"
    admin.revoke_token(**revoke, ClientSecret=pool.secret)


# --- administration ------------------------------------------------------------------------------


def test_users(admin, pool, user):
    create, where = admin.admin_create_user, {"UserPoolId": pool.id}
    exists = ("UsernameExistsException", "User account already exists")
    assert refusal(create, Username=user, MessageAction="SUPPRESS", **where) == exists
    assert refusal(create, Username="zoe", **where) == invalid("Username should be an email.")
    resend = refusal(create, Username=user, MessageAction="RESEND", **where)
    assert resend[0] == "UnsupportedUserStateException"
    foreign = where | {"UserAttributes": [{"Name": "custom:x", "Value": "1"}]}
    assert refusal(create, Username=new_email(), **foreign) == invalid(
        "Attributes did not conform to the schema: "
        "custom:x: Attribute does not exist in the schema.\n"
    )

    unknown = ("UserNotFoundException", "User does not exist.")
    nobody = where | {"Username": new_email()}
    assert refusal(admin.admin_get_user, **nobody) == unknown
    assert refusal(admin.admin_set_user_password, Password=PASSWORD, **nobody) == unknown
    admin.create_group(GroupName="there", **where)
    assert refusal(admin.admin_add_user_to_group, GroupName="there", **nobody) == unknown
    assert refusal(admin.admin_add_user_to_group, GroupName="gone", Username=user, **where) == (
        "ResourceNotFoundException",
        "Group not found.",
    )
    assert refusal(admin.create_group, GroupName="there", **where) == (
        "GroupExistsException",
        "A group with the name already exists.",
    )


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Short-1", "Password not long enough"),
        ("UPPERCASE-1", "Password must have lowercase characters"),
        ("lowercase-1", "Password must have uppercase characters"),
        ("No-Numbers", "Password must have numeric characters"),
        ("NoSymbols1", "Password must have symbol characters"),
    ],
)
def test_password_policy(admin, pool, user, password, rule):
    refused = ("InvalidPasswordException", f"Password did not conform with policy: {rule}")
    where = {"UserPoolId": pool.id}
    for permanent in (True, False):
        assert refused == refusal(
            admin.admin_set_user_password,
            Username=user,
            Password=password,
            Permanent=permanent,
            **where,
        )
    create = {"Username": new_email(), "TemporaryPassword": password, "MessageAction": "SUPPRESS"}
    assert refusal(admin.admin_create_user, **create, **where) == refused


@pytest.mark.parametrize(
    "filter", ["email", "email = zoe", 'email > "a"', 'custom:x = "1"', 'email = "a" or sub = "b"']
)
def test_list_users_filter(admin, pool, filter):
    error = invalid("Error while parsing filter.")
    assert refusal(admin.list_users, UserPoolId=pool.id, Filter=filter) == error


def test_list_users_pagination_token(admin, pool):
    refused = refusal(admin.list_users, UserPoolId=pool.id, PaginationToken="nonsense")
    assert refused[0] == "InvalidParameterException"


def test_no_authenticator_apps_in_a_pool_without_them(admin, pool, user):
    access = tokens(admin, pool.public, user)["AccessToken"]
    assert refusal(admin.associate_software_token, AccessToken=access) == (
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA has not been enabled by the userPool",
    )


# --- validation ----------------------------------------------------------------------------------

NOT_NULL = "Member must not be null"


@pytest.mark.parametrize(
    ("operation", "arguments", "violations"),
    [
        ("initiate_auth", {},
         [f"Value null at 'authFlow' failed to satisfy constraint: {NOT_NULL}",
          f"Value null at 'clientId' failed to satisfy constraint: {NOT_NULL}"]),
        ("initiate_auth", {"ClientId": "a b", "AuthFlow": "USER_PASSWORD_AUTH"},
         [r"Value 'a b' at 'clientId' failed to satisfy constraint: "
          r"Member must satisfy regular expression pattern: [\w+]+"]),
        ("initiate_auth", {"ClientId": "abc", "AuthFlow": "PASSWORD"},
         ["Value 'PASSWORD' at 'authFlow' failed to satisfy constraint: Member must satisfy enum "
          "value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, "
          "ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]"]),
        ("get_user", {}, [f"Value at 'accessToken' failed to satisfy constraint: {NOT_NULL}"]),
        ("list_users", {"UserPoolId": "us-east-1_x", "Limit": 61},
         ["Value '61' at 'limit' failed to satisfy constraint: "
          "Member must have value less than or equal to 60"]),
        ("create_user_pool", {"PoolName": "x" * 129},
         [f"Value '{'x' * 129}' at 'poolName' failed to satisfy constraint: "
          "Member must have length less than or equal to 128"]),
        ("admin_create_user",
         {"UserPoolId": "us-east-1_x", "Username": "u", "UserAttributes": [{"Value": "v"}]},
         ["Value null at 'userAttributes.1.member.name' failed to satisfy constraint: "
          + NOT_NULL]),
    ],
)  # fmt: skip
def test_validation_messages(server, operation, arguments, violations):
    client = server.cognito(parameter_validation=False)
    plural = "s" if len(violations) > 1 else ""
    message = f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"
    assert refusal(getattr(client, operation), **arguments) == invalid(message)


def test_an_operation_without_behaviour(admin, pool):
    refused = refusal(admin.list_resource_servers, UserPoolId=pool.id, MaxResults=1)
    assert refused[0] == "UnknownOperationException"
