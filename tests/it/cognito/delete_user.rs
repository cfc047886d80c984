use crate::support::{Answer, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn delete(server: &TestServer, token: &str) -> Answer {
    server.cognito().call("DeleteUser", &json!({ "AccessToken": token })).await
}

#[tokio::test]
async fn deletes_whose_token_it_is() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let cognito = server.cognito();
    let (alice, bob) = (cognito.tokens(ALICE).await, cognito.tokens("bob@example.com").await);
    let answer = delete(&server, &alice.access).await;
    assert_snapshot!(answer.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    let mut table = Table::default();
    table.row("again", &delete(&server, &alice.access).await);
    table.row("refresh token", &cognito.refresh(&alice.refresh).await);
    table.row("password", &cognito.sign_in(ALICE, PASSWORD).await);
    let body = json!({ "UserPoolId": POOL, "Username": ALICE });
    table.row("administrator", &cognito.admin("AdminGetUser", &body).await);
    assert_snapshot!(table, @r#"
    again: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Invalid Refresh Token"
    password: 400 NotAuthorizedException "Incorrect username or password."
    administrator: 400 UserNotFoundException "User does not exist."
    "#);
    assert_eq!(cognito.get_user(&bob.access).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    table.row("no token", &delete(&server, "whatever").await);
    table.row("an ID token", &delete(&server, &tokens.id).await);
    server.edit(&alice, |user| user.enabled = false).await;
    table.row("disabled", &delete(&server, &tokens.access).await);
    server.edit(&alice, |user| user.enabled = true).await;
    server.clock.advance(Duration::from_hours(1));
    table.row("expired", &delete(&server, &tokens.access).await);
    assert_snapshot!(table, @r#"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    disabled: 400 NotAuthorizedException "User is disabled."
    expired: 400 NotAuthorizedException "Access Token has expired"
    "#);
    assert_eq!(server.cognito().sign_in(ALICE, PASSWORD).await.status, 200);
}
