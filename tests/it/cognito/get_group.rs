use crate::support::{OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_group_whole() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    assert_snapshot!(server.cognito().admin("GetGroup", &body).await.show(), @r#"
    200 OK
    {
      "Group": {
        "CreationDate": 1767323045,
        "GroupName": "admin",
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
    for (pool, name) in [(POOL, "nobodies"), (OTHER_POOL, "admin"), ("eu-west-1_Nowhere", "admin")]
    {
        let body = json!({ "UserPoolId": pool, "GroupName": name });
        table.row(pool, &server.cognito().admin("GetGroup", &body).await);
    }
    assert_snapshot!(table, @r#"
    eu-west-1_TestPool1: 400 ResourceNotFoundException "Group not found."
    eu-west-1_OtherPool: 400 ResourceNotFoundException "Group not found."
    eu-west-1_Nowhere: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
