use super::add_user_pool_client_secret::add;
use crate::support::{Answer, CONFIDENTIAL_CLIENT, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

async fn list(server: &TestServer, client: &str) -> Answer {
    let body = json!({ "UserPoolId": POOL, "ClientId": client });
    server.cognito().admin("ListUserPoolClientSecrets", &body).await
}

#[tokio::test]
async fn without_their_values() {
    let server = TestServer::start().await;
    assert_eq!(list(&server, "public").await.line(), r#"200 {"ClientSecrets":[]}"#);
    server.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(add(&server, CONFIDENTIAL_CLIENT, None).await.status, 200);
    assert_snapshot!(list(&server, CONFIDENTIAL_CLIENT).await.show(), @r#"
    200 OK
    {
      "ClientSecrets": [
        {
          "ClientSecretCreateDate": 1767323045,
          "ClientSecretId": "confidential--1767323045"
        },
        {
          "ClientSecretCreateDate": 1767323105,
          "ClientSecretId": "confidential--1767323105"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown client", &list(&server, "nobody").await);
    table.row("of another pool", &list(&server, "other").await);
    let next = json!({ "UserPoolId": POOL, "ClientId": "public", "NextToken": "x" });
    table.row("no cursor", &server.cognito().admin("ListUserPoolClientSecrets", &next).await);
    assert_snapshot!(table, @r#"
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    of another pool: 400 ResourceNotFoundException "User pool client other does not exist."
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    "#);
}
