use crate::support::{Answer, OTHER_CLIENT, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

async fn delete(server: &TestServer, pool: &str) -> Answer {
    server.cognito().admin("DeleteUserPool", &json!({ "UserPoolId": pool })).await
}

#[tokio::test]
async fn all_that_is_in_it_goes() {
    let server = TestServer::start().await;
    server.stranger("eve@example.com").await;
    server.user("alice@example.com", &[]).await;
    let cognito = server.cognito();
    let alice = cognito.tokens("alice@example.com").await;
    let answer = delete(&server, POOL).await;
    assert_snapshot!(answer.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&alice.access).await);
    table.row("refresh token", &cognito.refresh(&alice.refresh).await);
    let pool = json!({ "UserPoolId": POOL });
    table.row("described", &cognito.admin("DescribeUserPool", &pool).await);
    table.row("users", &cognito.admin("ListUsers", &pool).await);
    table.row("again", &delete(&server, POOL).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Invalid Access Token"
    refresh token: 400 ResourceNotFoundException "User pool client public does not exist."
    described: 400 ResourceNotFoundException "User pool eu-west-1_TestPool1 does not exist."
    users: 400 ResourceNotFoundException "User pool eu-west-1_TestPool1 does not exist."
    again: 400 ResourceNotFoundException "User pool eu-west-1_TestPool1 does not exist."
    "#);
    let keys = server.call(&format!("GET /{POOL}/.well-known/jwks.json"), &[], "").await;
    assert_eq!(keys.status, 404);
    let parameters = json!({ "USERNAME": "eve@example.com", "PASSWORD": crate::support::PASSWORD });
    let eve = cognito.initiate_as(OTHER_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    assert_eq!(eve.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let body = json!({ "PoolName": "kept", "DeletionProtection": "ACTIVE" });
    let kept = server.cognito().admin("CreateUserPool", &body).await.get("/UserPool/Id");
    let mut table = Table::default();
    table.row("protected", &delete(&server, &kept).await);
    table.row("unknown", &delete(&server, "eu-west-1_Nowhere").await);
    assert_snapshot!(table, @r#"
    protected: 400 InvalidParameterException "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first."
    unknown: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    let body = json!({ "UserPoolId": kept });
    assert_eq!(server.cognito().admin("DescribeUserPool", &body).await.status, 200);
}
