use crate::support::{POOL, Table, TestServer, claims};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let add = async |name: &str| {
        let body = json!({ "UserPoolId": POOL, "Username": name, "GroupName": "admin" });
        let answer = cognito.admin("AdminAddUserToGroup", &body).await;
        assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
        answer.show_with(&["content-length", "content-type"])
    };
    let first = add(ALICE).await;
    assert_snapshot!(first, @"
    200 OK
    content-length: 0
    content-type: -
    ");
    assert_eq!(add(alice.sub.as_str()).await, first);
    let tokens = cognito.tokens(ALICE).await;
    assert_eq!(claims(&tokens.access)["cognito:groups"], json!(["admin"]));
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cases = [
        ("unknown pool", "eu-west-1_Nowhere", ALICE, "admin"),
        ("unknown user", POOL, "nobody@example.com", "admin"),
        ("unknown group", POOL, ALICE, "nobodies"),
        ("other pool's user", crate::support::OTHER_POOL, ALICE, "admin"),
    ];
    let mut table = Table::default();
    for (case, pool, user, group) in cases {
        let body = json!({ "UserPoolId": pool, "Username": user, "GroupName": group });
        table.row(case, &server.cognito().admin("AdminAddUserToGroup", &body).await);
    }
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    unknown user: 400 UserNotFoundException "User does not exist."
    unknown group: 400 ResourceNotFoundException "Group not found."
    other pool's user: 400 UserNotFoundException "User does not exist."
    "#);
}
