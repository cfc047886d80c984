//! How often one address may try passwords, codes and refresh tokens.

use super::forgot_password::{forgot, reachable};
use super::{ALICE, attempt, configured, login};
use crate::support::{Answer, AtAmazon, Fault, TestServer, config};
use insta::assert_snapshot;
use poolkeeper_aws::Limits;
use serde_json::json;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

async fn limited() -> TestServer {
    configured(|api| api.attempts_per_address = NonZeroU32::new(5)).await
}

/// `POST /api/auth/login` with a wrong password, from a web page.
async fn from_a_page(server: &TestServer) -> Answer {
    let body = json!({ "username": ALICE, "password": "wrong" }).to_string();
    let headers = [("content-type", "application/json"), ("origin", "https://portal.example.com")];
    server.call("POST /api/auth/login/", &headers, body).await
}

const SHOWN: [&str; 3] =
    ["retry-after", "access-control-allow-origin", "access-control-expose-headers"];

#[tokio::test]
async fn the_sixth_failure_in_a_minute_is_refused_whoever_is_named() {
    let server = limited().await;
    server.user(ALICE, &[]).await;
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(attempt(&server, name, "wrong").await.status, 401);
    }
    let answer = from_a_page(&server).await;
    assert_snapshot!(answer.row(&SHOWN), @r#"500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 12 access-control-allow-origin: https://portal.example.com access-control-expose-headers: Retry-After, X-Request-ID"#);
    assert!(answer.header("x-request-id").is_some());
    let right = login(&server, ALICE).await;
    assert_eq!((right.status, right.text), (answer.status, answer.text));
    server.clock.advance(Duration::from_secs(12));
    assert_eq!(login(&server, ALICE).await.status, 200);
    assert_eq!(attempt(&server, "f", "wrong").await.status, 401);
    assert_eq!(login(&server, ALICE).await.status, 500);
}

/// An office behind one address.
#[tokio::test]
async fn a_success_does_not_count() {
    let server = configured(|api| {
        api.attempts_per_address = NonZeroU32::new(5);
        api.second_factors = true;
    })
    .await;
    server.user(ALICE, &[]).await;
    server.new_user("new@example.com", &[]).await;
    server.email_mfa_user("emma@example.com", &[]).await;
    for _ in 0..9 {
        let tokens = login(&server, ALICE).await;
        assert_eq!(tokens.status, 200);
        let body = json!({ "refresh_token": tokens.json()["refresh_token"] });
        let refreshed = server.json("POST", "/api/auth/refresh-token", &body).await;
        assert_eq!(refreshed.status, 200);
        // The right password is a success, though a new one or a mailed code is asked for.
        assert_eq!(login(&server, "new@example.com").await.status, 200);
        assert_eq!(login(&server, "emma@example.com").await.status, 200);
    }
    for _ in 0..5 {
        assert_eq!(attempt(&server, ALICE, "wrong").await.status, 401);
    }
    assert_eq!(login(&server, ALICE).await.status, 500);
}

/// What the pool could not look at tells nobody anything about a password.
#[tokio::test]
async fn an_attempt_that_was_not_looked_at_does_not_count() {
    let mut config = config(Path::new(""));
    config.portal_api.as_mut().unwrap().attempts_per_address = NonZeroU32::new(2);
    let limits = Limits { attempts: 1, failures: 1000, ..Limits::default() };
    let how = AtAmazon { limits, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config, how).await;
    server.user(ALICE, &[]).await;
    server.proxy().set(Fault::Status(500));
    for _ in 0..5 {
        assert_eq!(login(&server, ALICE).await.status, 503);
    }
    server.proxy().set(Fault::None);
    for status in [401, 401, 500] {
        assert_eq!(attempt(&server, ALICE, "wrong").await.status, status);
    }
}

/// What sends mail counts in any case.
#[tokio::test]
async fn codes_that_were_sent_count() {
    let server = limited().await;
    let mut told = Vec::new();
    for number in 0..6 {
        let username = format!("user{number}@example.com");
        reachable(&server, &username).await;
        told.push(forgot(&server, &username).await.status.as_u16());
    }
    assert_eq!(told, [200, 200, 200, 200, 200, 429]);
}

/// Of many attempts at once, right or wrong, no more are looked at than may fail.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_in_flight_count_until_they_succeed() {
    let server = Arc::new(limited().await);
    let tries = (0..40).map(|number| {
        let server = Arc::clone(&server);
        async move { attempt(&server, &format!("{number}@example.com"), "wrong").await.status }
    });
    let statuses = tries.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5);
}

#[tokio::test]
async fn each_endpoint_counts_for_itself_under_all_its_names() {
    let server = limited().await;
    let preflight =
        [("origin", "https://portal.example.com"), ("access-control-request-method", "POST")];
    let mut rows = Vec::new();
    for paths in [
        ["login", "login"],
        ["refresh-token", "refresh"],
        ["forgot-password", "forgot-password"],
        ["reset-password", "reset-password/"],
        ["complete-password-change", "complete-password-change"],
        ["logout", "logout"],
        ["change-password", "change-password"],
    ] {
        let mut told = Vec::new();
        for round in 0..7 {
            let path = format!("/api/auth/{}", paths[round % 2]);
            server.bare("OPTIONS", &path, &preflight).await;
            told.push(server.text("POST", &path, "{}").await.status.as_u16().to_string());
        }
        rows.push(format!("{}: {}", paths[0], told.join(" ")));
    }
    assert_snapshot!(rows.join("\n"), @"
    login: 422 422 422 422 422 500 500
    refresh-token: 422 422 422 422 422 429 429
    forgot-password: 422 422 422 422 422 429 429
    reset-password: 422 422 422 422 422 429 429
    complete-password-change: 422 422 422 422 422 429 429
    logout: 200 200 200 200 200 200 200
    change-password: 401 401 401 401 401 401 401
    ");
}
