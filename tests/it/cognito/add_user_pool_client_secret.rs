use crate::support::{
    Answer, CLIENT_SECRET, CONFIDENTIAL_CLIENT, PASSWORD, POOL, Table, TestServer, hash_with,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

pub(super) async fn add(server: &TestServer, client: &str, given: Option<&str>) -> Answer {
    let mut body = json!({ "UserPoolId": POOL, "ClientId": client });
    if let Some(given) = given {
        body["ClientSecret"] = given.into();
    }
    server.cognito().admin("AddUserPoolClientSecret", &body).await
}

/// How a sign-in through the confidential client ends whose hash is made with this secret.
pub(super) async fn signs_in(server: &TestServer, secret: &str) -> bool {
    let username = "alice@example.com";
    let hash = hash_with(secret, username, CONFIDENTIAL_CLIENT);
    let parameters = json!({ "USERNAME": username, "PASSWORD": PASSWORD, "SECRET_HASH": hash });
    let cognito = server.cognito();
    let answer = cognito.initiate_as(CONFIDENTIAL_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    answer.status == 200
}

#[tokio::test]
async fn a_fresh_one_beside_the_first() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let answer = add(&server, CONFIDENTIAL_CLIENT, None).await;
    let mut descriptor = answer.json()["ClientSecretDescriptor"].clone();
    let value = descriptor.as_object_mut().unwrap().remove("ClientSecretValue").unwrap();
    // Both were made within the same second.
    assert_snapshot!(descriptor, @r#"{"ClientSecretCreateDate":1767323045,"ClientSecretId":"confidential--1767323046"}"#);
    let value = value.as_str().unwrap();
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    assert!(value.len() == 52 && value.bytes().all(lower), "{value}");
    assert!(signs_in(&server, CLIENT_SECRET).await && signs_in(&server, value).await);
    assert!(!signs_in(&server, "neither").await);
    let body = json!({ "UserPoolId": POOL, "ClientId": CONFIDENTIAL_CLIENT });
    let shown = server.cognito().admin("DescribeUserPoolClient", &body).await;
    assert_eq!(shown.get("/UserPoolClient/ClientSecret"), value);
    assert_snapshot!(add(&server, CONFIDENTIAL_CLIENT, None).await.line(), @r#"400 LimitExceededException "An app client can have at most 2 secrets.""#);
}

#[tokio::test]
async fn one_of_the_callers_own() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let own = "abcdefghijklmnopqrstuvwxyz";
    let answer = add(&server, CONFIDENTIAL_CLIENT, Some(own)).await;
    assert_eq!(answer.get("/ClientSecretDescriptor/ClientSecretValue"), own);
    assert!(signs_in(&server, own).await);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("a public client", &add(&server, "public", None).await);
    table.row("unknown client", &add(&server, "nobody", None).await);
    table.row("of another pool", &add(&server, "other", None).await);
    table.row("too short", &add(&server, CONFIDENTIAL_CLIENT, Some("short")).await);
    let unknown: Value = json!({ "UserPoolId": "eu-west-1_Nowhere", "ClientId": "public" });
    table.row("unknown pool", &server.cognito().admin("AddUserPoolClientSecret", &unknown).await);
    assert_snapshot!(table, @r#"
    a public client: 400 InvalidParameterException "The app client is public and can have no secret."
    unknown client: 400 ResourceNotFoundException "User pool client nobody does not exist."
    of another pool: 400 ResourceNotFoundException "User pool client other does not exist."
    too short: 400 InvalidParameterException "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
