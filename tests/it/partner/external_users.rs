//! Users who may not sign in to the operator's own applications.

use super::{ACME, ALICE, PARTNER, configured, session};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const OWN: (&str, &str) = ("x-app-id", "webapp");

async fn start() -> TestServer {
    configured(|api| api.first_party_apps = vec!["webapp".to_owned()]).await
}

async fn auth(server: &TestServer, password: &str, app: (&str, &str)) -> Answer {
    let body = json!({ "username": ALICE, "password": password }).to_string();
    server.call("POST /auth", &[("content-type", "application/json"), app], body).await
}

#[tokio::test]
async fn refused_at_the_operator_s_own_applications_alone() {
    let server = start().await;
    let alice = server.user(ALICE, &[ACME, "external-user"]).await;
    let mut rows = vec![
        format!("own: {}", auth(&server, PASSWORD, OWN).await.row(&["www-authenticate"])),
        format!("own, wrong password: {}", auth(&server, "wrong", OWN).await.row(&[])),
    ];
    let elsewhere = auth(&server, PASSWORD, ("x-app-id", "mobile")).await;
    assert_eq!(elsewhere.status, 200);
    let refresh = json!({ "token": elsewhere.get("/RefreshToken") }).to_string();
    let refresh = server
        .call("POST /auth/refresh_token", &[("content-type", "application/json"), OWN], refresh)
        .await;
    rows.push(format!("refresh: {}", refresh.row(&[])));
    let bearer = format!("Bearer {}", elsewhere.get("/AccessToken"));
    for line in ["GET /partners", "GET /auth/mfa/settings"] {
        let headers = [("authorization", bearer.as_str()), (PARTNER, ACME), OWN];
        rows.push(format!("{line}: {}", server.call(line, &headers, "").await.row(&[])));
        assert_eq!(server.call(line, &headers[..2], "").await.status, 200);
    }
    assert_snapshot!(rows.join("\n"), @r#"
    own: 403 Forbidden {"error_code":"EXTERNAL_USER","message":"error.auth.external_user"}
    own, wrong password: 401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}
    refresh: 403 Forbidden {"error_code":"EXTERNAL_USER","message":"error.auth.external_user"}
    GET /partners: 403 Forbidden {"error_code":"EXTERNAL_USER","message":"error.auth.external_user"}
    GET /auth/mfa/settings: 403 Forbidden {"error_code":"EXTERNAL_USER","message":"error.auth.external_user"}
    "#);
    server.leave(&alice, "external-user").await;
    assert_eq!(auth(&server, PASSWORD, OWN).await.status, 200);
}

#[tokio::test]
async fn half_way_in_too() {
    let server = start().await;
    server.totp_user(ALICE, &["external-user"]).await;
    let body = json!({
        "username": ALICE,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": session(&server, ALICE).await,
        "mfa_token": server.totp_code(),
    });
    let line = "PUT /auth/challenge/mfa-token";
    let headers = [("content-type", "application/json"), OWN];
    let answer = server.call(line, &headers, body.to_string()).await;
    assert_eq!(answer.get("/error_code"), "EXTERNAL_USER");
    assert_eq!(server.call(line, &headers[..1], body.to_string()).await.status, 200);
}
