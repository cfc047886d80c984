use crate::support::{CONFIDENTIAL_CLIENT, PASSWORD, Table, TestServer, Tokens, secret_hash};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn sign_out(server: &TestServer, token: &str) -> crate::support::Answer {
    server.cognito().call("GlobalSignOut", &json!({ "AccessToken": token })).await
}

#[tokio::test]
async fn ends_all_sign_ins_of_the_user() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let cognito = server.cognito();
    let (first, bob) = (cognito.tokens(ALICE).await, cognito.tokens("bob@example.com").await);
    let parameters = json!({
        "USERNAME": ALICE,
        "PASSWORD": PASSWORD,
        "SECRET_HASH": secret_hash(ALICE, CONFIDENTIAL_CLIENT),
    });
    let second = cognito.initiate_as(CONFIDENTIAL_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    let second = Tokens::of(&second);
    assert_snapshot!(sign_out(&server, &first.access).await.show(), @"
    200 OK
    {}
    ");
    let mut table = Table::default();
    table.row("own access token", &cognito.get_user(&first.access).await);
    table.row("own refresh token", &cognito.refresh(&first.refresh).await);
    table.row("other access token", &cognito.get_user(&second.access).await);
    table.row("again", &sign_out(&server, &first.access).await);
    assert_snapshot!(table, @r#"
    own access token: 400 NotAuthorizedException "Access Token has been revoked"
    own refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    other access token: 400 NotAuthorizedException "Access Token has been revoked"
    again: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
    assert_eq!(cognito.get_user(&bob.access).await.status, 200);
    assert_eq!(cognito.refresh(&bob.refresh).await.status, 200);
}

#[tokio::test]
async fn a_new_sign_in_lives_even_in_the_same_second() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    sign_out(&server, &tokens.access).await;
    let tokens = cognito.tokens(ALICE).await;
    assert_eq!(cognito.get_user(&tokens.access).await.status, 200);
    assert_eq!(cognito.refresh(&tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn tokens_refreshed_before_die_too() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    server.clock.advance(Duration::from_mins(1));
    let refreshed = cognito.refresh(&tokens.refresh).await;
    let refreshed = refreshed.get("/AuthenticationResult/AccessToken");
    sign_out(&server, &refreshed).await;
    for token in [&refreshed, &tokens.access] {
        let answer = cognito.get_user(token).await;
        assert_eq!(answer.get("/message"), "Access Token has been revoked");
    }
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    table.row("no token", &sign_out(&server, "whatever").await);
    table.row("an ID token", &sign_out(&server, &tokens.id).await);
    server.clock.advance(Duration::from_hours(1));
    table.row("expired", &sign_out(&server, &tokens.access).await);
    assert_snapshot!(table, @r#"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    expired: 400 NotAuthorizedException "Access Token has expired"
    "#);
}
