use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer, claims};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

async fn remove(server: &TestServer, pool: &str, name: &str, group: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name, "GroupName": group });
    server.cognito().admin("AdminRemoveUserFromGroup", &body).await
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let server = TestServer::start().await;
    server.user(ALICE, &["admin", "external-user"]).await;
    let first = remove(&server, POOL, ALICE, "admin").await;
    assert_snapshot!(first.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    assert_eq!(remove(&server, POOL, ALICE, "admin").await.status, 200);
    let tokens = server.cognito().tokens(ALICE).await;
    assert_eq!(claims(&tokens.access)["cognito:groups"], json!(["external-user"]));
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &["admin"]).await;
    let mut table = Table::default();
    table.row("unknown user", &remove(&server, POOL, "nobody@example.com", "admin").await);
    table.row("unknown group", &remove(&server, POOL, ALICE, "nobodies").await);
    table.row("other pool", &remove(&server, OTHER_POOL, ALICE, "admin").await);
    table.row("unknown pool", &remove(&server, "eu-west-1_Nowhere", ALICE, "admin").await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    unknown group: 400 ResourceNotFoundException "Group not found."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
