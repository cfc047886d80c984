use crate::support::{
    Answer, CLIENT_SECRET, CONFIDENTIAL_CLIENT, PASSWORD, POOL, PORTAL_CLIENT, PUBLIC_CLIENT,
    Table, TestServer, Tokens, secret_hash,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn revoke(server: &TestServer, client: &str, token: &str, secret: Value) -> Answer {
    let body = json!({ "ClientId": client, "Token": token, "ClientSecret": secret });
    server.cognito().call("RevokeToken", &body).await
}

#[tokio::test]
async fn ends_one_sign_in() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let (tokens, others) = (cognito.tokens(ALICE).await, cognito.tokens(ALICE).await);
    let refreshed = cognito.refresh(&tokens.refresh).await;
    let answer = revoke(&server, PUBLIC_CLIENT, &tokens.refresh, Value::Null).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&tokens.access).await);
    let refreshed = refreshed.get("/AuthenticationResult/AccessToken");
    table.row("refreshed access token", &cognito.get_user(&refreshed).await);
    table.row("refresh token", &cognito.refresh(&tokens.refresh).await);
    table.row("again", &revoke(&server, PUBLIC_CLIENT, &tokens.refresh, Value::Null).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refreshed access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    again: 200 {}
    "#);
    assert_eq!(cognito.get_user(&others.access).await.status, 200);
    assert_eq!(cognito.refresh(&others.refresh).await.status, 200);
}

#[tokio::test]
async fn tokens_of_other_kinds() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    let cases = [
        ("an access token", tokens.access.as_str()),
        ("an ID token", &tokens.id),
        ("no token", "whatever"),
        ("an unknown one", "eyJjdHkiOiJKV1QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.AA.AA.AA.AA"),
    ];
    for (case, token) in cases {
        table.row(case, &revoke(&server, PUBLIC_CLIENT, token, Value::Null).await);
    }
    assert_snapshot!(table, @r#"
    an access token: 400 UnsupportedTokenTypeException "Only refresh tokens can be revoked"
    an ID token: 400 UnsupportedTokenTypeException "Only refresh tokens can be revoked"
    no token: 400 NotAuthorizedException "Invalid Refresh Token"
    an unknown one: 200 {}
    "#);
    assert_eq!(server.cognito().get_user(&tokens.access).await.status, 200);
}

/// Whoever has a token of one client cannot end the sign-in through another.
#[tokio::test]
async fn through_another_client_nothing_happens() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let answer = revoke(&server, PORTAL_CLIENT, &tokens.refresh, Value::Null).await;
    assert_snapshot!(answer.line(), @"200 {}");
    assert_eq!(server.cognito().refresh(&tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn the_client_secret() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let parameters = json!({
        "USERNAME": ALICE,
        "PASSWORD": PASSWORD,
        "SECRET_HASH": secret_hash(ALICE, CONFIDENTIAL_CLIENT),
    });
    let cognito = server.cognito();
    let flow = "USER_PASSWORD_AUTH";
    let tokens = Tokens::of(&cognito.initiate_as(CONFIDENTIAL_CLIENT, flow, parameters).await);
    let token = &tokens.refresh;
    let mut table = Table::default();
    table.row("missing", &revoke(&server, CONFIDENTIAL_CLIENT, token, Value::Null).await);
    let wrong = json!("x".repeat(36));
    table.row("wrong", &revoke(&server, CONFIDENTIAL_CLIENT, token, wrong).await);
    assert_eq!(cognito.get_user(&tokens.access).await.status, 200);
    table.row("right", &revoke(&server, CONFIDENTIAL_CLIENT, token, json!(CLIENT_SECRET)).await);
    assert_eq!(cognito.get_user(&tokens.access).await.status, 400);
    let own = cognito.tokens(ALICE).await.refresh;
    let sent = revoke(&server, PUBLIC_CLIENT, &own, json!(CLIENT_SECRET)).await;
    table.row("to a public client", &sent);
    assert_snapshot!(table, @r#"
    missing: 400 UnauthorizedException "Unable to verify secret for client"
    wrong: 400 UnauthorizedException "Unable to verify secret for client"
    right: 200 {}
    to a public client: 400 UnauthorizedException "Unable to verify secret for client"
    "#);
}

#[tokio::test]
async fn clients_that_cannot_revoke() {
    let server = TestServer::start().await;
    let client = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "EnableTokenRevocation": false,
    });
    let client = server.cognito().admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let mut table = Table::default();
    table.row("switched off", &revoke(&server, &client, "a.b.c.d.e", Value::Null).await);
    table.row("unknown", &revoke(&server, "nobody", "a.b.c.d.e", Value::Null).await);
    assert_snapshot!(table, @r#"
    switched off: 400 UnsupportedOperationException "Token revocation is not enabled for the app client"
    unknown: 400 ResourceNotFoundException "User pool client nobody does not exist."
    "#);
}
