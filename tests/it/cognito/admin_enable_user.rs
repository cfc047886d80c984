use super::admin_disable_user::disable;
use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

async fn enable(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminEnableUser", &body).await
}

#[tokio::test]
async fn lets_the_user_in_but_not_the_old_tokens() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let old = cognito.tokens(ALICE).await;
    disable(&server, POOL, ALICE).await;
    assert_snapshot!(enable(&server, POOL, alice.sub.as_str()).await.show(), @"
    200 OK
    {}
    ");
    let mut table = Table::default();
    table.row("old access token", &cognito.get_user(&old.access).await);
    table.row("old refresh token", &cognito.refresh(&old.refresh).await);
    table.row("again", &enable(&server, POOL, ALICE).await);
    assert_snapshot!(table, @r#"
    old access token: 400 NotAuthorizedException "Access Token has been revoked"
    old refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    again: 200 {}
    "#);
    let new = cognito.tokens(ALICE).await;
    assert_eq!(cognito.get_user(&new.access).await.status, 200);
    assert_eq!(enable(&server, POOL, ALICE).await.status, 200);
    assert_eq!(cognito.refresh(&new.refresh).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    table.row("unknown user", &enable(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &enable(&server, OTHER_POOL, ALICE).await);
    table.row("unknown pool", &enable(&server, "eu-west-1_Nowhere", ALICE).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
