use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const NEW: &str = "N3w-password!";

async fn change(pool: &TestPool<'_>, token: &str, old: &str, new: &str) -> Answer {
    let body = json!({ "AccessToken": token, "PreviousPassword": old, "ProposedPassword": new });
    pool.server.cognito().call("ChangePassword", &body).await
}

#[tokio::test]
async fn by_the_old_one() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("zoe", &[]).await;
    let (token, other) = (pool.tokens("zoe").await.access, pool.tokens("zoe").await.access);
    let mut table = Table::default();
    table.row("wrong", &change(&pool, &token, "wrong", NEW).await);
    table.row("weak", &change(&pool, &token, PASSWORD, "weak").await);
    let none = json!({ "AccessToken": token, "ProposedPassword": NEW });
    table.row("none", &server.cognito().call("ChangePassword", &none).await);
    table.row("no token", &change(&pool, "x", PASSWORD, NEW).await);
    table.row("right", &change(&pool, &token, PASSWORD, NEW).await);
    table.row("the old one", &pool.sign_in("zoe", PASSWORD).await);
    assert_snapshot!(table, @r#"
    wrong: 400 NotAuthorizedException "Incorrect username or password."
    weak: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    none: 400 InvalidParameterException "Missing required parameter PreviousPassword"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    right: 200 {}
    the old one: 400 NotAuthorizedException "Incorrect username or password."
    "#);
    assert_eq!(pool.sign_in("zoe", NEW).await.status, 200);
    assert_eq!(server.cognito().get_user(&token).await.status, 200);
    assert_eq!(server.cognito().get_user(&other).await.status, 200);
}

#[tokio::test]
async fn guesses_count_as_at_sign_in() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("zoe", &[]).await;
    let token = pool.tokens("zoe").await.access;
    for _ in 0..3 {
        change(&pool, &token, "wrong", NEW).await;
        pool.sign_in("zoe", "wrong").await;
    }
    let mut table = Table::default();
    table.row("locked", &change(&pool, &token, PASSWORD, NEW).await);
    table.row("at sign-in, too", &pool.sign_in("zoe", PASSWORD).await);
    assert_snapshot!(table, @r#"
    locked: 400 NotAuthorizedException "Password attempts exceeded"
    at sign-in, too: 400 NotAuthorizedException "Password attempts exceeded"
    "#);
    server.clock.advance(Duration::from_mins(5));
    assert_eq!(change(&pool, &token, PASSWORD, NEW).await.status, 200);
}

#[tokio::test]
async fn five_times_an_hour() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("zoe", &[]).await;
    let token = pool.tokens("zoe").await.access;
    for round in 0..5 {
        let (old, new) = if round % 2 == 0 { (PASSWORD, NEW) } else { (NEW, PASSWORD) };
        assert_eq!(change(&pool, &token, old, new).await.status, 200);
    }
    assert_snapshot!(change(&pool, &token, NEW, PASSWORD).await.line(), @r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#);
}

#[tokio::test]
async fn passwords_of_late_are_refused_where_the_pool_remembers() {
    let server = TestServer::start().await;
    let policy = json!({ "PasswordHistorySize": 3, "MinimumLength": 6 });
    let pool = server.pool(json!({ "Policies": { "PasswordPolicy": policy } })).await;
    pool.user("zoe", &[]).await;
    let token = pool.tokens("zoe").await.access;
    let mut table = Table::default();
    table.row("the same", &change(&pool, &token, PASSWORD, PASSWORD).await);
    table.row("a new one", &change(&pool, &token, PASSWORD, NEW).await);
    table.row("the first", &change(&pool, &token, NEW, PASSWORD).await);
    assert_snapshot!(table, @r#"
    the same: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    a new one: 200 {}
    the first: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    "#);
}

#[tokio::test]
async fn sign_ins_half_way_end() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    pool.user("zoe", &[("email", "zoe@example.com")]).await;
    let token = pool.tokens("zoe").await.access;
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "Username": "zoe", "EmailMfaSettings": block });
    pool.admin("AdminSetUserMFAPreference", preference).await;
    let session = pool.sign_in("zoe", PASSWORD).await.get("/Session");
    let code = server.newest_code().await.0;
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(change(&pool, &token, PASSWORD, NEW).await.status, 200);
    let responses = json!({ "USERNAME": "zoe", "EMAIL_OTP_CODE": code });
    assert_snapshot!(pool.respond("EMAIL_OTP", &session, responses).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}
