use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer, claims};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn delete(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "GroupName": name });
    server.cognito().admin("DeleteGroup", &body).await
}

#[tokio::test]
async fn memberships_go_with_it_and_users_stay() {
    let server = TestServer::start().await;
    server.user(ALICE, &["admin"]).await;
    let answer = delete(&server, POOL, "admin").await;
    assert_snapshot!(answer.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    let mut table = Table::default();
    table.row("again", &delete(&server, POOL, "admin").await);
    assert_snapshot!(table, @r#"again: 400 ResourceNotFoundException "Group not found.""#);
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    assert_eq!(server.cognito().admin("CreateGroup", &body).await.status, 200);
    let members = server.cognito().admin("ListUsersInGroup", &body).await;
    assert_eq!(members.text, r#"{"Users":[]}"#);
    let tokens = server.cognito().tokens(ALICE).await;
    assert_eq!(claims(&tokens.access)["cognito:groups"], Value::Null);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown group", &delete(&server, POOL, "nobodies").await);
    table.row("other pool", &delete(&server, OTHER_POOL, "admin").await);
    table.row("unknown pool", &delete(&server, "eu-west-1_Nowhere", "admin").await);
    assert_snapshot!(table, @r#"
    unknown group: 400 ResourceNotFoundException "Group not found."
    other pool: 400 ResourceNotFoundException "Group not found."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
