use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

async fn delete(server: &TestServer, pool: &str, client: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "ClientId": client });
    server.cognito().admin("DeleteUserPoolClient", &body).await
}

#[tokio::test]
async fn nobody_comes_in_through_it_any_more() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    let answer = delete(&server, POOL, PUBLIC_CLIENT).await;
    assert_snapshot!(answer.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    let mut table = Table::default();
    table.row("password", &cognito.sign_in(ALICE, PASSWORD).await);
    table.row("access token", &cognito.get_user(&tokens.access).await);
    table.row("refresh token", &cognito.refresh(&tokens.refresh).await);
    table.row("again", &delete(&server, POOL, PUBLIC_CLIENT).await);
    assert_snapshot!(table, @r#"
    password: 400 ResourceNotFoundException "User pool client public does not exist."
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 ResourceNotFoundException "User pool client public does not exist."
    again: 400 ResourceNotFoundException "User pool client public does not exist."
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown client", &delete(&server, POOL, "nobody").await);
    table.row("other pool", &delete(&server, OTHER_POOL, PUBLIC_CLIENT).await);
    table.row("unknown pool", &delete(&server, "eu-west-1_Nowhere", PUBLIC_CLIENT).await);
    assert_snapshot!(table, @r#"
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    other pool: 400 ResourceNotFoundException "User pool client public does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
