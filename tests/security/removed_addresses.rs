//! Removing an address is no way around the proof that changing it takes.

use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ADDRESS: &str = "ann@example.com";

async fn remove(pool: &TestPool<'_>, token: &str, name: &str) -> Answer {
    let body = json!({ "AccessToken": token, "UserAttributeNames": [name] });
    pool.server.cognito().call("DeleteUserAttributes", &body).await
}

async fn empty(pool: &TestPool<'_>, token: &str, name: &str) -> Answer {
    let attributes = json!([{ "Name": name, "Value": "" }]);
    let body = json!({ "AccessToken": token, "UserAttributes": attributes });
    pool.server.cognito().call("UpdateUserAttributes", &body).await
}

/// (S6, K5)
#[tokio::test]
async fn an_address_that_a_reset_goes_to_stays() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    pool.user("ann", &[("email", ADDRESS), ("email_verified", "true"), ("name", "Ann")]).await;
    let token = pool.tokens("ann").await.access;
    let mut table = Table::default();
    table.row("removed", &remove(&pool, &token, "email").await);
    table.row("emptied", &empty(&pool, &token, "email").await);
    table.row("another attribute", &remove(&pool, &token, "name").await);
    assert_snapshot!(table, @r#"
    removed: 400 InvalidParameterException "email cannot be removed while sign-in codes or password resets go to it. Change it instead."
    emptied: 400 InvalidParameterException "email cannot be removed while sign-in codes or password resets go to it. Change it instead."
    another attribute: 200 {}
    "#);
    assert_eq!(pool.attribute("ann", "email").await.as_deref(), Some(ADDRESS));
    assert_eq!(pool.attribute("ann", "email_verified").await.as_deref(), Some("true"));
}

/// (S6, B10)
#[tokio::test]
async fn an_address_that_sign_in_codes_go_to_stays() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    pool.user("ann", &[("email", ADDRESS)]).await;
    let token = pool.tokens("ann").await.access;
    let on = json!({ "Username": "ann", "EmailMfaSettings": { "Enabled": true } });
    pool.admin("AdminSetUserMFAPreference", on).await;
    assert_eq!(remove(&pool, &token, "email").await.get("/__type"), "InvalidParameterException");
    let asked = pool.sign_in("ann", PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "EMAIL_OTP");
}

/// What nothing depends on can go, and administrators may remove what they like.
#[tokio::test]
async fn others_go() {
    let server = TestServer::start().await;
    let only_mail = json!({ "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }] });
    let pool = server.pool(json!({ "AccountRecoverySetting": only_mail })).await;
    let phone = [("phone_number", "+14325551212"), ("phone_number_verified", "true")];
    let mail = [("email", ADDRESS), ("email_verified", "true")];
    pool.user("ann", &[phone, mail].concat()).await;
    pool.user("bob", &[("email", "bob@example.com")]).await;
    let (ann, bob) = (pool.tokens("ann").await.access, pool.tokens("bob").await.access);
    assert_eq!(remove(&pool, &ann, "phone_number").await.line(), "200 {}");
    assert_eq!(remove(&pool, &bob, "email").await.line(), "200 {}");
    let body = json!({ "Username": "ann", "UserAttributeNames": ["email"] });
    assert_eq!(pool.admin("AdminDeleteUserAttributes", body).await.line(), "200 {}");
    assert_eq!(pool.attribute("ann", "email").await, None);
}

/// (B11)
#[tokio::test]
async fn an_app_stays_until_the_new_one_is_proven() {
    let server = TestServer::start().await;
    server.totp_user(ADDRESS, &[]).await;
    let asked = server.cognito().sign_in(ADDRESS, PASSWORD).await;
    let answer = json!({
        "USERNAME": ADDRESS,
        "SOFTWARE_TOKEN_MFA_CODE": server.totp_code(),
    });
    let session = asked.get("/Session");
    let done = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, answer).await;
    let token = done.get("/AuthenticationResult/AccessToken");
    let body = json!({ "AccessToken": token });
    let key = server.cognito().call("AssociateSoftwareToken", &body).await.get("/SecretCode");
    let before = server.found(ADDRESS).await.mfa.totp;
    let wrong = json!({ "AccessToken": token, "UserCode": "000000" });
    server.cognito().call("VerifySoftwareToken", &wrong).await;
    assert_eq!(server.found(ADDRESS).await.mfa.totp, before);
    server.clock.advance(std::time::Duration::from_mins(1));
    let asked = server.cognito().sign_in(ADDRESS, PASSWORD).await;
    let answer = |code: String| json!({ "USERNAME": ADDRESS, "SOFTWARE_TOKEN_MFA_CODE": code });
    let session = asked.get("/Session");
    let stolen = answer(server.totp(&key));
    let refused = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, stolen).await;
    assert_eq!(refused.get("/__type"), "CodeMismatchException");
    let asked = server.cognito().sign_in(ADDRESS, PASSWORD).await;
    let own = answer(server.totp_code());
    let session = asked.get("/Session");
    let done = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, own).await;
    assert_eq!(done.status, 200, "{}", done.text);
}
