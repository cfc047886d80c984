use crate::support::{Answer, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const RUTH: &str = "ruth";
const MAIL: &str = "ruth@example.com";

async fn ruth(pool: &TestPool<'_>) -> String {
    pool.user(RUTH, &[("email", MAIL), ("phone_number", "+14325551212")]).await;
    pool.tokens(RUTH).await.access
}

async fn ask(server: &TestServer, token: &str, name: &str) -> String {
    let body = json!({ "AccessToken": token, "AttributeName": name });
    let sent = server.cognito().call("GetUserAttributeVerificationCode", &body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    // Messages of one moment have no order.
    server.clock.advance(Duration::from_secs(1));
    server.newest_code().await.0
}

async fn verify(server: &TestServer, token: &str, name: &str, code: &str) -> Answer {
    let body = json!({ "AccessToken": token, "AttributeName": name, "Code": code });
    server.cognito().call("VerifyUserAttribute", &body).await
}

fn other(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn a_code_proves_its_address_once() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = ruth(&pool).await;
    let mut table = Table::default();
    table.row("not asked for", &verify(&server, &token, "email", "123456").await);
    let code = ask(&server, &token, "email").await;
    table.row("wrong", &verify(&server, &token, "email", &other(&code)).await);
    table.row("for the other address", &verify(&server, &token, "phone_number", &code).await);
    table.row("no address", &verify(&server, &token, "name", &code).await);
    table.row("right", &verify(&server, &token, "email", &code).await);
    table.row("again", &verify(&server, &token, "email", &code).await);
    assert_snapshot!(table, @r#"
    not asked for: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    for the other address: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    no address: 400 InvalidParameterException "Attribute name must be email or phone_number."
    right: 200 {}
    again: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    "#);
    assert_eq!(pool.attribute(RUTH, "email_verified").await.as_deref(), Some("true"));
    assert_eq!(pool.attribute(RUTH, "phone_number_verified").await, None);
}

#[tokio::test]
async fn a_new_code_voids_the_old_one_and_a_day_any() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = ruth(&pool).await;
    let first = ask(&server, &token, "email").await;
    let second = ask(&server, &token, "email").await;
    let mut table = Table::default();
    table.row("first", &verify(&server, &token, "email", &first).await);
    server.clock.advance(Duration::from_hours(24));
    let token = pool.tokens(RUTH).await.access;
    table.row("second, a day later", &verify(&server, &token, "email", &second).await);
    assert_snapshot!(table, @r#"
    first: 400 CodeMismatchException "Invalid verification code provided, please try again."
    second, a day later: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    "#);
}

#[tokio::test]
async fn a_code_of_one_user_is_nothing_to_another() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = ruth(&pool).await;
    pool.user("sam", &[("email", "sam@example.com")]).await;
    let sam = pool.tokens("sam").await.access;
    let code = ask(&server, &token, "email").await;
    ask(&server, &sam, "email").await;
    assert_eq!(verify(&server, &sam, "email", &code).await.status, 400);
    assert_eq!(pool.attribute("sam", "email_verified").await, None);
}

#[tokio::test]
async fn a_code_does_not_outlive_the_address_it_was_sent_for() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = ruth(&pool).await;
    let code = ask(&server, &token, "email").await;
    let change = json!([{ "Name": "email", "Value": "other@example.com" }]);
    let change = json!({ "Username": RUTH, "UserAttributes": change });
    pool.admin("AdminUpdateUserAttributes", change).await;
    assert_snapshot!(verify(&server, &token, "email", &code).await.line(), @r#"400 CodeMismatchException "Invalid verification code provided, please try again.""#);
    assert_eq!(pool.attribute(RUTH, "email").await.as_deref(), Some("other@example.com"));
    assert_eq!(pool.attribute(RUTH, "email_verified").await.as_deref(), Some("false"));
}

#[tokio::test]
async fn a_verified_address_is_a_name_that_one_user_has() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AliasAttributes": ["email"] })).await;
    let token = ruth(&pool).await;
    pool.user("sam", &[("email", MAIL)]).await;
    let sam = pool.tokens("sam").await.access;
    let (code, sams) = (ask(&server, &token, "email").await, ask(&server, &sam, "email").await);
    assert_eq!(verify(&server, &token, "email", &code).await.status, 200);
    assert_snapshot!(verify(&server, &sam, "email", &sams).await.line(), @r#"400 AliasExistsException "An account with the email already exists.""#);
    assert_eq!(pool.attribute("sam", "email_verified").await, None);
    assert_eq!(pool.sign_in(MAIL, crate::support::PASSWORD).await.status, 200);
}

#[tokio::test]
async fn fifteen_attempts_an_hour_are_looked_at() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = ruth(&pool).await;
    let code = ask(&server, &token, "email").await;
    for _ in 0..15 {
        let wrong = verify(&server, &token, "email", &other(&code)).await;
        assert!(wrong.text.contains("CodeMismatchException"), "{}", wrong.text);
    }
    assert_snapshot!(verify(&server, &token, "email", &code).await.line(), @r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#);
    assert_eq!(pool.attribute(RUTH, "email_verified").await, None);
}
