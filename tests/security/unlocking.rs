//! What operators see of failed attempts, and that they can lift a lock.

use crate::support::{OTHER_POOL, PASSWORD, POOL, TestServer};
use poolkeeper::system::operator;
use poolkeeper_pool::entity::MessagePurpose;
use poolkeeper_pool::limits::lockout::MEMORY;
use poolkeeper_pool::local::Failures;
use poolkeeper_pool::system::Clock as _;
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A server where Alice has failed so often.
async fn after(failures: usize) -> TestServer {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    for _ in 0..failures {
        attempt(&server, "Wr0ng-passw0rd").await;
    }
    server
}

/// The partner API's answer, without its body's tokens.
async fn attempt(server: &TestServer, password: &str) -> String {
    let body = json!({ "username": ALICE, "password": password });
    let answer = server.json("POST", "/auth", &body).await;
    if answer.status == 200 { "200".to_owned() } else { answer.row(&[]) }
}

async fn failures(server: &TestServer) -> Failures {
    server.engine.failures(&operator(), &POOL.into(), ALICE).await.unwrap()
}

#[tokio::test]
async fn a_lock_is_shown_while_it_lasts() {
    let server = after(0).await;
    assert_eq!(failures(&server).await, Failures { count: 0, locked_until: None });
    let server = after(4).await;
    assert_eq!(failures(&server).await, Failures { count: 4, locked_until: None });
    let server = after(5).await;
    let until = server.clock.now().after(Duration::from_secs(1));
    assert_eq!(failures(&server).await, Failures { count: 5, locked_until: Some(until) });
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(failures(&server).await, Failures { count: 5, locked_until: None });
    server.clock.advance(MEMORY);
    assert_eq!(failures(&server).await, Failures { count: 0, locked_until: None });
}

#[tokio::test]
async fn unlocked_the_right_password_counts_at_once() {
    let server = after(5).await;
    assert_ne!(attempt(&server, PASSWORD).await, "200");
    server.engine.unlock(&operator(), &POOL.into(), ALICE).await.unwrap();
    assert_eq!(failures(&server).await, Failures { count: 0, locked_until: None });
    assert_eq!(attempt(&server, PASSWORD).await, "200");
    // Nothing to forget is no mistake.
    server.engine.unlock(&operator(), &POOL.into(), ALICE).await.unwrap();
}

#[tokio::test]
async fn the_count_begins_anew() {
    let server = after(5).await;
    server.engine.unlock(&operator(), &POOL.into(), ALICE).await.unwrap();
    for count in 1..=4 {
        attempt(&server, "Wr0ng-passw0rd").await;
        assert_eq!(failures(&server).await, Failures { count, locked_until: None });
    }
    attempt(&server, "Wr0ng-passw0rd").await;
    assert!(failures(&server).await.locked_until.is_some());
}

/// Guesses of who holds a token tell the owner of the lock that they begin, as those at sign-in do.
#[tokio::test]
async fn the_owner_hears_of_a_lock_that_wrong_old_passwords_begin() {
    for is_portal in [false, true] {
        let server = TestServer::start().await;
        let user = server.user(ALICE, &["fd42"]).await;
        server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
        let login = json!({ "username": ALICE, "password": PASSWORD });
        let token = if is_portal {
            server.json("POST", "/api/auth/login", &login).await.get("/access_token")
        } else {
            server.cognito().tokens(ALICE).await.access
        };
        for attempt in 1..=5 {
            assert_eq!(server.engine.outbox(9).await.unwrap().len(), 0, "{attempt}");
            let wrong = "Wr0ng-passw0rd";
            if is_portal {
                let body = json!({ "current_password": wrong, "new_password": "N3w-password!" });
                let token = format!("Bearer {token}");
                let headers = [("authorization", token.as_str()), JSON];
                let line = "POST /api/auth/change-password";
                server.call(line, &headers, body.to_string()).await;
            } else {
                let body = json!({
                    "AccessToken": token,
                    "PreviousPassword": wrong,
                    "ProposedPassword": "N3w-password!",
                });
                server.cognito().call("ChangePassword", &body).await;
            }
        }
        let sent = server.engine.outbox(9).await.unwrap();
        let told: Vec<_> = sent.iter().map(|entry| (entry.purpose, entry.to.as_str())).collect();
        assert_eq!(told, [(MessagePurpose::LockedOut, ALICE)], "{is_portal}");
    }
}

#[tokio::test]
async fn who_is_not_there_is_not_unlocked() {
    let server = after(5).await;
    for (pool, name) in [(POOL, "nobody@example.com"), (OTHER_POOL, ALICE)] {
        let unlocked = server.engine.unlock(&operator(), &pool.into(), name).await.unwrap_err();
        let shown = server.engine.failures(&operator(), &pool.into(), name).await.unwrap_err();
        assert_eq!([unlocked, shown].map(|e| e.to_string()), ["there is no such user"; 2]);
    }
    assert!(failures(&server).await.locked_until.is_some());
}
