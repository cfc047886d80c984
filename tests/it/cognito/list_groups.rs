use super::listing;
use crate::support::{OTHER_POOL, POOL, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn by_name() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL });
    let answer = server.cognito().admin("ListGroups", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Groups": [
        {
          "CreationDate": 1767323045,
          "GroupName": "account-disabled",
          "LastModifiedDate": 1767323045,
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
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "fd42",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "partner-id-acme",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "tenant-acme",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        },
        {
          "CreationDate": 1767323045,
          "GroupName": "tenant-globex",
          "LastModifiedDate": 1767323045,
          "UserPoolId": "eu-west-1_TestPool1"
        }
      ]
    }
    "#);
    let pages = listing::pages(&server, "ListGroups", body, "Limit", "/Groups/*/GroupName").await;
    assert_snapshot!(pages, @"
    account-disabled admin
    external-user fd42
    partner-id-acme tenant-acme
    tenant-globex
    ");
    let none = server.cognito().admin("ListGroups", &json!({ "UserPoolId": OTHER_POOL })).await;
    assert_eq!(none.text, r#"{"Groups":[]}"#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL });
    assert_snapshot!(listing::refused(&server, "ListGroups", body, "Limit").await, @r#"
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another listing: 400 InvalidParameterException "Invalid pagination token."
    another pool: 400 InvalidParameterException "Invalid pagination token."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
}
