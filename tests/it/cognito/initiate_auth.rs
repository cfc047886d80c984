use crate::support::{
    CONFIDENTIAL_CLIENT, OTHER_CLIENT, PASSWORD, PORTAL_CLIENT, Table, TestServer,
};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn password() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let answer = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    assert_snapshot!(answer.show_with(&["content-type", "x-amzn-requestid"]), @r#"
    200 OK
    content-type: application/x-amz-json-1.1
    x-amzn-requestid: ae777f29-38d7-449e-bf19-5b774a727434
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn wrong_password_and_unknown_user_look_alike() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let wrong = server.cognito().sign_in("alice@example.com", "wrong").await;
    assert_snapshot!(wrong.show_with(&["x-amzn-errortype", "x-amzn-errormessage"]), @r#"
    400 Bad Request
    x-amzn-errortype: NotAuthorizedException
    x-amzn-errormessage: Incorrect username or password.
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    let unknown = server.cognito().sign_in("nobody@example.com", PASSWORD).await;
    assert_eq!(unknown.show(), wrong.show());
    let names = |answer: &crate::support::Answer| -> Vec<String> {
        answer.headers.keys().map(ToString::to_string).collect()
    };
    assert_eq!(names(&unknown), names(&wrong));
}

#[tokio::test]
async fn refresh() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let tokens = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    let refresh_token = tokens.get("/AuthenticationResult/RefreshToken");
    let parameters = json!({ "REFRESH_TOKEN": refresh_token });
    let answer = server.cognito().initiate("REFRESH_TOKEN_AUTH", parameters).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn refresh_goes_by_a_second_name() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let tokens = server.cognito().tokens("alice@example.com").await;
    let parameters = json!({ "REFRESH_TOKEN": tokens.refresh });
    let answer = server.cognito().initiate("REFRESH_TOKEN", parameters).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn usernames_in_any_case_and_the_sub() {
    let server = TestServer::start().await;
    let alice = server.user("alice@example.com", &[]).await;
    for name in ["Alice@Example.COM", alice.sub.as_str()] {
        assert_eq!(server.cognito().sign_in(name, PASSWORD).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn flows_that_do_not_belong_here() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let flows = [
        "ADMIN_USER_PASSWORD_AUTH",
        "ADMIN_NO_SRP_AUTH",
        "USER_SRP_AUTH",
        "CUSTOM_AUTH",
        "USER_AUTH",
        "PASSWORD",
    ];
    let mut table = Table::default();
    for flow in flows {
        let parameters = json!({ "USERNAME": "alice@example.com", "PASSWORD": PASSWORD });
        let cognito = server.cognito();
        table.row(flow, &cognito.initiate_as(CONFIDENTIAL_CLIENT, flow, parameters).await);
    }
    assert_snapshot!(table, @r#"
    ADMIN_USER_PASSWORD_AUTH: 400 InvalidParameterException "Initiate Auth method not supported."
    ADMIN_NO_SRP_AUTH: 400 InvalidParameterException "Initiate Auth method not supported."
    USER_SRP_AUTH: 400 InvalidParameterException "Missing required parameter SRP_A"
    CUSTOM_AUTH: 400 InvalidParameterException "CUSTOM_AUTH is not supported by this release of Poolkeeper."
    USER_AUTH: 400 InvalidParameterException "USER_AUTH flow not enabled for this client"
    PASSWORD: 400 InvalidParameterException "1 validation error detected: Value 'PASSWORD' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]"
    "#);
}

#[tokio::test]
async fn flows_that_the_client_may_not_use() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let mut table = Table::default();
    let parameters = json!({ "USERNAME": "alice@example.com", "PASSWORD": PASSWORD });
    let answer = cognito.initiate_as(PORTAL_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    table.row("password", &answer);
    let client = json!({
        "UserPoolId": crate::support::POOL,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let parameters = json!({ "REFRESH_TOKEN": "whatever" });
    let answer = cognito.initiate_as(&client, "REFRESH_TOKEN_AUTH", parameters).await;
    table.row("refresh", &answer);
    assert_snapshot!(table, @r#"
    password: 400 InvalidParameterException "USER_PASSWORD_AUTH flow not enabled for this client"
    refresh: 400 InvalidParameterException "REFRESH_TOKEN_AUTH flow not enabled for this client"
    "#);
}

#[tokio::test]
async fn missing_parameters() {
    let server = TestServer::start().await;
    let cases = [
        ("USER_PASSWORD_AUTH", json!({})),
        ("USER_PASSWORD_AUTH", json!({ "USERNAME": "a" })),
        ("USER_PASSWORD_AUTH", json!({ "PASSWORD": "a" })),
        ("USER_PASSWORD_AUTH", json!({ "username": "a", "password": "a" })),
        ("REFRESH_TOKEN_AUTH", json!({})),
        ("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": null })),
    ];
    let mut table = Table::default();
    for (flow, parameters) in cases {
        table.row(&parameters.to_string(), &server.cognito().initiate(flow, parameters).await);
    }
    assert_snapshot!(table, @r#"
    {}: 400 InvalidParameterException "Missing required parameter USERNAME"
    {"USERNAME":"a"}: 400 InvalidParameterException "Missing required parameter PASSWORD"
    {"PASSWORD":"a"}: 400 InvalidParameterException "Missing required parameter USERNAME"
    {"password":"a","username":"a"}: 400 InvalidParameterException "Missing required parameter USERNAME"
    {}: 400 InvalidParameterException "Missing required parameter REFRESH_TOKEN"
    {"REFRESH_TOKEN":null}: 400 InvalidParameterException "Missing required parameter REFRESH_TOKEN"
    "#);
}

#[tokio::test]
async fn unknown_client() {
    let server = TestServer::start().await;
    let parameters = json!({ "USERNAME": "a", "PASSWORD": "a" });
    let answer = server.cognito().initiate_as("nobody", "USER_PASSWORD_AUTH", parameters).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "__type": "ResourceNotFoundException",
      "message": "User pool client nobody does not exist."
    }
    "#);
}

#[tokio::test]
async fn users_of_another_pool_are_unknown() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let parameters = json!({ "USERNAME": "alice@example.com", "PASSWORD": PASSWORD });
    let answer = server.cognito().initiate_as(OTHER_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Incorrect username or password.""#);
}

#[tokio::test]
async fn passwords_that_are_nearly_right_or_odd() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let long = "x".repeat(2048);
    for password in ["", "passw0rd!", "Passw0rd! ", " Passw0rd!", "Passw0rd!\u{0}", &long] {
        let answer = server.cognito().sign_in("alice@example.com", password).await;
        let expected = ["Incorrect username or password.", "Password attempts exceeded"];
        assert!(expected.contains(&answer.get("/message").as_str()), "{password:?}: {answer:?}");
        server.clock.advance(std::time::Duration::from_mins(1));
    }
}

#[tokio::test]
async fn refresh_tokens_that_do_not_count() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens("alice@example.com").await;
    let mut forged = tokens.refresh.clone().into_bytes();
    let middle = forged.len() - 30;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let cases = [
        ("empty", ""),
        ("no token", "whatever"),
        ("an access token", &tokens.access),
        ("an ID token", &tokens.id),
        ("forged", &forged),
        ("cut", &tokens.refresh[..tokens.refresh.len() - 1]),
    ];
    let mut table = Table::default();
    for (case, token) in cases {
        table.row(case, &cognito.refresh(token).await);
    }
    for client in [PORTAL_CLIENT, OTHER_CLIENT] {
        let parameters = json!({ "REFRESH_TOKEN": tokens.refresh });
        let answer = cognito.initiate_as(client, "REFRESH_TOKEN_AUTH", parameters).await;
        table.row(&format!("through {client}"), &answer);
    }
    assert_snapshot!(table, @r#"
    empty: 400 NotAuthorizedException "Invalid Refresh Token"
    no token: 400 NotAuthorizedException "Invalid Refresh Token"
    an access token: 400 NotAuthorizedException "Invalid Refresh Token"
    an ID token: 400 NotAuthorizedException "Invalid Refresh Token"
    forged: 400 NotAuthorizedException "Invalid Refresh Token"
    cut: 400 NotAuthorizedException "Invalid Refresh Token"
    through portal: 400 NotAuthorizedException "Invalid Refresh Token"
    through other: 400 NotAuthorizedException "Invalid Refresh Token"
    "#);
}
