use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const MAIL: &str = "yann@example.com";
const NEW: &str = "N3w-password!";

async fn yann(server: &TestServer) -> TestPool<'_> {
    pool_with(server, json!({})).await
}

async fn pool_with(server: &TestServer, settings: Value) -> TestPool<'_> {
    let pool = server.pool(settings).await;
    pool.user("yann", &[("email", MAIL), ("email_verified", "true")]).await;
    pool
}

async fn ask(pool: &TestPool<'_>) -> String {
    pool.server.clock.advance(Duration::from_secs(1));
    let sent = pool.call("ForgotPassword", json!({ "Username": "yann" })).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    pool.server.newest_code().await.0
}

async fn confirm(pool: &TestPool<'_>, username: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "Username": username, "ConfirmationCode": code, "Password": password });
    pool.call("ConfirmForgotPassword", body).await
}

fn other(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn the_new_password_takes_the_place_of_the_old_one() {
    let server = TestServer::start().await;
    let pool = yann(&server).await;
    let before = pool.tokens("yann").await;
    let mut table = Table::default();
    table.row("not asked for", &confirm(&pool, "yann", "123456", NEW).await);
    let code = ask(&pool).await;
    table.row("wrong", &confirm(&pool, "yann", &other(&code), NEW).await);
    table.row("weak", &confirm(&pool, "yann", &code, "weak").await);
    table.row("unknown user", &confirm(&pool, "nobody", &code, NEW).await);
    table.row("right", &confirm(&pool, "yann", &code, NEW).await);
    table.row("again", &confirm(&pool, "yann", &code, NEW).await);
    table.row("old password", &pool.sign_in("yann", PASSWORD).await);
    table.row("old tokens", &server.cognito().get_user(&before.access).await);
    assert_snapshot!(table, @r#"
    not asked for: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    weak: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    unknown user: 400 UserNotFoundException "Username/client id combination not found."
    right: 200 {}
    again: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    old password: 400 NotAuthorizedException "Incorrect username or password."
    old tokens: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
    assert_eq!(pool.sign_in("yann", NEW).await.status, 200);
}

#[tokio::test]
async fn it_skips_no_second_factor() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({ "MfaConfiguration": "OPTIONAL" })).await;
    let token = pool.tokens("yann").await.access;
    let key = json!({ "AccessToken": token });
    let key = server.cognito().call("AssociateSoftwareToken", &key).await.get("/SecretCode");
    let code = server.totp(&key);
    let verify = json!({ "AccessToken": token, "UserCode": code });
    server.cognito().call("VerifySoftwareToken", &verify).await;
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "AccessToken": token, "SoftwareTokenMfaSettings": block });
    assert_eq!(server.cognito().call("SetUserMFAPreference", &preference).await.status, 200);
    let code = ask(&pool).await;
    assert_eq!(confirm(&pool, "yann", &code, NEW).await.line(), "200 {}");
    assert_eq!(pool.sign_in("yann", NEW).await.get("/ChallengeName"), "SOFTWARE_TOKEN_MFA");
}

#[tokio::test]
async fn it_lifts_a_lock() {
    let server = TestServer::start().await;
    let pool = yann(&server).await;
    for _ in 0..9 {
        pool.sign_in("yann", "wrong").await;
        server.clock.advance(Duration::from_secs(30));
    }
    assert!(pool.sign_in("yann", "wrong").await.text.contains("Incorrect"));
    assert!(pool.sign_in("yann", PASSWORD).await.text.contains("Password attempts exceeded"));
    let code = ask(&pool).await;
    assert_eq!(confirm(&pool, "yann", &code, NEW).await.status, 200);
    assert_eq!(pool.sign_in("yann", NEW).await.status, 200);
}

