use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::AppClient;
use poolkeeper_pool::ports::Store as _;
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

/// The sign-ins are removed later than the client, and another pool may take its id meanwhile.
#[tokio::test]
async fn nor_if_another_pool_has_an_app_client_of_that_id() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    let client = server.store.client(&PUBLIC_CLIENT.into()).await.unwrap().unwrap();
    delete(&server, POOL, PUBLIC_CLIENT).await;
    let other = Box::new(AppClient { pool: OTHER_POOL.into(), ..client });
    server.store.commit(vec![Change::CreateClient(other)]).await.unwrap();
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&tokens.access).await);
    table.row("refresh token", &cognito.refresh(&tokens.refresh).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Invalid Refresh Token"
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
