use crate::support::{CONFIDENTIAL_CLIENT, OTHER_POOL, POOL, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn as_it_was_created() {
    let server = TestServer::start().await;
    let body = json!({
        "UserPoolId": POOL,
        "ClientName": "mine",
        "GenerateSecret": true,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "RefreshTokenValidity": 7,
    });
    let created = server.cognito().admin("CreateUserPoolClient", &body).await;
    let id = created.get("/UserPoolClient/ClientId");
    let body = json!({ "UserPoolId": POOL, "ClientId": id });
    let described = server.cognito().admin("DescribeUserPoolClient", &body).await;
    assert_eq!(described.text, created.text);
}

#[tokio::test]
async fn a_declared_one() {
    let server = TestServer::start().await;
    for (client, has_secret) in [(PUBLIC_CLIENT, false), (CONFIDENTIAL_CLIENT, true)] {
        let body = json!({ "UserPoolId": POOL, "ClientId": client });
        let answer = server.cognito().admin("DescribeUserPoolClient", &body).await;
        let secret = answer.json()["UserPoolClient"].get("ClientSecret").cloned();
        assert_eq!(secret.is_some(), has_secret, "{client}");
    }
    let body = json!({ "UserPoolId": POOL, "ClientId": PUBLIC_CLIENT });
    let answer = server.cognito().admin("DescribeUserPoolClient", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "UserPoolClient": {
        "AllowedOAuthFlowsUserPoolClient": false,
        "AuthSessionValidity": 3,
        "ClientId": "public",
        "ClientName": "public",
        "CreationDate": 1767323045,
        "EnablePropagateAdditionalUserContextData": false,
        "EnableTokenRevocation": true,
        "ExplicitAuthFlows": [
          "ALLOW_USER_PASSWORD_AUTH",
          "ALLOW_USER_SRP_AUTH",
          "ALLOW_REFRESH_TOKEN_AUTH"
        ],
        "LastModifiedDate": 1767323045,
        "PreventUserExistenceErrors": "ENABLED",
        "RefreshTokenValidity": 30,
        "UserPoolId": "eu-west-1_TestPool1"
      }
    }
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    let cases =
        [(POOL, "nobody"), (OTHER_POOL, PUBLIC_CLIENT), ("eu-west-1_Nowhere", PUBLIC_CLIENT)];
    for (pool, client) in cases {
        let body = json!({ "UserPoolId": pool, "ClientId": client });
        table.row(pool, &server.cognito().admin("DescribeUserPoolClient", &body).await);
    }
    assert_snapshot!(table, @r#"
    eu-west-1_TestPool1: 400 ResourceNotFoundException "User pool client nobody does not exist."
    eu-west-1_OtherPool: 400 ResourceNotFoundException "User pool client public does not exist."
    eu-west-1_Nowhere: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
