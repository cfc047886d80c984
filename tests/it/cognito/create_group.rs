use crate::support::{POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn with_all_settings() {
    let server = TestServer::start().await;
    let body = json!({
        "UserPoolId": POOL,
        "GroupName": "editors",
        "Description": "Who may edit",
        "RoleArn": "arn:aws:iam::123456789012:role/editor",
        "Precedence": 7,
    });
    let answer = server.cognito().admin("CreateGroup", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Group": {
        "CreationDate": 1767323045,
        "Description": "Who may edit",
        "GroupName": "editors",
        "LastModifiedDate": 1767323045,
        "Precedence": 7,
        "RoleArn": "arn:aws:iam::123456789012:role/editor",
        "UserPoolId": "eu-west-1_TestPool1"
      }
    }
    "#);
}

#[tokio::test]
async fn with_its_name_alone() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL, "GroupName": "editors" });
    let answer = server.cognito().admin("CreateGroup", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Group": {
        "CreationDate": 1767323045,
        "GroupName": "editors",
        "LastModifiedDate": 1767323045,
        "UserPoolId": "eu-west-1_TestPool1"
      }
    }
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    for (pool, name) in [(POOL, "admin"), ("eu-west-1_Nowhere", "editors")] {
        let body = json!({ "UserPoolId": pool, "GroupName": name });
        table.row(name, &server.cognito().admin("CreateGroup", &body).await);
    }
    assert_snapshot!(table, @r#"
    admin: 400 GroupExistsException "A group with the name already exists."
    editors: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
