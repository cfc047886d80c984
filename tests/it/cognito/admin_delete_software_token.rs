use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::CodeMfa;
use serde_json::json;

const TINA: &str = "tina@example.com";

async fn delete(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminDeleteSoftwareToken", &body).await
}

#[tokio::test]
async fn the_app_is_asked_for_no_more() {
    let server = TestServer::start().await;
    let tina = server.totp_user(TINA, &[]).await;
    let half_way = server.cognito().sign_in(TINA, PASSWORD).await.get("/Session");
    assert_snapshot!(delete(&server, POOL, TINA).await.show(), @"
    200 OK
    {}
    ");
    let access = server.cognito().tokens(TINA).await.access;
    let shown = server.cognito().get_user(&access).await.json();
    assert_eq!((shown.get("UserMFASettingList"), shown.get("PreferredMfaSetting")), (None, None));
    let responses = json!({ "USERNAME": TINA, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    let late = server.cognito().respond("SOFTWARE_TOKEN_MFA", &half_way, responses).await;
    assert_snapshot!(late.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
    let before = server.engine.get_user(&operator(), &tina.pool, TINA).await.unwrap();
    assert_snapshot!(delete(&server, POOL, TINA).await.line(), @"200 {}");
    assert_eq!(server.engine.get_user(&operator(), &tina.pool, TINA).await.unwrap(), before);
}

#[tokio::test]
async fn other_factors_stay() {
    let server = TestServer::start().await;
    let tina = server.totp_user(TINA, &[]).await;
    server.edit(&tina, |user| user.mfa.email = Some(CodeMfa { preferred: false })).await;
    delete(&server, POOL, TINA).await;
    let asked = server.cognito().sign_in(TINA, PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "EMAIL_OTP");
}

/// A key that was handed out is worth nothing any more.
#[tokio::test]
async fn an_app_that_is_not_verified_yet() {
    let server = TestServer::start().await;
    let alice = server.user("alice@example.com", &[]).await;
    let access = server.cognito().tokens("alice@example.com").await.access;
    let body = json!({ "AccessToken": access });
    server.cognito().call("AssociateSoftwareToken", &body).await;
    assert_eq!(delete(&server, POOL, "alice@example.com").await.status, 200);
    let alice = server.engine.get_user(&operator(), &alice.pool, alice.sub.as_str()).await.unwrap();
    assert_eq!(alice.mfa.pending_totp, None);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let mut table = Table::default();
    table.row("unknown user", &delete(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &delete(&server, OTHER_POOL, TINA).await);
    table.row("unknown pool", &delete(&server, "eu-west-1_Nowhere", TINA).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert!(
        server.engine.get_user(&operator(), &POOL.into(), TINA).await.unwrap().mfa.totp.is_some()
    );
}
