"""boto3: pools and app clients as tools keep them, their secrets, and linked identities."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from support import PASSWORD, new_user, refusal, secret_hash, tokens


@pytest.fixture
def own(admin):
    """A pool of one's own."""
    pool = admin.create_user_pool(PoolName="own")["UserPool"]
    yield {"UserPoolId": pool["Id"]}
    admin.delete_user_pool(UserPoolId=pool["Id"])


def test_pool_settings(admin, own):
    settings = {
        "AutoVerifiedAttributes": ["email"],
        "MfaConfiguration": "OPTIONAL",
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    }
    admin.update_user_pool(**own, **settings)
    described = admin.describe_user_pool(**own)["UserPool"]
    admin.update_user_pool(**own, **settings)
    again = admin.describe_user_pool(**own)["UserPool"]
    changing = {"LastModifiedDate": None}
    assert described | changing == again | changing
    admin.add_custom_attributes(
        **own, CustomAttributes=[{"Name": "tier", "AttributeDataType": "String"}]
    )
    schema = admin.describe_user_pool(**own)["UserPool"]["SchemaAttributes"]
    assert schema[-1]["Name"] == "custom:tier"


def test_mfa_config(admin, own):
    def shown():
        answer = admin.get_user_pool_mfa_config(**own)
        answer.pop("ResponseMetadata")
        return answer

    assert shown() == {"MfaConfiguration": "OFF"}
    app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "MfaConfiguration": "ON"}
    passkeys = {"WebAuthnConfiguration": {"FactorConfiguration": "SINGLE_FACTOR"}}
    admin.set_user_pool_mfa_config(**own, **app)
    assert shown() == app | passkeys


def test_signing_certificate(admin, own):
    der = base64.b64decode(admin.get_signing_certificate(**own)["Certificate"])
    certificate = x509.load_der_x509_certificate(der)
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == f"CN={own['UserPoolId']}"
    certificate.verify_directly_issued_by(certificate)
    certificate.public_key().verify(
        certificate.signature,
        certificate.tbs_certificate_bytes,
        PKCS1v15(),
        certificate.signature_hash_algorithm,
    )


def test_client_settings(admin, own):
    made = admin.create_user_pool_client(**own, ClientName="app", GenerateSecret=True)
    client = made["UserPoolClient"]
    named = own | {"ClientId": client["ClientId"]}
    updated = admin.update_user_pool_client(**named, ClientName="app")["UserPoolClient"]
    changing = {"LastModifiedDate": None}
    assert updated | changing == client | changing
    assert admin.describe_user_pool_client(**named)["UserPoolClient"] == updated


def test_client_secrets(admin, own):
    made = admin.create_user_pool_client(
        **own,
        ClientName="app",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    client = made["UserPoolClient"]
    named = own | {"ClientId": client["ClientId"]}
    admin.admin_create_user(**own, Username="ann", MessageAction="SUPPRESS")
    admin.admin_set_user_password(**own, Username="ann", Password=PASSWORD, Permanent=True)

    def sign_in(secret):
        hashed = secret_hash(secret, "ann", client["ClientId"])
        given = {"USERNAME": "ann", "PASSWORD": PASSWORD, "SECRET_HASH": hashed}
        return admin.initiate_auth(
            ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
        )

    added = admin.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    for secret in (client["ClientSecret"], added["ClientSecretValue"]):
        assert "AuthenticationResult" in sign_in(secret)
    listed = admin.list_user_pool_client_secrets(**named)["ClientSecrets"]
    first, second = [secret["ClientSecretId"] for secret in listed]
    assert second == added["ClientSecretId"] and "ClientSecretValue" not in listed[0]
    admin.delete_user_pool_client_secret(**named, ClientSecretId=first)
    assert refusal(sign_in, client["ClientSecret"])[0] == "NotAuthorizedException"
    with pytest.raises(admin.exceptions.InvalidParameterException):
        admin.delete_user_pool_client_secret(**named, ClientSecretId=second)


def test_linked_identities(admin, pool):
    name, _ = new_user(admin, pool.id)
    source = {
        "ProviderName": "Google",
        "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": name,
    }
    destination = {"ProviderName": "Cognito", "ProviderAttributeValue": name}
    admin.admin_link_provider_for_user(
        UserPoolId=pool.id, DestinationUser=destination, SourceUser=source
    )
    user = admin.admin_get_user(UserPoolId=pool.id, Username=name)
    assert "identities" in [attribute["Name"] for attribute in user["UserAttributes"]]
    admin.admin_disable_provider_for_user(UserPoolId=pool.id, User=source)
    with pytest.raises(admin.exceptions.UserNotFoundException):
        admin.admin_disable_provider_for_user(UserPoolId=pool.id, User=source)


def test_user_settings_and_factors(admin, pool):
    name, _ = new_user(admin, pool.id)
    user = {"UserPoolId": pool.id, "Username": name}
    number = [{"Name": "phone_number", "Value": "+14325551212"}]
    admin.admin_update_user_attributes(**user, UserAttributes=number)
    sms = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
    admin.admin_set_user_settings(**user, MFAOptions=sms)
    assert admin.admin_get_user(**user)["MFAOptions"] == sms
    access = tokens(admin, pool.public, name)["AccessToken"]
    admin.set_user_settings(AccessToken=access, MFAOptions=[])
    assert "MFAOptions" not in admin.get_user(AccessToken=access)
    factors = admin.get_user_auth_factors(AccessToken=access)["ConfiguredUserAuthFactors"]
    assert factors == ["PASSWORD"]
    assert admin.admin_get_user_auth_factors(**user)["ConfiguredUserAuthFactors"] == factors


def test_there_are_no_authentication_events(admin, pool):
    name, _ = new_user(admin, pool.id)
    user = {"UserPoolId": pool.id, "Username": name}
    event = user | {"EventId": "e", "FeedbackValue": "Valid"}
    unavailable = admin.exceptions.UserPoolAddOnNotEnabledException
    with pytest.raises(unavailable):
        admin.admin_list_user_auth_events(**user)
    with pytest.raises(unavailable):
        admin.admin_update_auth_event_feedback(**event)
    with pytest.raises(unavailable):
        admin.update_auth_event_feedback(**event, FeedbackToken="t")
