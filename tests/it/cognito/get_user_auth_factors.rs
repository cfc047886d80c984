use crate::support::{Answer, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

async fn get(server: &TestServer, access: &str) -> Answer {
    server.cognito().call("GetUserAuthFactors", &json!({ "AccessToken": access })).await
}

#[tokio::test]
async fn a_password_and_second_factors() {
    let server = TestServer::start().await;
    let tina = server.totp_user("tina@example.com", &[]).await;
    server.edit(&tina, |user| user.mfa.totp.as_mut().unwrap().enabled = false).await;
    let access = server.cognito().tokens("tina@example.com").await.access;
    let name = |answer: &Answer| answer.show().replace(tina.username.as_str(), "[username]");
    assert_snapshot!(name(&get(&server, &access).await), @r#"
    200 OK
    {
      "ConfiguredUserAuthFactors": [
        "PASSWORD"
      ],
      "Username": "[username]"
    }
    "#);
    server.edit(&tina, |user| user.mfa.totp.as_mut().unwrap().enabled = true).await;
    assert_snapshot!(name(&get(&server, &access).await), @r#"
    200 OK
    {
      "ConfiguredUserAuthFactors": [
        "PASSWORD"
      ],
      "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA",
      "UserMFASettingList": [
        "SOFTWARE_TOKEN_MFA"
      ],
      "Username": "[username]"
    }
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let tokens = server.cognito().tokens("alice@example.com").await;
    let mut table = Table::default();
    table.row("an ID token", &get(&server, &tokens.id).await);
    table.row("no token", &get(&server, "x").await);
    server.cognito().call("GlobalSignOut", &json!({ "AccessToken": tokens.access })).await;
    table.row("revoked", &get(&server, &tokens.access).await);
    assert_snapshot!(table, @r#"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    revoked: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
}
