use super::ALICE;
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::fmt::Write as _;

const ORIGIN: &str = "https://portal.example.com";
const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";

/// Status, body and all headers about origins.
fn show(answer: &Answer) -> String {
    let mut shown = format!("{} {:?}", answer.status, answer.text);
    for (name, value) in &answer.headers {
        if name.as_str().starts_with("access-control-") || name == "vary" {
            write!(shown, "\n  {name}: {}", value.to_str().unwrap()).unwrap();
        }
    }
    shown
}

#[tokio::test]
async fn preflights() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for (case, headers) in [
        (
            "listed",
            vec![("origin", ORIGIN), (METHOD, "POST"), (HEADERS, "content-type, x-request-id")],
        ),
        ("another origin", vec![("origin", "https://evil.example.com"), (METHOD, "POST")]),
        (
            "a longer origin",
            vec![("origin", "https://portal.example.com.evil.com"), (METHOD, "POST")],
        ),
        ("another scheme", vec![("origin", "http://portal.example.com"), (METHOD, "POST")]),
        ("null", vec![("origin", "null"), (METHOD, "POST")]),
        ("another method", vec![("origin", ORIGIN), (METHOD, "TRACE")]),
        ("another header", vec![("origin", ORIGIN), (METHOD, "GET"), (HEADERS, "x-other")]),
        ("all wrong", vec![("origin", "null"), (METHOD, "TRACE"), (HEADERS, "x-other")]),
        ("bare, listed", vec![("origin", ORIGIN)]),
        ("bare, another", vec![("origin", "null")]),
        ("bare", vec![]),
    ] {
        let answer = server.bare("OPTIONS", "/api/auth/login", &headers).await;
        rows.push(format!("{case}: {}", show(&answer)));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    listed: 200 OK "OK"
      access-control-allow-methods: GET, POST, PUT, DELETE, OPTIONS, PATCH
      access-control-allow-headers: Accept, Accept-Language, Authorization, Content-Language, Content-Type, X-Request-ID
      access-control-max-age: 3600
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    another origin: 400 Bad Request "Disallowed CORS origin"
      vary: Origin
    a longer origin: 400 Bad Request "Disallowed CORS origin"
      vary: Origin
    another scheme: 400 Bad Request "Disallowed CORS origin"
      vary: Origin
    null: 400 Bad Request "Disallowed CORS origin"
      vary: Origin
    another method: 400 Bad Request "Disallowed CORS method"
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    another header: 400 Bad Request "Disallowed CORS headers"
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    all wrong: 400 Bad Request "Disallowed CORS origin, method, headers"
      vary: Origin
    bare, listed: 200 OK ""
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    bare, another: 403 Forbidden ""
      vary: Origin
    bare: 403 Forbidden ""
      vary: Origin
    "#);
}

#[tokio::test]
async fn answers() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut rows = Vec::new();
    for (case, path, password) in [
        ("success", "/api/auth/login", PASSWORD),
        ("refusal", "/api/auth/login", "wrong"),
        ("unknown path", "/api/auth/x", PASSWORD),
    ] {
        for origin in [ORIGIN, "https://evil.example.com"] {
            let body = json!({ "username": ALICE, "password": password }).to_string();
            let headers = [("origin", origin), ("content-type", "application/json")];
            let mut answer = server.call(&format!("POST {path}"), &headers, body).await;
            answer.text.clear();
            rows.push(format!("{case}, {origin}: {}", show(&answer)));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    success, https://portal.example.com: 200 OK ""
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    success, https://evil.example.com: 200 OK ""
      vary: Origin
    refusal, https://portal.example.com: 401 Unauthorized ""
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    refusal, https://evil.example.com: 401 Unauthorized ""
      vary: Origin
    unknown path, https://portal.example.com: 404 Not Found ""
      vary: Origin
      access-control-allow-origin: https://portal.example.com
      access-control-allow-credentials: true
      access-control-expose-headers: Retry-After, X-Request-ID
    unknown path, https://evil.example.com: 404 Not Found ""
      vary: Origin
    "#);
}

#[tokio::test]
async fn pages_may_administer() {
    let server = TestServer::start().await;
    for (path, method) in [
        ("/api/admin/users", "GET"),
        ("/admin/users", "POST"),
        ("/api/admin/users/a", "PUT"),
        ("/admin/users/a/groups/b", "DELETE"),
    ] {
        let headers =
            [("origin", ORIGIN), (METHOD, method), (HEADERS, "authorization, content-type")];
        let answer = server.bare("OPTIONS", path, &headers).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "OK"), "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        // Refusals can be read as well, and the id to look for in the log.
        let headers = [("origin", ORIGIN), ("x-request-id", "mine")];
        let answer = server.bare(method, path, &headers).await;
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("Retry-After, X-Request-ID")
        );
        assert_eq!(answer.header("x-request-id"), Some("mine"));
    }
}
