"""boto3: what people have seen Amazon Cognito answer, and programs therefore rely on. Where a page of
Amazon's says otherwise, the seen answer counts (docs/decisions/faces.md)."""

import uuid

import pytest

from support import PASSWORD, new_email, refresh, refusal, sign_in

INVALID = "InvalidParameterException"


class MeasuredPool:
    """A pool with an app client, whose users choose their usernames."""

    def __init__(self, admin, **settings):
        self.admin = admin
        self.pool = admin.create_user_pool(PoolName="measured", **settings)["UserPool"]["Id"]
        self.client = self.app(
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        )

    def app(self, **settings):
        made = self.admin.create_user_pool_client(
            UserPoolId=self.pool, ClientName="app", **settings
        )
        return made["UserPoolClient"]["ClientId"]

    def sign_up(self, username, client=None, **attributes):
        given = [{"Name": name, "Value": value} for name, value in attributes.items()]
        return self.admin.sign_up(
            ClientId=client or self.client,
            Username=username,
            Password=PASSWORD,
            UserAttributes=given,
        )

    def create(self, username, **more):
        return self.admin.admin_create_user(UserPoolId=self.pool, Username=username, **more)

    def attributes(self, username):
        user = self.admin.admin_get_user(UserPoolId=self.pool, Username=username)
        return {given["Name"]: given["Value"] for given in user["UserAttributes"]}

    def set_password(self, username):
        self.admin.admin_set_user_password(
            UserPoolId=self.pool, Username=username, Password=PASSWORD, Permanent=True
        )


@pytest.fixture
def own(admin):
    """Makes pools that end with the test."""
    made = []

    def make(**settings):
        made.append(MeasuredPool(admin, **settings))
        return made[-1]

    yield make
    for one in made:
        admin.delete_user_pool(UserPoolId=one.pool)


def test_a_uuid_is_a_username_and_a_sub_is_not(own):
    one = own()
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    sub = one.sign_up(first)["UserSub"]
    assert one.create(second)["User"]["Username"] == second
    taken = ("UsernameExistsException", "User already exists")
    assert refusal(one.sign_up, sub) == taken
    one.set_password(second)
    assert "AuthenticationResult" in sign_in(one.admin, one.client, second)
    hidden = one.attributes(second)["sub"]
    no_name = ("UserNotFoundException", "User does not exist.")
    assert refusal(sign_in, one.admin, one.client, hidden) == no_name


def test_a_username_is_enough_for_a_user(own):
    one = own()
    for more in ({}, {"TemporaryPassword": PASSWORD}):
        user = one.create(f"user-{len(more)}", **more)["User"]
        assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"


@pytest.mark.parametrize(
    "flows, has_srp",
    [
        (["USER_PASSWORD_AUTH"], True),
        (["ADMIN_NO_SRP_AUTH"], True),
        (["CUSTOM_AUTH_FLOW_ONLY"], False),
    ],
)
def test_legacy_flows_leave_srp_on(own, flows, has_srp):
    one = own()
    one.create("ann", MessageAction="SUPPRESS")
    one.set_password("ann")
    client = one.app(ExplicitAuthFlows=flows)
    asked = {"AuthFlow": "USER_SRP_AUTH", "ClientId": client}
    asked["AuthParameters"] = {"USERNAME": "ann", "SRP_A": "5" * 300}
    if has_srp:
        assert one.admin.initiate_auth(**asked)["ChallengeName"] == "PASSWORD_VERIFIER"
    else:
        told = (INVALID, "USER_SRP_AUTH flow not enabled for this client")
        assert refusal(one.admin.initiate_auth, **asked) == told


def test_an_update_of_a_pool_keeps_its_policies_and_mfa(own):
    policies = {
        "PasswordPolicy": {"MinimumLength": 20},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
    }
    one = own(MfaConfiguration="OPTIONAL", Policies=policies, AutoVerifiedAttributes=["email"])
    one.admin.update_user_pool(UserPoolId=one.pool, UserPoolTags={"team": "a"})
    pool = one.admin.describe_user_pool(UserPoolId=one.pool)["UserPool"]
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 20
    assert pool["Policies"]["SignInPolicy"] == policies["SignInPolicy"]
    assert "AutoVerifiedAttributes" not in pool


