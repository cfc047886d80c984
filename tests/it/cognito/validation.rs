//! The service model's constraints, told before any rule of the engine.

use crate::support::{POOL, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn several_violations_are_told_at_once() {
    let server = TestServer::start().await;
    let body = json!({ "AuthFlow": "PASSWORD", "ClientId": "not a client!", "Session": "short" });
    let answer = server.cognito().call("InitiateAuth", &body).await;
    assert_snapshot!(answer.show_with(&["x-amzn-errortype"]), @r#"
    400 Bad Request
    x-amzn-errortype: InvalidParameterException
    {
      "__type": "InvalidParameterException",
      "message": "3 validation errors detected: Value 'PASSWORD' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]; Value 'not a client!' at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+]+; Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"
    }
    "#);
}

#[tokio::test]
async fn sensitive_values_are_left_out() {
    let server = TestServer::start().await;
    let body = json!({
        "UserPoolId": "nowhere",
        "Username": "with space",
        "Password": "secret with space",
    });
    let answer = server.cognito().admin("AdminSetUserPassword", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "2 validation errors detected: Value 'nowhere' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+; Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+""#);
    assert!(!answer.text.contains("space"), "{}", answer.text);
}

#[tokio::test]
async fn entries_of_lists_are_counted_from_one() {
    let server = TestServer::start().await;
    let body = json!({
        "UserPoolId": POOL,
        "Username": "alice@example.com",
        "UserAttributes": [{ "Name": "name", "Value": "Alice" }, { "Value": "x" }, { "Name": "a b" }],
        "MessageAction": "SHOUT",
    });
    let answer = server.cognito().admin("AdminCreateUser", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "2 validation errors detected: Value null at 'userAttributes.2.member.name' failed to satisfy constraint: Member must not be null; Value 'SHOUT' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]""#);
}

#[tokio::test]
async fn nothing_is_changed_by_an_invalid_request() {
    let server = TestServer::start().await;
    let body = json!({
        "UserPoolId": POOL,
        "Username": "alice@example.com",
        "TemporaryPassword": "Passw0rd!",
        "MessageAction": "SHOUT",
    });
    let cognito = server.cognito();
    assert_eq!(cognito.admin("AdminCreateUser", &body).await.status, 400);
    let users = cognito.admin("ListUsers", &json!({ "UserPoolId": POOL })).await;
    assert_eq!(users.text, r#"{"Users":[]}"#);
}

/// Every public operation, with what it cannot do without missing, and too much of it.
#[tokio::test]
async fn public_operations() {
    let server = TestServer::start().await;
    let long = "x".repeat(129);
    let cases = [
        ("InitiateAuth", json!({})),
        ("InitiateAuth", json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": long })),
        ("RespondToAuthChallenge", json!({})),
        ("RespondToAuthChallenge", json!({ "ClientId": PUBLIC_CLIENT, "ChallengeName": "X" })),
        ("AssociateSoftwareToken", json!({ "AccessToken": "no token", "Session": "short" })),
        ("VerifySoftwareToken", json!({ "AccessToken": "x" })),
        ("VerifySoftwareToken", json!({ "AccessToken": "x", "UserCode": "12345a7" })),
        ("GetUser", json!({})),
        ("GetUser", json!({ "AccessToken": "no token" })),
        ("GlobalSignOut", json!({})),
        ("RevokeToken", json!({})),
        ("RevokeToken", json!({ "Token": "", "ClientId": "", "ClientSecret": "!" })),
    ];
    let mut table = Table::default();
    for (operation, body) in cases {
        table.row(operation, &server.cognito().call(operation, &body).await);
    }
    assert_snapshot!(table, @r#"
    InitiateAuth: 400 InvalidParameterException "2 validation errors detected: Value null at 'authFlow' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null"
    InitiateAuth: 400 InvalidParameterException "1 validation error detected: Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'clientId' failed to satisfy constraint: Member must have length less than or equal to 128"
    RespondToAuthChallenge: 400 InvalidParameterException "2 validation errors detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null; Value null at 'challengeName' failed to satisfy constraint: Member must not be null"
    RespondToAuthChallenge: 400 InvalidParameterException "1 validation error detected: Value 'X' at 'challengeName' failed to satisfy constraint: Member must satisfy enum value set: [SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE, MFA_SETUP, PASSWORD_VERIFIER, CUSTOM_CHALLENGE, SELECT_CHALLENGE, DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER, ADMIN_NO_SRP_AUTH, NEW_PASSWORD_REQUIRED, SMS_OTP, PASSWORD, WEB_AUTHN, PASSWORD_SRP]"
    AssociateSoftwareToken: 400 InvalidParameterException "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+; Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"
    VerifySoftwareToken: 400 InvalidParameterException "1 validation error detected: Value at 'userCode' failed to satisfy constraint: Member must not be null"
    VerifySoftwareToken: 400 InvalidParameterException "2 validation errors detected: Value at 'userCode' failed to satisfy constraint: Member must have length less than or equal to 6; Value at 'userCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+"
    GetUser: 400 InvalidParameterException "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null"
    GetUser: 400 InvalidParameterException "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+"
    GlobalSignOut: 400 InvalidParameterException "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null"
    RevokeToken: 400 InvalidParameterException "2 validation errors detected: Value at 'token' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null"
    RevokeToken: 400 InvalidParameterException "5 validation errors detected: Value at 'token' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+; Value '' at 'clientId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+]+; Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24; Value at 'clientSecret' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+]+"
    "#);
}

#[tokio::test]
async fn administrative_operations_need_their_members() {
    let server = TestServer::start().await;
    let operations = [
        "AdminAddUserToGroup",
        "AdminCreateUser",
        "AdminGetUser",
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "AdminSetUserPassword",
        "CreateGroup",
        "CreateUserPool",
        "CreateUserPoolClient",
        "DescribeUserPool",
        "ListUsers",
    ];
    let mut table = Table::default();
    for operation in operations {
        table.row(operation, &server.cognito().admin(operation, &json!({})).await);
    }
    assert_snapshot!(table, @r#"
    AdminAddUserToGroup: 400 InvalidParameterException "3 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null; Value null at 'groupName' failed to satisfy constraint: Member must not be null"
    AdminCreateUser: 400 InvalidParameterException "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null"
    AdminGetUser: 400 InvalidParameterException "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null"
    AdminInitiateAuth: 400 InvalidParameterException "3 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null; Value null at 'authFlow' failed to satisfy constraint: Member must not be null"
    AdminRespondToAuthChallenge: 400 InvalidParameterException "3 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null; Value null at 'challengeName' failed to satisfy constraint: Member must not be null"
    AdminSetUserPassword: 400 InvalidParameterException "3 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null; Value at 'password' failed to satisfy constraint: Member must not be null"
    CreateGroup: 400 InvalidParameterException "2 validation errors detected: Value null at 'groupName' failed to satisfy constraint: Member must not be null; Value null at 'userPoolId' failed to satisfy constraint: Member must not be null"
    CreateUserPool: 400 InvalidParameterException "1 validation error detected: Value null at 'poolName' failed to satisfy constraint: Member must not be null"
    CreateUserPoolClient: 400 InvalidParameterException "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value null at 'clientName' failed to satisfy constraint: Member must not be null"
    DescribeUserPool: 400 InvalidParameterException "1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null"
    ListUsers: 400 InvalidParameterException "1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null"
    "#);
}

#[tokio::test]
async fn administrative_operations_check_their_members() {
    let server = TestServer::start().await;
    let with = |more: Value| {
        let mut body = json!({ "UserPoolId": POOL });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let long = "x".repeat(129);
    let cases = [
        ("AdminAddUserToGroup", with(json!({ "Username": "", "GroupName": long }))),
        ("AdminCreateUser", with(json!({ "Username": long }))),
        ("AdminGetUser", json!({ "UserPoolId": "x".repeat(56), "Username": "a" })),
        ("CreateGroup", with(json!({ "GroupName": "a b", "RoleArn": "arn", "Precedence": -1 }))),
        ("CreateUserPool", json!({ "PoolName": "a/b", "MfaConfiguration": "MAYBE" })),
        (
            "CreateUserPool",
            json!({ "PoolName": "a", "Policies": { "PasswordPolicy": { "MinimumLength": 5 } } }),
        ),
        (
            "CreateUserPoolClient",
            with(json!({ "ClientName": "a", "AuthSessionValidity": 16, "ClientSecret": "short" })),
        ),
        ("ListUsers", with(json!({ "Limit": 61 }))),
        ("ListUsers", with(json!({ "Limit": "60" }))),
        ("ListUsers", with(json!({ "Limit": 1.5 }))),
    ];
    let mut table = Table::default();
    for (operation, body) in cases {
        table.row(operation, &server.cognito().admin(operation, &body).await);
    }
    assert_snapshot!(table, @r#"
    AdminAddUserToGroup: 400 InvalidParameterException "3 validation errors detected: Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+; Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 128"
    AdminCreateUser: 400 InvalidParameterException "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length less than or equal to 128"
    AdminGetUser: 400 InvalidParameterException "2 validation errors detected: Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'userPoolId' failed to satisfy constraint: Member must have length less than or equal to 55; Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"
    CreateGroup: 400 InvalidParameterException "4 validation errors detected: Value 'a b' at 'groupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+; Value 'arn' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value 'arn' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:[\\w+=/,.@-]+:[\\w+=/,.@-]+:([\\w+=/,.@-]*)?:[0-9]+:[\\w+=/,.@-]+(:[\\w+=/,.@-]+)?(:[\\w+=/,.@-]+)?; Value '-1' at 'precedence' failed to satisfy constraint: Member must have value greater than or equal to 0"
    CreateUserPool: 400 InvalidParameterException "2 validation errors detected: Value 'a/b' at 'poolName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w\\s+=,.@-]+; Value 'MAYBE' at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    CreateUserPool: 400 InvalidParameterException "1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6"
    CreateUserPoolClient: 400 InvalidParameterException "2 validation errors detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24; Value '16' at 'authSessionValidity' failed to satisfy constraint: Member must have value less than or equal to 15"
    ListUsers: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    ListUsers: 400 SerializationException "STRING_VALUE can not be converted to an Integer"
    ListUsers: 400 SerializationException "NUMBER_VALUE can not be converted to an Integer"
    "#);
}
