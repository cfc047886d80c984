use crate::support::{PASSWORD, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn with_an_access_token() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let tokens = server.cognito().tokens("alice@example.com").await;
    let body = json!({ "AccessToken": tokens.access });
    let answer = server.cognito().call("AssociateSoftwareToken", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "SecretCode": "[totp key]"
    }
    "#);
    let again = server.cognito().call("AssociateSoftwareToken", &body).await;
    assert_ne!(again.get("/SecretCode"), answer.get("/SecretCode"));
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    server.totp_user("tina@example.com", &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens("alice@example.com").await;
    let other = cognito.sign_in("tina@example.com", PASSWORD).await.get("/Session");
    let cases = [
        ("nothing", json!({})),
        ("both", json!({ "AccessToken": tokens.access, "Session": other })),
        ("an ID token", json!({ "AccessToken": tokens.id })),
        ("no token", json!({ "AccessToken": "whatever" })),
        ("session of another challenge", json!({ "Session": other })),
        ("no session", json!({ "Session": "x".repeat(40) })),
    ];
    let mut table = Table::default();
    for (case, body) in cases {
        table.row(case, &cognito.call("AssociateSoftwareToken", &body).await);
    }
    assert_snapshot!(table, @r#"
    nothing: 400 InvalidParameterException "Exactly one of AccessToken and Session must be given."
    both: 400 InvalidParameterException "Exactly one of AccessToken and Session must be given."
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    session of another challenge: 400 NotAuthorizedException "Invalid session for the user."
    no session: 400 NotAuthorizedException "Invalid session for the user."
    "#);
}

#[tokio::test]
async fn a_pool_without_second_factors_has_no_apps() {
    let mut config = crate::support::config(std::path::Path::new(""));
    config.pools[0].mfa = poolkeeper_pool::entity::MfaMode::Off;
    let server = TestServer::with(config).await;
    server.user("alice@example.com", &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens("alice@example.com").await;
    let mut table = Table::default();
    let body = json!({ "AccessToken": tokens.access, "UserCode": "123456" });
    table.row("associate", &cognito.call("AssociateSoftwareToken", &body).await);
    table.row("verify", &cognito.call("VerifySoftwareToken", &body).await);
    assert_snapshot!(table, @r#"
    associate: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    verify: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    "#);
}
