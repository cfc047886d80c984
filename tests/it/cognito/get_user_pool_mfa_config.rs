use crate::support::{POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_new_pool_and_one_that_asks() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let pool = cognito.admin("CreateUserPool", &json!({ "PoolName": "plain" })).await;
    let body = json!({ "UserPoolId": pool.get("/UserPool/Id") });
    let answer = cognito.admin("GetUserPoolMfaConfig", &body).await;
    assert_snapshot!(answer.line(), @r#"200 {"MfaConfiguration":"OFF"}"#);
    let answer = cognito.admin("GetUserPoolMfaConfig", &json!({ "UserPoolId": POOL })).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "EmailMfaConfiguration": {},
      "MfaConfiguration": "OPTIONAL",
      "SoftwareTokenMfaConfiguration": {
        "Enabled": true
      },
      "WebAuthnConfiguration": {
        "FactorConfiguration": "SINGLE_FACTOR"
      }
    }
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    let unknown = json!({ "UserPoolId": "eu-west-1_Nowhere" });
    table.row("unknown pool", &server.cognito().admin("GetUserPoolMfaConfig", &unknown).await);
    table.row("no pool", &server.cognito().admin("GetUserPoolMfaConfig", &json!({})).await);
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    no pool: 400 InvalidParameterException "1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null"
    "#);
}
