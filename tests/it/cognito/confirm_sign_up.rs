use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const MAIL: &str = "vera@example.com";

async fn sign_up(pool: &TestPool<'_>, username: &str, email: &str) -> String {
    let email = json!([{ "Name": "email", "Value": email }]);
    let body = json!({ "Username": username, "Password": PASSWORD, "UserAttributes": email });
    let answer = pool.call("SignUp", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    // Messages of one moment have no order.
    pool.server.clock.advance(Duration::from_secs(1));
    pool.server.newest_code().await.0
}

async fn confirm(pool: &TestPool<'_>, username: &str, code: &str) -> Answer {
    pool.call("ConfirmSignUp", json!({ "Username": username, "ConfirmationCode": code })).await
}

fn other(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn confirms_and_verifies_the_address() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let code = sign_up(&pool, "vera", MAIL).await;
    let mut table = Table::default();
    table.row("wrong", &confirm(&pool, "vera", &other(&code)).await);
    table.row("unknown user", &confirm(&pool, "nobody", &code).await);
    table.row("right", &confirm(&pool, "vera", &code).await);
    table.row("again", &confirm(&pool, "vera", &code).await);
    assert_snapshot!(table, @r#"
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    unknown user: 400 UserNotFoundException "Username/client id combination not found."
    right: 200 {}
    again: 400 NotAuthorizedException "User cannot be confirmed. Current status is CONFIRMED"
    "#);
    assert_eq!(pool.attribute("vera", "email_verified").await.as_deref(), Some("true"));
    let user = pool.admin("AdminGetUser", json!({ "Username": "vera" })).await;
    assert_eq!(user.get("/UserStatus"), "CONFIRMED");
    pool.tokens("vera").await;
}

#[tokio::test]
async fn a_code_is_good_for_a_day_and_for_one_user() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let code = sign_up(&pool, "vera", MAIL).await;
    sign_up(&pool, "eve", "eve@example.com").await;
    let mut table = Table::default();
    table.row("another's", &confirm(&pool, "eve", &code).await);
    server.clock.advance(Duration::from_hours(24));
    table.row("a day later", &confirm(&pool, "vera", &code).await);
    assert_snapshot!(table, @r#"
    another's: 400 CodeMismatchException "Invalid verification code provided, please try again."
    a day later: 400 ExpiredCodeException "Invalid code provided, please request a code again."
    "#);
}

#[tokio::test]
async fn fifteen_attempts_an_hour_are_looked_at() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let code = sign_up(&pool, "vera", MAIL).await;
    for _ in 0..15 {
        let wrong = confirm(&pool, "vera", &other(&code)).await;
        assert!(wrong.text.contains("CodeMismatchException"), "{}", wrong.text);
    }
    assert_snapshot!(confirm(&pool, "vera", &code).await.line(), @r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#);
    server.clock.advance(Duration::from_hours(1));
    assert_eq!(confirm(&pool, "vera", &code).await.status, 200);
}

#[tokio::test]
async fn a_code_does_not_outlive_the_address_it_went_to() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let code = sign_up(&pool, "vera", MAIL).await;
    let moved = json!([{ "Name": "email", "Value": "new@example.com" }]);
    let moved = json!({ "Username": "vera", "UserAttributes": moved });
    pool.admin("AdminUpdateUserAttributes", moved).await;
    assert_snapshot!(confirm(&pool, "vera", &code).await.line(), @r#"400 ExpiredCodeException "Invalid code provided, please request a code again.""#);
}

#[tokio::test]
async fn an_address_has_one_owner_unless_it_is_taken() {
    let server = TestServer::start().await;
    let settings = json!({ "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    let (first, second) = (sign_up(&pool, "vera", MAIL).await, sign_up(&pool, "twin", MAIL).await);
    assert_eq!(confirm(&pool, "vera", &first).await.status, 200);
    let mut table = Table::default();
    table.row("not forced", &confirm(&pool, "twin", &second).await);
    let forced = json!({
        "Username": "twin",
        "ConfirmationCode": second,
        "ForceAliasCreation": true,
    });
    table.row("forced", &pool.call("ConfirmSignUp", forced).await);
    assert_snapshot!(table, @r#"
    not forced: 400 AliasExistsException "An account with the email already exists."
    forced: 200 {}
    "#);
    assert_eq!(pool.attribute("vera", "email_verified").await.as_deref(), Some("false"));
    let user = pool.admin("AdminGetUser", json!({ "Username": MAIL })).await;
    assert_eq!(user.get("/Username"), "twin");
}

#[tokio::test]
async fn a_number_has_one_owner() {
    let server = TestServer::start().await;
    let number = json!(["phone_number"]);
    let settings = json!({ "AliasAttributes": number, "AutoVerifiedAttributes": number });
    let pool = server.pool(settings).await;
    let mut told = Vec::new();
    for name in ["vera", "twin"] {
        let number = json!([{ "Name": "phone_number", "Value": "+14325551212" }]);
        let body = json!({ "Username": name, "Password": PASSWORD, "UserAttributes": number });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
        let code = server.newest_code().await.0;
        told.push(confirm(&pool, name, &code).await.line());
        server.clock.advance(Duration::from_secs(1));
    }
    assert_snapshot!(told.join("\n"), @r#"
    200 {}
    400 AliasExistsException "An account with the phone_number already exists."
    "#);
}

#[tokio::test]
async fn through_clients_that_hide_users_nobody_is_like_somebody() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let hiding = pool.hiding_client().await;
    let code = sign_up(&pool, "vera", MAIL).await;
    let mut table = Table::default();
    table.row("nobody", &confirm(&hiding, "nobody", &code).await);
    let again = json!({ "Username": "nobody" });
    assert_eq!(hiding.call("ResendConfirmationCode", again).await.status, 200);
    table.row("nobody, a code sent", &confirm(&hiding, "nobody", &code).await);
    table.row("wrong", &confirm(&hiding, "vera", &other(&code)).await);
    table.row("right", &confirm(&hiding, "vera", &code).await);
    table.row("confirmed, the same code", &confirm(&hiding, "vera", &code).await);
    table.row("confirmed, another code", &confirm(&hiding, "vera", &other(&code)).await);
    assert_snapshot!(table, @r#"
    nobody: 400 CodeMismatchException "Invalid verification code provided, please try again."
    nobody, a code sent: 400 CodeMismatchException "Invalid verification code provided, please try again."
    wrong: 400 CodeMismatchException "Invalid verification code provided, please try again."
    right: 200 {}
    confirmed, the same code: 400 NotAuthorizedException "User cannot be confirmed. Current status is CONFIRMED"
    confirmed, another code: 400 CodeMismatchException "Invalid verification code provided, please try again."
    "#);
}