#[tokio::test]
async fn a_code_is_void_after_an_hour_a_newer_one_a_new_password_a_new_address() {
    let server = TestServer::start().await;
    let pool = yann(&server).await;
    let mut table = Table::default();
    let code = ask(&pool).await;
    server.clock.advance(Duration::from_hours(1));
    table.row("an hour later", &confirm(&pool, "yann", &code, NEW).await);
    let old = ask(&pool).await;
    let code = ask(&pool).await;
    table.row("a newer one", &confirm(&pool, "yann", &old, NEW).await);
    let set = json!({ "Username": "yann", "Password": PASSWORD, "Permanent": true });
    pool.admin("AdminSetUserPassword", set).await;
    table.row("a new password", &confirm(&pool, "yann", &code, NEW).await);
    let code = ask(&pool).await;
    let moved = json!([
        { "Name": "email", "Value": "new@example.com" },
        { "Name": "email_verified", "Value": "true" },
    ]);
    let moved = json!({ "Username": "yann", "UserAttributes": moved });
    pool.admin("AdminUpdateUserAttributes", moved).await;
    table.row("a new address", &confirm(&pool, "yann", &code, NEW).await);
    assert_snapshot!(table, @r#"
    an hour later: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    a newer one: 400 CodeMismatchException "Invalid verification code provided, please try again."
    a new password: 400 CodeMismatchException "Invalid verification code provided, please try again."
    a new address: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    "#);
    pool.tokens("yann").await;
}

#[tokio::test]
async fn nobody_who_is_disabled_gets_in() {
    let server = TestServer::start().await;
    let pool = yann(&server).await;
    let code = ask(&pool).await;
    pool.admin("AdminDisableUser", json!({ "Username": "yann" })).await;
    assert_snapshot!(confirm(&pool, "yann", &code, NEW).await.line(), @r#"400 CodeMismatchException "Invalid verification code provided, please try again.""#);
    pool.admin("AdminEnableUser", json!({ "Username": "yann" })).await;
    assert!(pool.sign_in("yann", NEW).await.text.contains("Incorrect"));
}

#[tokio::test]
async fn through_clients_that_hide_users_nobody_is_like_somebody() {
    let server = TestServer::start().await;
    let pool = yann(&server).await;
    let hiding = pool.hiding_client().await;
    let mut table = Table::default();
    for name in ["yann", "nobody"] {
        table.row("not asked for", &confirm(&hiding, name, "123456", NEW).await);
        hiding.call("ForgotPassword", json!({ "Username": name })).await;
        table.row("wrong", &confirm(&hiding, name, "12345x", NEW).await);
        for _ in 0..13 {
            confirm(&hiding, name, "12345x", NEW).await;
        }
        table.row("sixteenth", &confirm(&hiding, name, "12345x", NEW).await);
    }
    assert_snapshot!(table, @r#"
    not asked for: 400 CodeMismatchException "Invalid verification code provided, please try again."
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    sixteenth: 400 LimitExceededException "Attempt limit exceeded, please try after some time."
    not asked for: 400 CodeMismatchException "Invalid verification code provided, please try again."
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    sixteenth: 400 LimitExceededException "Attempt limit exceeded, please try after some time."
    "#);
}

#[tokio::test]
async fn passwords_of_late_are_refused_where_the_pool_remembers() {
    let server = TestServer::start().await;
    let policy = json!({ "PasswordHistorySize": 2, "MinimumLength": 6 });
    let pool = pool_with(&server, json!({ "Policies": { "PasswordPolicy": policy } })).await;
    let mut table = Table::default();
    for (name, password) in [
        ("the present one", PASSWORD),
        ("a new one", NEW),
        ("the one before", PASSWORD),
        ("a third one", "third-One-1!"),
        ("the first one, forgotten by now", PASSWORD),
    ] {
        server.clock.advance(Duration::from_hours(1));
        let code = ask(&pool).await;
        table.row(name, &confirm(&pool, "yann", &code, password).await);
    }
    assert_snapshot!(table, @r#"
    the present one: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    a new one: 200 {}
    the one before: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    a third one: 200 {}
    the first one, forgotten by now: 200 {}
    "#);
}
