//! What strangers can make grow, and what ends it. (L6)

use crate::support::{PASSWORD, POOL, PUBLIC_CLIENT, TestServer, config};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Contact;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn open(days: Option<u32>) -> Config {
    let mut config = config(Path::new(""));
    config.pools[0].rules.auto_verified = vec![Contact::Email];
    config.pools[0].rules.unconfirmed_days = days;
    config
}

async fn sign_up(server: &TestServer, name: &str) {
    let body = json!({
        "ClientId": PUBLIC_CLIENT,
        "Username": name,
        "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": name }],
    });
    let answer = server.cognito().call("SignUp", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The names of the users there are.
async fn users(server: &TestServer) -> Vec<String> {
    let body = json!({ "UserPoolId": POOL, "AttributesToGet": ["email"] });
    let listed = server.cognito().admin("ListUsers", &body).await.json();
    let users = listed["Users"].as_array().unwrap().iter();
    let name =
        |user: &serde_json::Value| user["Attributes"][0]["Value"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = users.map(name).collect();
    names.sort();
    names
}

async fn later(server: &TestServer, by: Duration) {
    server.clock.advance(by);
    server.engine.sweep().await.unwrap();
}

#[tokio::test]
async fn who_signs_up_and_proves_nothing_is_removed_after_a_week() {
    let server = TestServer::with(open(None)).await;
    for name in ["una@example.com", "proven@example.com", "disabled@example.com"] {
        sign_up(&server, name).await;
    }
    // Those whom an administrator made are the administrator's to remove.
    server.new_user("invited@example.com", &[]).await;
    let body = json!({ "UserPoolId": POOL, "Username": "proven@example.com" });
    let confirmed = server.cognito().admin("AdminConfirmSignUp", &body).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let body = json!({ "UserPoolId": POOL, "Username": "disabled@example.com" });
    assert_eq!(server.cognito().admin("AdminDisableUser", &body).await.status, 200);
    let all =
        ["disabled@example.com", "invited@example.com", "proven@example.com", "una@example.com"];
    later(&server, 7 * DAY).await;
    assert_eq!(users(&server).await, all);
    later(&server, Duration::from_secs(1)).await;
    assert_eq!(users(&server).await, all[..3]);
    // The address is free again.
    sign_up(&server, "una@example.com").await;
    later(&server, 30 * DAY).await;
    assert_eq!(users(&server).await, all[..3]);
}

#[tokio::test]
async fn the_operator_says_how_long() {
    let server = TestServer::with(open(Some(0))).await;
    sign_up(&server, "una@example.com").await;
    later(&server, 1000 * DAY).await;
    assert_eq!(users(&server).await, ["una@example.com"]);

    let server = TestServer::with(open(Some(1))).await;
    sign_up(&server, "una@example.com").await;
    // More time than before counts for those, too, who are there.
    let pool = server.engine.pool(&operator(), &POOL.into()).await.unwrap();
    let mut wanted = pool.clone();
    wanted.rules.unconfirmed_days = Some(2);
    server.engine.replace_pool(&operator(), wanted).await.unwrap();
    later(&server, DAY + Duration::from_secs(1)).await;
    assert_eq!(users(&server).await, ["una@example.com"]);
    later(&server, DAY).await;
    assert_eq!(users(&server).await, [""; 0]);
}

/// Nodes tidy up at the same time, and one may have begun before a user proves the sign-up.
#[tokio::test]
async fn many_are_removed_in_portions_by_several_nodes() {
    let server = TestServer::with(open(None)).await;
    for number in 0..205 {
        sign_up(&server, &format!("u{number:03}@example.com")).await;
    }
    server.clock.advance(8 * DAY);
    let node = server.another_node().await;
    for _ in 0..4 {
        let (one, other) = tokio::join!(server.engine.sweep(), node.engine.sweep());
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    }
    assert_eq!(users(&server).await, [""; 0]);
}

/// A clock that is ahead, and is set right after what has expired by it was removed.
#[tokio::test]
async fn what_was_spent_stays_spent_by_a_clock_set_back() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    server.totp_user("app@example.com", &[]).await;
    let session = cognito.sign_in("app@example.com", PASSWORD).await.get("/Session");
    let responses =
        json!({ "USERNAME": "app@example.com", "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    let answer = cognito.respond("SOFTWARE_TOKEN_MFA", &session, responses.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    later(&server, DAY).await;
    server.clock.rewind(DAY);
    let answer = cognito.respond("SOFTWARE_TOKEN_MFA", &session, responses).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}
