use super::add_user_pool_client_secret::{add, signs_in};
use crate::support::{Answer, CLIENT_SECRET, CONFIDENTIAL_CLIENT, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn delete(server: &TestServer, client: &str, secret: &str) -> Answer {
    let body = json!({ "UserPoolId": POOL, "ClientId": client, "ClientSecretId": secret });
    server.cognito().admin("DeleteUserPoolClientSecret", &body).await
}

async fn ids(server: &TestServer) -> Vec<String> {
    let body = json!({ "UserPoolId": POOL, "ClientId": CONFIDENTIAL_CLIENT });
    let listed = server.cognito().admin("ListUserPoolClientSecrets", &body).await.json();
    let secrets = listed["ClientSecrets"].as_array().unwrap().clone();
    let id = |secret: &Value| secret["ClientSecretId"].as_str().unwrap().to_owned();
    secrets.iter().map(id).collect()
}

/// Changing over to another secret: both work, then the new one only, then there is room again.
#[tokio::test]
async fn changing_over() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let new = add(&server, CONFIDENTIAL_CLIENT, None).await;
    let new = new.get("/ClientSecretDescriptor/ClientSecretValue");
    let [first, second] = ids(&server).await.try_into().unwrap();
    assert_snapshot!(delete(&server, CONFIDENTIAL_CLIENT, &first).await.show(), @"
    200 OK
    {}
    ");
    assert!(!signs_in(&server, CLIENT_SECRET).await && signs_in(&server, &new).await);
    let last = delete(&server, CONFIDENTIAL_CLIENT, &second).await;
    assert_snapshot!(last.line(), @r#"400 InvalidParameterException "The last secret of an app client cannot be deleted.""#);
    assert!(signs_in(&server, &new).await);
    assert_eq!(add(&server, CONFIDENTIAL_CLIENT, None).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let secret = ids(&server).await.remove(0);
    let mut table = Table::default();
    table.row("unknown secret", &delete(&server, CONFIDENTIAL_CLIENT, "nothing").await);
    table.row("of another client", &delete(&server, "public", &secret).await);
    table.row("unknown client", &delete(&server, "nobody", &secret).await);
    table.row("of another pool", &delete(&server, "other", &secret).await);
    assert_snapshot!(table, @r#"
    unknown secret: 400 ResourceNotFoundException "Client secret nothing does not exist."
    of another client: 400 ResourceNotFoundException "Client secret confidential--1767323045 does not exist."
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    of another pool: 400 ResourceNotFoundException "User pool client other does not exist."
    "#);
}
