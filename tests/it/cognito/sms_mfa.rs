//! `SMS_MFA` as a second factor.

use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

const SID: &str = "sid";
const NUMBER: &str = "+14325551212";

async fn pool<'a>(server: &'a TestServer, mfa: &str) -> TestPool<'a> {
    let sms = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" });
    let ways = json!([{ "Priority": 1, "Name": "admin_only" }]);
    let settings = json!({
        "MfaConfiguration": mfa,
        "SmsConfiguration": sms,
        "AccountRecoverySetting": { "RecoveryMechanisms": ways },
    });
    let pool = server.pool(settings).await;
    pool.user(SID, &[("phone_number", NUMBER), ("email", "sid@example.com")]).await;
    pool
}

async fn prefer_sms(pool: &TestPool<'_>) -> Answer {
    let sms = json!({ "Enabled": true, "PreferredMfa": true });
    pool.admin("AdminSetUserMFAPreference", json!({ "Username": SID, "SMSMfaSettings": sms })).await
}

async fn answer(pool: &TestPool<'_>, session: &str, code: &str) -> Answer {
    pool.respond("SMS_MFA", session, json!({ "USERNAME": SID, "SMS_MFA_CODE": code })).await
}

#[tokio::test]
async fn asked_and_answered() {
    let server = TestServer::start().await;
    let pool = pool(&server, "OPTIONAL").await;
    assert_eq!(pool.sign_in(SID, PASSWORD).await.json()["ChallengeName"], Value::Null);
    assert_eq!(prefer_sms(&pool).await.line(), "200 {}");
    let asked = pool.sign_in(SID, PASSWORD).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "SMS_MFA",
      "ChallengeParameters": {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
        "CODE_DELIVERY_DESTINATION": "+*******1212",
        "USER_ID_FOR_SRP": "sid"
      },
      "Session": "[sealed]"
    }
    "#);
    let (code, to) = server.newest_code().await;
    assert_eq!(to, NUMBER);
    let mut table = Table::default();
    let session = asked.get("/Session");
    table.row("wrong", &answer(&pool, &session, "000000x").await);
    let mailed = json!({ "USERNAME": SID, "EMAIL_OTP_CODE": code });
    table.row("as if mailed", &pool.respond("EMAIL_OTP", &session, mailed).await);
    let done = answer(&pool, &session, &code).await;
    table.row("again", &answer(&pool, &session, &code).await);
    assert_snapshot!(table, @r#"
    wrong: 400 CodeMismatchException "Invalid code or auth state for the user."
    as if mailed: 400 NotAuthorizedException "Invalid session for the user."
    again: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
    let user = json!({ "AccessToken": done.get("/AuthenticationResult/AccessToken") });
    let user = server.cognito().call("GetUser", &user).await.json();
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA"]));
    assert_eq!(user["PreferredMfaSetting"], "SMS_MFA");
    assert_eq!(pool.attribute(SID, "phone_number_verified").await.as_deref(), Some("true"));
}

#[tokio::test]
async fn the_text_is_the_pools() {
    let server = TestServer::start().await;
    let settings = json!({
        "MfaConfiguration": "ON",
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        "SmsAuthenticationMessage": "Pass: {####}",
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }],
        },
    });
    let pool = server.pool(settings).await;
    pool.user(SID, &[("phone_number", NUMBER)]).await;
    assert_eq!(pool.sign_in(SID, PASSWORD).await.get("/ChallengeName"), "SMS_MFA");
    let sent = server.engine.outbox(1).await.unwrap().pop().unwrap();
    let code = sent.code.unwrap();
    assert_eq!(sent.body.expose(), format!("Pass: {}", code.expose()));
}

#[tokio::test]
async fn where_the_pool_insists_each_address_that_is_no_way_back_will_do() {
    let server = TestServer::start().await;
    let pool = pool(&server, "ON").await;
    let asked = pool.sign_in(SID, PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "SELECT_MFA_TYPE");
    assert_eq!(asked.get("/ChallengeParameters/MFAS_CAN_CHOOSE"), r#"["EMAIL_OTP","SMS_MFA"]"#);
    let choice = json!({ "USERNAME": SID, "ANSWER": "SMS_MFA" });
    let asked = pool.respond("SELECT_MFA_TYPE", &asked.get("/Session"), choice).await;
    let done = answer(&pool, &asked.get("/Session"), &server.newest_code().await.0).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

#[tokio::test]
async fn an_address_that_is_the_first_way_back_in_will_not() {
    let server = TestServer::start().await;
    let settings = json!({
        "MfaConfiguration": "ON",
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
    });
    let pool = server.pool(settings).await;
    pool.user(SID, &[("phone_number", NUMBER)]).await;
    assert_eq!(pool.sign_in(SID, PASSWORD).await.get("/ChallengeName"), "MFA_SETUP");
}

#[tokio::test]
async fn not_where_the_pool_sends_no_text_messages() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    pool.user(SID, &[("phone_number", NUMBER)]).await;
    assert_snapshot!(prefer_sms(&pool).await.line(), @r#"400 InvalidParameterException "User does not have delivery config set to turn on SMS_MFA""#);
}

#[tokio::test]
async fn a_number_that_changed_meanwhile_proves_nothing() {
    let server = TestServer::start().await;
    let pool = pool(&server, "OPTIONAL").await;
    prefer_sms(&pool).await;
    let session = pool.sign_in(SID, PASSWORD).await.get("/Session");
    let code = server.newest_code().await.0;
    let other = json!([{ "Name": "phone_number", "Value": "+14325550000" }]);
    let other = json!({ "Username": SID, "UserAttributes": other });
    pool.admin("AdminUpdateUserAttributes", other).await;
    assert_snapshot!(answer(&pool, &session, &code).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}