def test_an_update_of_a_client_keeps_numbers_and_switches(own):
    one = own()
    kept = {
        "AccessTokenValidity": 30,
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "EnableTokenRevocation": False,
        "AuthSessionValidity": 5,
        "PreventUserExistenceErrors": "ENABLED",
    }
    client = one.app(ReadAttributes=["email"], ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"], **kept)
    one.admin.update_user_pool_client(UserPoolId=one.pool, ClientId=client, ClientName="other")
    shown = one.admin.describe_user_pool_client(UserPoolId=one.pool, ClientId=client)
    shown = shown["UserPoolClient"]
    assert shown["ClientName"] == "other"
    assert {name: shown[name] for name in kept} == kept
    assert not {"ReadAttributes", "ExplicitAuthFlows"} & shown.keys()


def test_an_update_of_a_group_keeps_what_it_omits(own):
    one = own()
    group = {"UserPoolId": one.pool, "GroupName": "staff"}
    one.admin.create_group(**group, Description="Staff", Precedence=3)
    updated = one.admin.update_group(**group, Precedence=4)["Group"]
    assert (updated["Description"], updated["Precedence"]) == ("Staff", 4)


def test_custom_attributes_through_a_client_without_a_list(own):
    one = own(Schema=[{"Name": "tier", "AttributeDataType": "String"}])
    for client in (one.client, one.app(WriteAttributes=[])):
        name = f"user-{client}"
        one.sign_up(name, client, **{"custom:tier": "gold"})
        assert one.attributes(name)["custom:tier"] == "gold"
    listed = one.app(WriteAttributes=["email"])
    told = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    assert refusal(one.sign_up, "tom", listed, **{"custom:tier": "gold"}) == told


def test_booleans_as_python_writes_them(own):
    one = own()
    given = [{"Name": "email", "Value": new_email()}, {"Name": "email_verified", "Value": "True"}]
    one.create("ann", UserAttributes=given, MessageAction="SUPPRESS")
    assert one.attributes("ann")["email_verified"] == "true"


def test_passkey_settings_are_kept(own):
    one = own(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}})
    passkeys = {"RelyingPartyId": "example.com", "UserVerification": "required"}
    one.admin.set_user_pool_mfa_config(
        UserPoolId=one.pool, MfaConfiguration="OFF", WebAuthnConfiguration=passkeys
    )
    shown = one.admin.get_user_pool_mfa_config(UserPoolId=one.pool)
    kept = passkeys | {"FactorConfiguration": "SINGLE_FACTOR"}
    assert (shown["MfaConfiguration"], shown["WebAuthnConfiguration"]) == ("OFF", kept)


def test_mfa_is_off_if_the_mode_is_not_given(own):
    one = own()
    set_config = one.admin.set_user_pool_mfa_config
    app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    told = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
    assert refusal(set_config, UserPoolId=one.pool, **app) == (INVALID, told)
    set_config(UserPoolId=one.pool, MfaConfiguration="ON", **app)
    set_config(UserPoolId=one.pool)
    assert one.admin.get_user_pool_mfa_config(UserPoolId=one.pool)["MfaConfiguration"] == "OFF"


def test_an_unconfirmed_user(own):
    one = own(AutoVerifiedAttributes=["email"])
    one.sign_up("una", email=new_email())
    assert one.attributes("una")["email_verified"] == "false"
    told = ("UserNotConfirmedException", "User is not confirmed.")
    assert refusal(sign_in, one.admin, one.client, "una", "wrong") == told
    hiding = one.app(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], PreventUserExistenceErrors="ENABLED"
    )
    told = ("NotAuthorizedException", "Incorrect username or password.")
    assert refusal(sign_in, one.admin, hiding, "una", "wrong") == told
    told = "Cannot reset password for the user as there is no registered/verified email or phone_number"
    assert refusal(one.admin.forgot_password, ClientId=one.client, Username="una") == (INVALID, told)
    one.admin.admin_confirm_sign_up(UserPoolId=one.pool, Username="una")
    assert one.attributes("una")["email_verified"] == "false"


def test_statuses_in_filters(own):
    one = own()
    one.sign_up("una")
    found = one.admin.list_users(UserPoolId=one.pool, Filter='cognito:user_status = "unconfirmed"')
    assert [user["Username"] for user in found["Users"]] == ["una"]


def test_a_device_that_was_never_confirmed(own):
    devices = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
    one = own(DeviceConfiguration=devices)
    one.create("ann", MessageAction="SUPPRESS")
    one.set_password("ann")
    result = sign_in(one.admin, one.client, "ann")["AuthenticationResult"]
    key = result["NewDeviceMetadata"]["DeviceKey"]
    told = ("NotAuthorizedException", "Invalid Refresh Token")
    token = result["RefreshToken"]
    assert refusal(refresh, one.admin, one.client, token, DEVICE_KEY=key) == told


@pytest.mark.parametrize(
    "attribute, told",
    [
        (
            {"Name": "family_name", "AttributeDataType": "Number"},
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema"
            " attribute family_name",
        ),
        (
            {"Name": "tier"},
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        (
            {
                "Name": "tier",
                "AttributeDataType": "String",
                "StringAttributeConstraints": {"MinLength": "9", "MaxLength": "1"},
            },
            "Attribute custom:tier cannot have a max length shorter than it's min length",
        ),
    ],
)
def test_attributes_that_a_schema_cannot_have(admin, attribute, told):
    create = admin.create_user_pool
    assert refusal(create, PoolName="measured", Schema=[attribute]) == (INVALID, told)


def test_texts(own):
    one = own(UsernameAttributes=["email"])
    told = "User email should be empty or same as username, since username attribute is email."
    assert refusal(one.sign_up, new_email(), email=new_email()) == (INVALID, told)
    name = new_email()
    told = "Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters\n"
    assert refusal(one.sign_up, name, birthdate="1.1.1990") == (INVALID, told)
    one.create(name, MessageAction="SUPPRESS")
    told = "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    app = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    prefer = one.admin.admin_set_user_mfa_preference
    assert refusal(prefer, UserPoolId=one.pool, Username=name, **app) == (INVALID, told)
    updates = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    told = "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
    update = one.admin.update_user_pool
    given = {"UserPoolId": one.pool, "UserAttributeUpdateSettings": updates}
    assert refusal(update, **given) == (INVALID, told)
