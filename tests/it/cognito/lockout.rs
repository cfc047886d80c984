//! Failed attempts and the growing pauses they cause.

use crate::support::{Answer, PASSWORD, PORTAL_CLIENT, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";
const LOCKED: &str = "Password attempts exceeded";

async fn fail(server: &TestServer, name: &str, times: usize) -> Vec<String> {
    let mut messages = Vec::new();
    for _ in 0..times {
        messages.push(server.cognito().sign_in(name, "wrong").await.get("/message"));
    }
    messages
}

async fn is_locked(server: &TestServer, name: &str) -> bool {
    let answer = server.cognito().sign_in(name, PASSWORD).await;
    answer.status == 400 && answer.get("/message") == LOCKED
}

#[tokio::test]
async fn five_failures_lock_whatever_comes_next() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    assert_eq!(fail(&server, ALICE, 5).await, ["Incorrect username or password."; 5]);
    let locked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_snapshot!(locked.show_with(&["x-amzn-errortype"]), @r#"
    400 Bad Request
    x-amzn-errortype: NotAuthorizedException
    {
      "__type": "NotAuthorizedException",
      "message": "Password attempts exceeded"
    }
    "#);
}

#[tokio::test]
async fn attempts_while_locked_are_not_looked_at_and_do_not_count() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    fail(&server, ALICE, 5).await;
    let comparisons = &server.workers.comparisons;
    let before = comparisons.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(fail(&server, ALICE, 20).await, [LOCKED; 20]);
    assert_eq!(comparisons.load(std::sync::atomic::Ordering::SeqCst), before);
    server.clock.advance(Duration::from_secs(1));
    assert!(!is_locked(&server, ALICE).await);
}

#[tokio::test]
async fn each_further_failure_doubles_the_lock() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    fail(&server, ALICE, 4).await;
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] {
        assert_eq!(fail(&server, ALICE, 1).await, ["Incorrect username or password."]);
        server.clock.advance(Duration::from_millis(seconds * 1000 - 1));
        assert!(is_locked(&server, ALICE).await, "{seconds}");
        server.clock.advance(Duration::from_millis(1));
    }
    server.cognito().tokens(ALICE).await;
}

#[tokio::test]
async fn a_success_forgets_all_failures() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    for _ in 0..3 {
        fail(&server, ALICE, 4).await;
        server.cognito().tokens(ALICE).await;
    }
}

#[tokio::test]
async fn fifteen_quiet_minutes_forget_all_failures() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    fail(&server, ALICE, 4).await;
    server.clock.advance(Duration::from_mins(15));
    assert_eq!(fail(&server, ALICE, 4).await, ["Incorrect username or password."; 4]);
    assert!(!is_locked(&server, ALICE).await);
}

#[tokio::test]
async fn one_user_has_one_lock_under_all_names_and_through_all_clients() {
    let server = TestServer::telling().await;
    let alice = server.user(ALICE, &[]).await;
    fail(&server, ALICE, 2).await;
    fail(&server, "ALICE@example.com", 1).await;
    fail(&server, alice.sub.as_str(), 1).await;
    let parameters = json!({ "USERNAME": alice.username.as_str(), "PASSWORD": "wrong" });
    let flow = "ADMIN_USER_PASSWORD_AUTH";
    let cognito = server.cognito();
    cognito.admin_initiate(PORTAL_CLIENT, flow, parameters.clone()).await;
    let answer: Answer = cognito.admin_initiate(PORTAL_CLIENT, flow, parameters).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Password attempts exceeded""#);
    assert!(is_locked(&server, ALICE).await);
}

#[tokio::test]
async fn others_are_not_locked() {
    let server = TestServer::telling().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    fail(&server, ALICE, 5).await;
    server.cognito().tokens("bob@example.com").await;
    assert!(!is_locked(&server, "nobody@example.com").await);
}

#[tokio::test]
async fn a_right_password_before_the_second_factor_does_not_forget_failures() {
    let server = TestServer::telling().await;
    server.totp_user(ALICE, &[]).await;
    fail(&server, ALICE, 4).await;
    let challenge = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_eq!(challenge.get("/ChallengeName"), "SOFTWARE_TOKEN_MFA");
    fail(&server, ALICE, 1).await;
    assert!(is_locked(&server, ALICE).await);
}
