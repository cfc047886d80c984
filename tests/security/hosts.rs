//! Requests that ask for another server: DNS rebinding and confused proxies.

use crate::support::{TestServer, config};
use std::path::Path;

const PLAIN: &str = r#"{"message":"Misdirected Request"}"#;
const PORTAL: &str = r#"{"detail":"Misdirected Request"}"#;
const PARTNER: &str =
    r#"{"error_code":"MISDIRECTED_REQUEST","message":"error.misdirected_request"}"#;
const TENANT: &str = r#"{"error":"MisdirectedRequest","message":"Misdirected request"}"#;

/// Requests, and how they are refused: in the words of the face whose path it is.
const LINES: [(&str, &str); 12] = [
    ("POST /", PLAIN),
    ("GET /", PORTAL),
    ("POST /auth", PARTNER),
    ("OPTIONS /status", PARTNER),
    ("GET /api/auth/me", PORTAL),
    ("OPTIONS /api/auth/login", PORTAL),
    ("POST /Login", TENANT),
    ("GET /login", TENANT),
    ("GET /inbox.json", PLAIN),
    ("GET /openapi", PLAIN),
    ("GET /eu-west-1_TestPool1/.well-known/jwks.json", PLAIN),
    ("GET /nowhere", PLAIN),
];

#[tokio::test]
async fn no_face_answers_under_a_foreign_name() {
    let server = TestServer::start().await;
    for (line, told) in LINES {
        for foreign in
            ["evil.example", "evil.example:8080", "localhost.evil.example", "a@localhost"]
        {
            let page = ("origin", "https://portal.example.com");
            let preflight = ("access-control-request-method", "POST");
            let answer = server.call(line, &[("host", foreign), page, preflight], "").await;
            let row = answer.row(&["access-control-allow-origin"]);
            assert_eq!(row, format!("421 Misdirected Request {told}"), "{line} {foreign}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(answer.header("x-request-id").is_some());
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(answer.headers.values().all(|value| !value.as_bytes().starts_with(b"evil")));
        }
        for own in ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080"] {
            assert_ne!(server.call(line, &[("host", own)], "").await.status, 421, "{line} {own}");
        }
    }
}

#[tokio::test]
async fn forwarded_hosts_count_for_nothing() {
    let server = TestServer::start().await;
    let line = "GET /eu-west-1_TestPool1/.well-known/openid-configuration";
    let plain = server.call(line, &[("host", "localhost:8080")], "").await;
    for name in ["x-forwarded-host", "forwarded", "x-host", "x-original-host"] {
        let headers = [("host", "localhost:8080"), (name, "host=evil.example")];
        assert_eq!(server.call(line, &headers, "").await.text, plain.text, "{name}");
    }
}

#[tokio::test]
async fn two_hosts_are_none() {
    let server = TestServer::start().await;
    let both = [("host", "localhost:8080"), ("host", "localhost:8080")];
    assert_eq!(server.call("GET /health", &both, "").await.status, 421);
    let line = "GET http://evil.example/health";
    assert_eq!(server.call(line, &[("host", "localhost:8080")], "").await.status, 421);
}

#[tokio::test]
async fn hosts_can_be_added() {
    let mut config = config(Path::new(""));
    config.public_url = "https://auth.example.com".to_owned();
    config.hosts = vec!["auth.internal".to_owned()];
    let server = TestServer::with(config).await;
    for (host, status) in [
        ("auth.example.com", 200),
        ("AUTH.EXAMPLE.COM:443", 200),
        ("auth.internal:9000", 200),
        ("example.com", 421),
        ("xauth.example.com", 421),
    ] {
        assert_eq!(
            server.call("GET /health", &[("host", host)], "").await.status,
            status,
            "{host}"
        );
    }
}
