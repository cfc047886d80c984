use super::listing;
use crate::support::{POOL, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn members_alone() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &["admin"]).await;
    server.user("bob@example.com", &[]).await;
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    let answer = server.cognito().admin("ListUsersInGroup", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Users": [
        {
          "Attributes": [
            {
              "Name": "sub",
              "Value": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
            },
            {
              "Name": "email",
              "Value": "alice@example.com"
            }
          ],
          "Enabled": true,
          "UserCreateDate": 1767323045,
          "UserLastModifiedDate": 1767323045,
          "UserStatus": "CONFIRMED",
          "Username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn pages() {
    let server = TestServer::start().await;
    for name in ["alice", "bob", "carol"] {
        server.user(&format!("{name}@example.com"), &["admin"]).await;
    }
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    let operation = "ListUsersInGroup";
    let pages = listing::pages(&server, operation, body, "Limit", "/Users/*/Username").await;
    assert_snapshot!(pages, @r"
    94e34a0e-ffe1-4c58-b223-48245a58bc09 ae777f29-38d7-449e-bf19-5b774a727434
    f2337c4d-c552-4434-b5ba-5ef352d7831a
    ");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    for name in ["alice", "bob"] {
        server.user(&format!("{name}@example.com"), &["admin"]).await;
    }
    let body = json!({ "UserPoolId": POOL, "GroupName": "admin" });
    let refused = listing::refused(&server, "ListUsersInGroup", body, "Limit").await;
    assert_snapshot!(refused, @r#"
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another listing: 400 InvalidParameterException "Invalid pagination token."
    another pool: 400 ResourceNotFoundException "Group not found."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
    let body = json!({ "UserPoolId": POOL, "GroupName": "nobodies" });
    let unknown = server.cognito().admin("ListUsersInGroup", &body).await;
    assert_snapshot!(unknown.line(), @r#"400 ResourceNotFoundException "Group not found.""#);
}
