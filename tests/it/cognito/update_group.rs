use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

async fn update(server: &TestServer, pool: &str, name: &str, more: Value) -> Answer {
    let mut body = json!({ "UserPoolId": pool, "GroupName": name });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().admin("UpdateGroup", &body).await
}

#[tokio::test]
async fn what_is_not_given_stays() {
    let server = TestServer::start().await;
    let all = json!({
        "Description": "Who may do all",
        "RoleArn": "arn:aws:iam::123456789012:role/admin",
        "Precedence": 3,
    });
    assert_eq!(update(&server, POOL, "admin", all).await.status, 200);
    server.clock.advance(Duration::from_mins(1));
    let answer = update(&server, POOL, "admin", json!({ "Precedence": 0 })).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Group": {
        "CreationDate": 1767323045,
        "Description": "Who may do all",
        "GroupName": "admin",
        "LastModifiedDate": 1767323105,
        "Precedence": 0,
        "RoleArn": "arn:aws:iam::123456789012:role/admin",
        "UserPoolId": "eu-west-1_TestPool1"
      }
    }
    "#);
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    assert_eq!(server.cognito().admin("GetGroup", &body).await.text, answer.text);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown group", &update(&server, POOL, "nobodies", json!({})).await);
    table.row("other pool", &update(&server, OTHER_POOL, "admin", json!({})).await);
    table.row("unknown pool", &update(&server, "eu-west-1_Nowhere", "admin", json!({})).await);
    let negative = json!({ "Precedence": -1 });
    table.row("below zero", &update(&server, POOL, "admin", negative).await);
    assert_snapshot!(table, @r#"
    unknown group: 400 ResourceNotFoundException "Group not found."
    other pool: 400 ResourceNotFoundException "Group not found."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    below zero: 400 InvalidParameterException "1 validation error detected: Value '-1' at 'precedence' failed to satisfy constraint: Member must have value greater than or equal to 0"
    "#);
}
