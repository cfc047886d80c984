//! A slow, broken or busy Amazon: quick and clear errors, nothing hangs, and no password is sent
//! twice.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper_aws::{Flow, Limits};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than any answer may take here.
const PATIENCE: Duration = Duration::from_secs(10);

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    attempts: 3,
    pause: Duration::from_millis(1),
    failures: 1000,
    rest: Duration::from_secs(5),
};

/// A server that asks its "Amazon" through a proxy.
async fn server(limits: Limits) -> TestServer {
    let how = AtAmazon { limits, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    server
}

/// A sign-in through each API: in time, whatever happens.
async fn sign_ins(server: &TestServer) -> String {
    let partner = json!({ "username": ALICE, "password": PASSWORD });
    let tenant = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    let mut rows = Vec::new();
    for (path, body) in [("/auth", &partner), ("/api/auth/login", &partner), ("/Login", &tenant)] {
        let answer = timeout(PATIENCE, server.json("POST", path, body)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{path} hangs"));
        let text = if answer.status == 200 { "(signed in)" } else { &answer.text };
        rows.push(format!("{path} {} {text}", answer.status));
    }
    rows.join("\n")
}

#[tokio::test]
async fn failures_are_quick_clear_and_no_wrong_password() {
    let server = server(LIMITS).await;
    let proxy = server.proxy();
    let faults =
        [Fault::Silence, Fault::Reset, Fault::Status(500), Fault::Status(503), Fault::Truncated];
    let mut seen = Vec::new();
    for fault in faults {
        proxy.set(fault);
        seen.push(sign_ins(&server).await);
        assert_eq!(proxy.connections(), 3, "{fault:?}: a password was sent twice");
    }
    seen.dedup();
    assert_snapshot!(seen.join("\n\n"), @r#"
    /auth 503 Service Unavailable {"message":"error.upstream_unavailable","error_code":"UPSTREAM_UNAVAILABLE"}
    /api/auth/login 503 Service Unavailable {"detail":"Login failed: Service unavailable"}
    /Login 503 Service Unavailable {"message":"Service unavailable","error":"ServiceUnavailable"}
    "#);
    // Nobody is locked out by it.
    proxy.set(Fault::None);
    assert_snapshot!(sign_ins(&server).await, @r"
    /auth 200 OK (signed in)
    /api/auth/login 200 OK (signed in)
    /Login 200 OK (signed in)
    ");
}

#[tokio::test]
async fn a_busy_amazon_is_said_to_be_busy_and_left_alone_for_a_second() {
    let server = server(LIMITS).await;
    let proxy = server.proxy();
    proxy.set(Fault::Status(429));
    assert_snapshot!(sign_ins(&server).await, @r#"
    /auth 429 Too Many Requests {"message":"error.rate_limited","error_code":"RATE_LIMITED"}
    /api/auth/login 500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"}
    /Login 429 Too Many Requests {"message":"Too many requests","error":"TooManyRequests"}
    "#);
    assert_eq!(proxy.connections(), 1, "the others were not even sent");
    server.clock.advance(Duration::from_secs(1));
    sign_ins(&server).await;
    assert_eq!(proxy.connections(), 2, "one finds out how things stand");
    proxy.set(Fault::None);
    server.clock.advance(Duration::from_secs(301));
    assert_eq!(sign_ins(&server).await.matches("(signed in)").count(), 3);
}

/// What only reads is tried again.
#[tokio::test]
async fn reads_are_repeated() {
    let server = server(LIMITS).await;
    let proxy = server.proxy();
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
    let bearer = format!("Bearer {token}");
    proxy.set(Fault::First(1));
    let me = server.bare("GET", "/api/auth/me", &[("authorization", &bearer)]).await;
    assert_eq!(me.status, 200, "{}", me.text);
    proxy.set(Fault::Status(500));
    // The first attempt may find the connection of before.
    server.bare("GET", "/api/auth/me", &[("authorization", &bearer)]).await;
    proxy.set(Fault::Status(500));
    let me = server.bare("GET", "/api/auth/me", &[("authorization", &bearer)]).await;
    assert_snapshot!(me.row(&[]), @r#"503 Service Unavailable {"detail":"Service unavailable"}"#);
    assert_eq!(proxy.connections(), 3);
}

#[tokio::test]
async fn the_breaker_opens_and_closes() {
    let limits = Limits { failures: 3, ..LIMITS };
    let server = server(limits).await;
    let proxy = server.proxy();
    let body = json!({ "username": ALICE, "password": PASSWORD });
    proxy.set(Fault::Reset);
    for _ in 0..5 {
        assert_eq!(server.json("POST", "/auth", &body).await.status, 503);
    }
    assert_eq!(proxy.connections(), 3, "it is left alone after the third failure");
    server.clock.advance(Duration::from_secs(8));
    assert_eq!(server.json("POST", "/auth", &body).await.status, 503);
    assert_eq!(proxy.connections(), 4, "one shows how things stand");
    proxy.set(Fault::None);
    assert_eq!(server.json("POST", "/auth", &body).await.status, 503, "it rests once more");
    server.clock.advance(Duration::from_secs(8));
    for _ in 0..3 {
        assert_eq!(server.json("POST", "/auth", &body).await.status, 200);
    }
}

/// Cognito's own protocol, handed on through the proxy: with the pools' time-outs, which are shorter
/// here than those that hold if a file does not name any.
#[tokio::test]
async fn what_is_handed_on_fails_quickly_and_clearly_too() {
    let limits = Limits { answer: Duration::from_secs(1), ..LIMITS };
    let in_time = (limits.connect + limits.answer) * 3;
    assert!(in_time < Limits::default().connect + Limits::default().answer);
    let how = AtAmazon { limits, proxied: true, forwarded: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[]).await;
    let proxy = server.proxy();
    let faults = [
        Fault::Silence,
        Fault::Stall,
        Fault::Reset,
        Fault::Truncated,
        Fault::Status(429),
        Fault::Status(500),
        Fault::Late(Duration::from_millis(200)),
    ];
    let mut rows = Vec::new();
    for fault in faults {
        proxy.set(fault);
        let answer = timeout(in_time, server.cognito().sign_in(ALICE, "wrong")).await;
        let answer = answer.unwrap_or_else(|_| panic!("{fault:?} takes too long"));
        assert_eq!(proxy.connections(), 1, "{fault:?}: a password was sent twice");
        let row = answer.row(&["content-type", "connection"]);
        rows.push(format!("{fault:?}: {}", row.trim_end()));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    Silence: 503 Service Unavailable {"__type":"ServiceUnavailableException","message":"Amazon does not answer."} content-type: application/x-amz-json-1.1
    Stall: 503 Service Unavailable {"__type":"ServiceUnavailableException","message":"Amazon does not answer."} content-type: application/x-amz-json-1.1
    Reset: 503 Service Unavailable {"__type":"ServiceUnavailableException","message":"Amazon does not answer."} content-type: application/x-amz-json-1.1
    Truncated: 503 Service Unavailable {"__type":"ServiceUnavailableException","message":"Amazon does not answer."} content-type: application/x-amz-json-1.1
    Status(429): 429 Too Many Requests
    Status(500): 500 Internal Server Error {"__type":"InternalErrorException","message":"broken"}
    Late(200ms): 400 Bad Request {"__type":"NotAuthorizedException","message":"Incorrect username or password."} content-type: application/x-amz-json-1.1
    "#);
    // On the same connection: what is late is no fault.
    assert_eq!(server.cognito().sign_in(ALICE, PASSWORD).await.status, 200);
}

/// What stands for no refusal is a fault of ours, and no sign that Amazon is down. The portal tells
/// its name, as documented.
#[tokio::test]
async fn unknown_exceptions_are_told_by_name_and_pause_nothing() {
    let limits = Limits { failures: 1, ..LIMITS };
    let how = AtAmazon { limits, proxied: true, flow: Some(Flow::Admin), ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let mut rows = Vec::new();
    for exception in ["ForbiddenException", "ExpiredTokenException", "BrandNewException"] {
        server.proxy().set(Fault::Done("AdminInitiateAuth", exception));
        rows.push(sign_ins(&server).await);
    }
    assert_snapshot!(rows.join("\n\n"), @r#"
    /auth 500 Internal Server Error {"message":"error.internal","error_code":"INTERNAL"}
    /api/auth/login 500 Internal Server Error {"detail":"Authentication error: ForbiddenException"}
    /Login 500 Internal Server Error {"message":"Internal error","error":"InternalError"}

    /auth 500 Internal Server Error {"message":"error.internal","error_code":"INTERNAL"}
    /api/auth/login 500 Internal Server Error {"detail":"Authentication error: ExpiredTokenException"}
    /Login 500 Internal Server Error {"message":"Internal error","error":"InternalError"}

    /auth 500 Internal Server Error {"message":"error.internal","error_code":"INTERNAL"}
    /api/auth/login 500 Internal Server Error {"detail":"Authentication error: BrandNewException"}
    /Login 500 Internal Server Error {"message":"Internal error","error":"InternalError"}
    "#);
    server.proxy().set(Fault::None);
    assert_eq!(sign_ins(&server).await.matches("(signed in)").count(), 3);
}

/// A trigger of the pool that says no is none of the caller's passwords' or tokens' fault.
#[tokio::test]
async fn triggers_refuse_under_a_name_of_their_own() {
    const REFUSED: &str = "UserLambdaValidationException";
    let how = AtAmazon { proxied: true, flow: Some(Flow::Admin), ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let proxy = server.proxy();
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let partner = server.json("POST", "/auth", &body).await;
    let portal = server.json("POST", "/api/auth/login", &body).await;
    proxy.set(Fault::Done("AdminInitiateAuth", REFUSED));
    // The first attempt may find the connection of before.
    sign_ins(&server).await;
    let mut rows = vec![sign_ins(&server).await];
    proxy.set(Fault::Done("GetTokensFromRefreshToken", REFUSED));
    let tokens = [
        ("/auth/refresh_token", json!({ "token": partner.get("/RefreshToken") })),
        ("/api/auth/refresh-token", json!({ "refresh_token": portal.get("/refresh_token") })),
    ];
    for (path, body) in &tokens {
        rows.push(format!("{path} {}", server.json("POST", path, body).await.row(&[])));
    }
    proxy.set(Fault::Done("ForgotPassword", REFUSED));
    let body = json!({ "username": ALICE });
    for path in ["/auth/forgot_password", "/api/auth/forgot-password"] {
        rows.push(format!("{path} {}", server.json("POST", path, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /auth 403 Forbidden {"message":"error.permission.denied","error_code":"PERMISSION_DENIED","error_subcode":"TRIGGER_REFUSED"}
    /api/auth/login 500 Internal Server Error {"detail":"Authentication error: UserLambdaValidationException"}
    /Login 403 Forbidden {"message":"A trigger of the user pool refused this","error":"TriggerRefused"}
    /auth/refresh_token 403 Forbidden {"error_code":"PERMISSION_DENIED","error_subcode":"TRIGGER_REFUSED","message":"error.permission.denied"}
    /api/auth/refresh-token 500 Internal Server Error {"detail":"Token refresh error: UserLambdaValidationException"}
    /auth/forgot_password 204 No Content 
    /api/auth/forgot-password 500 Internal Server Error {"detail":"Reset password error: UserLambdaValidationException"}
    "#);
}

/// What administrators do at the portal fails under the name that Amazon gave it.
#[tokio::test]
async fn the_portals_administrators_read_the_name_of_an_exception() {
    let how = AtAmazon { proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &["admin"]).await;
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
    server.proxy().set(Fault::Done("ListUsers", "AccessDeniedException"));
    let bearer = format!("Bearer {token}");
    let users = server.bare("GET", "/api/admin/users", &[("authorization", &bearer)]).await;
    assert_snapshot!(users.row(&[]), @r#"500 Internal Server Error {"detail":"Failed to list users: AccessDeniedException","error":"AccessDeniedException","message":"Failed to list users: AccessDeniedException","success":false}"#);
}
