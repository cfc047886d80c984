use super::listing;
use crate::support::{POOL, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn in_the_order_of_tokens() {
    let server = TestServer::start().await;
    server.user(ALICE, &["tenant-globex", "admin", "external-user"]).await;
    let first = json!({ "UserPoolId": POOL, "GroupName": "tenant-globex", "Precedence": 1 });
    assert_eq!(server.cognito().admin("UpdateGroup", &first).await.status, 200);
    let body = json!({ "UserPoolId": POOL, "Username": ALICE });
    let answer = server.cognito().admin("AdminListGroupsForUser", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Groups": [
        {
          "CreationDate": 1767323045,
          "GroupName": "tenant-globex",
          "LastModifiedDate": 1767323045,
          "Precedence": 1,
          "UserPoolId": "eu-west-1_TestPool1"
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "admin",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "external-user",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        }
      ]
    }
    "#);
    let operation = "AdminListGroupsForUser";
    let pages = listing::pages(&server, operation, body, "Limit", "/Groups/*/GroupName").await;
    assert_snapshot!(pages, @"
    tenant-globex admin
    external-user
    ");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &["admin", "external-user"]).await;
    let body = json!({ "UserPoolId": POOL, "Username": ALICE });
    let refused = listing::refused(&server, "AdminListGroupsForUser", body, "Limit").await;
    assert_snapshot!(refused, @r#"
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another listing: 400 InvalidParameterException "Invalid pagination token."
    another pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
    let body = json!({ "UserPoolId": POOL, "Username": "nobody@example.com" });
    let unknown = server.cognito().admin("AdminListGroupsForUser", &body).await;
    assert_snapshot!(unknown.line(), @r#"400 UserNotFoundException "User does not exist.""#);
}
