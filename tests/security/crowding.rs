//! Whoever asks for much at a time takes no room from others, at whichever face.

use super::tenant_login;
use crate::support::{self, ACCESS_KEY, PASSWORD, PUBLIC_CLIENT, TestServer};
use axum::body::Body;
use hyper::body::{Bytes, Frame};
use insta::assert_snapshot;
use serde_json::json;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::Notify;

const KIB: usize = 1024;

/// A body of which something comes, and then nothing for ever.
struct Unfinished {
    piece: Option<Bytes>,
    waiting: Arc<Notify>,
}

impl hyper::body::Body for Unfinished {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(piece) = self.piece.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        self.waiting.notify_one();
        Poll::Pending
    }
}

/// Callers are who the proxy in front says.
async fn server() -> TestServer {
    let mut config = support::config(Path::new(""));
    config.trusted_proxies =
        poolkeeper_faces::TrustedProxies::new(vec!["192.0.2.1".parse().unwrap()]);
    let server = TestServer::with(config).await;
    server.user("alice@example.com", &["partner-id-acme", support::TENANT_GROUP]).await;
    server
}

type Call<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Begins a login with so many bytes of a body whose rest never comes.
async fn begin<'a>(server: &'a TestServer, from: &str, bytes: usize) -> Call<'a> {
    let waiting = Arc::new(Notify::new());
    let body = Unfinished { piece: Some(vec![b' '; bytes].into()), waiting: Arc::clone(&waiting) };
    let from = from.to_owned();
    let mut call: Call<'a> = Box::pin(async move {
        server.call("POST /auth", &[("x-forwarded-for", &from)], Body::new(body)).await;
    });
    tokio::select! {
        () = &mut call => panic!("it is answered"),
        () = waiting.notified() => {}
    }
    call
}

/// What each face answers to a login.
async fn each(server: &TestServer, from: &str) -> String {
    let plain = json!({ "username": "alice@example.com", "password": PASSWORD });
    let tenant = tenant_login("alice@example.com", PASSWORD);
    let cognito = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": PUBLIC_CLIENT,
        "AuthParameters": { "USERNAME": "alice@example.com", "PASSWORD": PASSWORD },
    });
    let mut rows = Vec::new();
    for (line, body) in [
        ("POST /", &cognito),
        ("POST /auth", &plain),
        ("POST /api/auth/login", &plain),
        ("POST /Login", &tenant),
    ] {
        let target = ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth");
        let kind = if line == "POST /" { "application/x-amz-json-1.1" } else { "application/json" };
        let headers = [("x-forwarded-for", from), ("content-type", kind), target];
        let answer = server.call(line, &headers, body.to_string()).await;
        let said =
            if answer.status == 200 { "200".to_owned() } else { answer.row(&["retry-after"]) };
        rows.push(format!("{line}: {said}"));
    }
    rows.join("\n")
}

const SERVED: &str = "POST /: 200\nPOST /auth: 200\nPOST /api/auth/login: 200\nPOST /Login: 200";

/// (L7, L13)
#[tokio::test]
async fn bytes_of_unfinished_bodies_are_bounded_for_each_caller_and_for_all() {
    let server = server().await;
    let mut held = Vec::new();
    for _ in 0..64 {
        held.push(begin(&server, "203.0.113.1", 64 * KIB).await);
    }
    assert_snapshot!(each(&server, "203.0.113.1").await, @r#"
    POST /: 429 Too Many Requests {"__type":"TooManyRequestsException","message":"Rate exceeded"} retry-after: 1
    POST /auth: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 1
    POST /api/auth/login: 500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 1
    POST /Login: 429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 1
    "#);
    assert_eq!(each(&server, "203.0.113.2").await, SERVED);
    for caller in 2..9 {
        let from = format!("203.0.113.{caller}");
        for _ in 0..64 {
            held.push(begin(&server, &from, 64 * KIB).await);
        }
    }
    assert_snapshot!(each(&server, "203.0.113.9").await, @r#"
    POST /: 503 Service Unavailable {"__type":"ServiceUnavailableException","message":"Service unavailable."} retry-after: 1
    POST /auth: 503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"} retry-after: 1
    POST /api/auth/login: 500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 1
    POST /Login: 503 Service Unavailable {"error":"ServiceUnavailable","message":"Service unavailable"} retry-after: 1
    "#);
    drop(held);
    assert_eq!(each(&server, "203.0.113.1").await, SERVED);
}

/// (L7, L13) IPv6 callers count by their /64.
#[tokio::test]
async fn requests_in_flight_are_bounded_for_each_caller() {
    let server = server().await;
    let mut held = Vec::new();
    for _ in 0..256 {
        held.push(begin(&server, "[2001:db8::1]:443", 1).await);
    }
    assert_snapshot!(each(&server, "2001:db8::ffff").await, @r#"
    POST /: 429 Too Many Requests {"__type":"TooManyRequestsException","message":"Rate exceeded"} retry-after: 1
    POST /auth: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 1
    POST /api/auth/login: 500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 1
    POST /Login: 429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 1
    "#);
    // A page can read it, whatever it called.
    let page = [("x-forwarded-for", "2001:db8::1"), ("origin", "https://portal.example.com")];
    let answer = server.call("POST /api/auth/forgot-password", &page, "").await;
    let shown = ["retry-after", "access-control-allow-origin", "access-control-expose-headers"];
    assert_snapshot!(answer.row(&shown), @r#"429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 1 access-control-allow-origin: https://portal.example.com access-control-expose-headers: Retry-After, X-Request-ID"#);
    let others = [("GET /.well-known/x", 404), ("GET /x", 404)];
    for (line, status) in others {
        let answer = server.call(line, &[("x-forwarded-for", "2001:db8:0:1::1")], "").await;
        assert_eq!(answer.status, status, "{line}");
    }
    assert_eq!(each(&server, "2001:db8:0:1::1").await, SERVED);
    drop(held);
    assert_eq!(each(&server, "2001:db8::1").await, SERVED);
}

/// Only who signs with an access key that there is may send more than 64 KiB, and that is decided
/// before a byte is read.
#[tokio::test]
async fn strangers_bodies_are_small() {
    let server = server().await;
    let cognito = server.cognito();
    let long =
        json!({ "UserPoolId": server.main_pool().as_str(), "GroupName": "x".repeat(70 * KIB) });
    let refused = cognito.call("InitiateAuth", &long).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    let signed = cognito.admin("GetGroup", &long).await;
    assert_eq!(
        (signed.status.as_u16(), signed.get("/__type")),
        (400, "InvalidParameterException".to_owned())
    );
    let longer =
        json!({ "UserPoolId": server.main_pool().as_str(), "GroupName": "x".repeat(1024 * KIB) });
    assert_eq!(cognito.admin("GetGroup", &longer).await.status, 413);
    let unsigned = Unfinished { piece: None, waiting: Arc::default() };
    let target = ("x-amz-target", "AWSCognitoIdentityProviderService.GetGroup");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=X{ACCESS_KEY}/20240102/eu-west-1/cognito-idp/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-target, Signature={}",
        "0".repeat(64)
    );
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        target,
        ("x-amz-date", "20240102T000000Z"),
        ("authorization", &authorization),
    ];
    let unknown = server.call("POST /", &headers, Body::new(unsigned)).await;
    assert_eq!(unknown.get("/__type"), "UnrecognizedClientException");
}
