//! How often one address may try passwords, codes and refresh tokens.

use super::{ALICE, attempt, configured, login};
use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Duration;

async fn limited() -> TestServer {
    configured(|api| api.attempts_per_address = NonZeroU32::new(5)).await
}

#[tokio::test]
async fn the_sixth_in_a_minute_is_refused_whoever_is_named() {
    let server = limited().await;
    server.user(ALICE, &[]).await;
    for name in ["a", "b", "c", "d"] {
        assert_eq!(attempt(&server, name, "wrong").await.status, 401);
    }
    assert_eq!(login(&server, ALICE).await.status, 200);
    let body = json!({ "username": ALICE, "password": crate::support::PASSWORD }).to_string();
    let headers = [("content-type", "application/json"), ("origin", "https://portal.example.com")];
    let answer = server.call("POST /api/auth/login/", &headers, body).await;
    let shown = ["retry-after", "access-control-allow-origin", "x-request-id"];
    assert_snapshot!(answer.row(&shown[..2]), @r#"429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 12 access-control-allow-origin: https://portal.example.com"#);
    assert!(answer.header("x-request-id").is_some());
    server.clock.advance(Duration::from_secs(12));
    assert_eq!(login(&server, ALICE).await.status, 200);
    assert_eq!(login(&server, ALICE).await.status, 429);
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
    login: 422 422 422 422 422 429 429
    refresh-token: 422 422 422 422 422 429 429
    forgot-password: 422 422 422 422 422 429 429
    reset-password: 422 422 422 422 422 429 429
    complete-password-change: 422 422 422 422 422 429 429
    logout: 200 200 200 200 200 200 200
    change-password: 401 401 401 401 401 401 401
    ");
}
