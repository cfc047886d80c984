//! What stands before the endpoints: limits, web pages, methods, ways to carry a token.

use super::{ALICE, call, configured, login, respond, with_administrator};
use crate::support::{PASSWORD, TENANT, TENANT_GROUP, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Duration;

#[tokio::test]
async fn one_address_may_try_only_so_often() {
    let server = configured(|api| api.attempts_per_address = NonZeroU32::new(3)).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    for tenant in [TENANT, "Initech"] {
        assert_eq!(login(&server, ALICE, tenant, "wrong").await.status, 401);
    }
    assert_eq!(server.text("POST", "/login", "{}").await.status, 400);
    let right = login(&server, ALICE, TENANT, PASSWORD).await.row(&["retry-after"]);
    assert_snapshot!(right, @r#"429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 20"#);
    assert_eq!(login(&server, ALICE, TENANT, "wrong").await.row(&["retry-after"]), right);
    // Answers are counted apart, so that whoever has logged in may go on.
    for _ in 0..3 {
        assert_eq!(respond(&server, (TENANT, "EMAIL_OTP", "x"), "1").await.status, 401);
    }
    assert_eq!(respond(&server, (TENANT, "EMAIL_OTP", "x"), "1").await.status, 429);
    server.clock.advance(Duration::from_secs(20));
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn no_web_page_may_call_unless_its_origin_is_listed() {
    let listed = "https://tenants.example.com";
    let open = configured(|api| api.cors_origins = vec![listed.to_owned()]).await;
    let closed = TestServer::start().await;
    let headers = [
        "access-control-allow-origin",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-expose-headers",
        "access-control-max-age",
        "access-control-allow-credentials",
        "vary",
        "allow",
    ];
    let mut rows = Vec::new();
    for (case, server, origin) in [
        ("listed", &open, listed),
        ("not listed", &open, "https://evil.example.com"),
        ("almost", &open, "https://tenants.example.com.evil.example"),
        ("none is", &closed, listed),
    ] {
        for line in ["OPTIONS /Login", "POST /Login", "OPTIONS /Credentials/Create"] {
            let mut sent = vec![("origin", origin), ("content-type", "application/json")];
            if line.starts_with("OPTIONS") {
                sent.push(("access-control-request-method", "POST"));
            }
            let answer = server.call(line, &sent, "{}").await;
            rows.push(format!("{case}, {line}: {}", answer.row(&headers)));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    listed, OPTIONS /Login: 204 No Content  access-control-allow-origin: https://tenants.example.com access-control-allow-methods: POST access-control-allow-headers: Authorization, Content-Type, X-Request-ID access-control-expose-headers: Retry-After, X-Request-ID access-control-max-age: 3600 vary: Origin allow: POST
    listed, POST /Login: 400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"} access-control-allow-origin: https://tenants.example.com access-control-expose-headers: Retry-After, X-Request-ID vary: Origin
    listed, OPTIONS /Credentials/Create: 204 No Content  access-control-allow-origin: https://tenants.example.com access-control-allow-methods: POST access-control-allow-headers: Authorization, Content-Type, X-Request-ID access-control-expose-headers: Retry-After, X-Request-ID access-control-max-age: 3600 vary: Origin allow: POST
    not listed, OPTIONS /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} vary: Origin allow: POST
    not listed, POST /Login: 400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"} vary: Origin
    not listed, OPTIONS /Credentials/Create: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} vary: Origin allow: POST
    almost, OPTIONS /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} vary: Origin allow: POST
    almost, POST /Login: 400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"} vary: Origin
    almost, OPTIONS /Credentials/Create: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} vary: Origin allow: POST
    none is, OPTIONS /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    none is, POST /Login: 400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing"}
    none is, OPTIONS /Credentials/Create: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    "#);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in [
        "GET /RespondToChallenge",
        "GET /RefreshToken",
        "DELETE /Logout",
        "GET /Credentials",
        "GET /credentials/Create",
        "PUT /CREDENTIALS/delete",
        "POST /Credentials/x",
        "POST /Credentials/../Login",
        "POST /Credentials//create",
    ] {
        rows.push(format!("{line}: {}", server.call(line, &[], "{}").await.row(&["allow"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /RespondToChallenge: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    GET /RefreshToken: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    DELETE /Logout: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    GET /Credentials: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    GET /credentials/Create: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    PUT /CREDENTIALS/delete: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    POST /Credentials/x: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /Credentials/../Login: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /Credentials//create: 404 Not Found {"error":"NotFound","message":"Not found"}
    "#);
}

#[tokio::test]
async fn requests_have_ids() {
    let (server, token) = with_administrator().await;
    let answers = [
        login(&server, ALICE, TENANT, PASSWORD).await,
        login(&server, ALICE, TENANT, "wrong").await,
        server.json("POST", "/Logout", &json!({})).await,
        call(&server, "/Credentials", &token, &json!({})).await,
        server.call("GET /Login", &[], "").await,
    ];
    for answer in answers {
        assert!(answer.header("x-request-id").is_some(), "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let sent = [("x-request-id", "mine-1")];
    let answer = server.call("POST /Login", &sent, "{}").await;
    assert_eq!(answer.header("x-request-id"), Some("mine-1"));
}

#[tokio::test]
async fn a_token_goes_with_the_word_bearer_and_without() {
    let (server, token) = with_administrator().await;
    for authorization in [token.clone(), format!("Bearer {token}"), format!("bearer  {token}")] {
        let answer = call(&server, "/Credentials", &authorization, &json!({})).await;
        assert_eq!(answer.status, 200, "{authorization}");
    }
}
