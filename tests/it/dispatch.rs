//! Which face answers, and what all of them refuse alike.

use crate::support::{Answer, PASSWORD, TENANT, TestServer, config};
use axum::body::Body;
use hyper::body::{Bytes, Frame};
use insta::assert_snapshot;
use serde_json::json;
use std::collections::VecDeque;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

const JSON: (&str, &str) = ("content-type", "application/json");

/// An endpoint of each face that takes a body.
const ENDPOINTS: [&str; 8] = [
    "POST /",
    "POST /auth",
    "PUT /auth/challenge/mfa-token",
    "PUT /auth/challenge/new-password",
    "POST /auth/refresh_token",
    "POST /api/auth/login",
    "POST /api/auth/complete-password-change",
    "POST /Login",
];

/// What each endpoint answers to a body, a line for each.
async fn each(server: &TestServer, body: impl Fn() -> Body) -> String {
    let mut rows = Vec::new();
    for line in ENDPOINTS {
        let target = ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth");
        let headers = if line == "POST /" {
            [("content-type", "application/x-amz-json-1.1"), target]
        } else {
            [JSON, ("accept", "*/*")]
        };
        let answer = server.call(line, &headers, body()).await;
        assert!(answer.header("x-request-id").is_some() || line == "POST /", "{line}");
        rows.push(format!("{line}: {}", answer.row(&[])));
    }
    rows.join("\n")
}

/// What a server with only one of the sign-in APIs answers to paths that are nobody's.
async fn alone(name: &str, prefix: &str) -> String {
    let mut config = config(Path::new(""));
    config.partner_api = config.partner_api.filter(|_| name == "partner");
    config.portal_api = config.portal_api.filter(|_| name == "portal");
    config.tenant_api = config.tenant_api.filter(|_| name == "tenant");
    config.partner_api.iter_mut().for_each(|api| api.prefix = prefix.to_owned());
    config.portal_api.iter_mut().for_each(|api| api.prefix = prefix.to_owned());
    config.tenant_api.iter_mut().for_each(|api| api.prefix = prefix.to_owned());
    let server = TestServer::with(config).await;
    let mut rows = Vec::new();
    for line in [
        "GET /favicon.ico",
        "POST /x?y=1",
        "GET //",
        "POST /auth?x=1",
        "POST /api/auth/login?x=1",
        "POST /Login",
        "PUT /",
        "GET /eu-west-1_TestPool1/.well-known/x",
    ] {
        let shown = ["allow", "access-control-allow-origin"];
        let origin = ("origin", "https://portal.example.com");
        rows.push(format!(
            "{line}: {}",
            server.call(line, &[origin, JSON], "{}").await.row(&shown)
        ));
    }
    let foreign = server.bare("GET", "/x", &[("host", "evil.example")]).await;
    rows.push(format!("another host: {}", foreign.row(&[])));
    rows.join("\n")
}

#[tokio::test]
async fn unknown_paths_are_those_of_the_only_sign_in_api() {
    assert_snapshot!(alone("portal", "").await, @r#"
    GET /favicon.ico: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /x?y=1: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    GET //: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /auth?x=1: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /api/auth/login?x=1: 422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]} access-control-allow-origin: https://portal.example.com
    POST /Login: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    PUT /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    GET /eu-west-1_TestPool1/.well-known/x: 404 Not Found {"message":"Not Found"}
    another host: 421 Misdirected Request {"detail":"Misdirected Request"}
    "#);
    assert_snapshot!(alone("portal", "/portal").await, @r#"
    GET /favicon.ico: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /x?y=1: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    GET //: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /auth?x=1: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /api/auth/login?x=1: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    POST /Login: 404 Not Found {"detail":"Not Found"} access-control-allow-origin: https://portal.example.com
    PUT /: 405 Method Not Allowed {"__type":"UnknownOperationException"} allow: POST,OPTIONS access-control-allow-origin: *
    GET /eu-west-1_TestPool1/.well-known/x: 404 Not Found {"message":"Not Found"}
    another host: 421 Misdirected Request {"detail":"Misdirected Request"}
    "#);
    assert_snapshot!(alone("partner", "/api/v3").await, @r#"
    GET /favicon.ico: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    POST /x?y=1: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    GET //: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    POST /auth?x=1: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    POST /api/auth/login?x=1: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    POST /Login: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    PUT /: 405 Method Not Allowed {"__type":"UnknownOperationException"} allow: POST,OPTIONS access-control-allow-origin: *
    GET /eu-west-1_TestPool1/.well-known/x: 404 Not Found {"message":"Not Found"}
    another host: 421 Misdirected Request {"error_code":"MISDIRECTED_REQUEST","message":"error.misdirected_request"}
    "#);
    assert_snapshot!(alone("tenant", "/api").await, @r#"
    GET /favicon.ico: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /x?y=1: 404 Not Found {"error":"NotFound","message":"Not found"}
    GET //: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /auth?x=1: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /api/auth/login?x=1: 404 Not Found {"error":"NotFound","message":"Not found"}
    POST /Login: 404 Not Found {"error":"NotFound","message":"Not found"}
    PUT /: 405 Method Not Allowed {"__type":"UnknownOperationException"} allow: POST,OPTIONS access-control-allow-origin: *
    GET /eu-west-1_TestPool1/.well-known/x: 404 Not Found {"message":"Not Found"}
    another host: 421 Misdirected Request {"error":"MisdirectedRequest","message":"Misdirected request"}
    "#);
}

#[tokio::test]
async fn unknown_paths_and_tricks_with_paths() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for path in [
        "/x",
        "//",
        "//auth",
        "/auth//",
        "//partners/",
        "/auth/../partners",
        "/auth/../partners/",
        "/auth/%2e%2e/partners",
        "/auth/./challenge/mfa-token",
        "/auth;x",
        "/auth/;x=1/refresh_token",
        "/partners/fd42",
        "/partners/;",
        "/partners%2F",
        "/partners%00",
        "/%70artners/",
        "/PARTNERS/",
        "/auth%2Frefresh_token",
        "/status/../partners/",
        "/authx",
        "/api/v3/auth",
        "/api",
        "/api/auth/../auth/me",
        "/api/auth//me",
        "/api/auth/me;x",
        "/api/auth/%6De",
        "/API/auth/me",
        "/api/auth/me%2f",
        "/login/../Login",
        "/login%2f",
        "/admin/users",
        "/inbox/../partners",
        "/oauth2/token/x.css",
        "*",
    ] {
        let answer = server.call(&format!("GET {path}"), &[], "").await;
        assert!(answer.header("x-request-id").is_some(), "{path}");
        rows.push(format!("{path}: {}", answer.row(&["location"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /x: 404 Not Found {"message":"Not Found"}
    //: 404 Not Found {"message":"Not Found"}
    //auth: 404 Not Found {"message":"Not Found"}
    /auth//: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    //partners/: 404 Not Found {"message":"Not Found"}
    /auth/../partners: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/../partners/: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/%2e%2e/partners: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/./challenge/mfa-token: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth;x: 404 Not Found {"message":"Not Found"}
    /auth/;x=1/refresh_token: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /partners/fd42: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /partners/;: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /partners%2F: 404 Not Found {"message":"Not Found"}
    /partners%00: 404 Not Found {"message":"Not Found"}
    /%70artners/: 404 Not Found {"message":"Not Found"}
    /PARTNERS/: 404 Not Found {"message":"Not Found"}
    /auth%2Frefresh_token: 404 Not Found {"message":"Not Found"}
    /status/../partners/: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /authx: 404 Not Found {"message":"Not Found"}
    /api/v3/auth: 404 Not Found {"message":"Not Found"}
    /api: 404 Not Found {"message":"Not Found"}
    /api/auth/../auth/me: 404 Not Found {"detail":"Not Found"}
    /api/auth//me: 404 Not Found {"detail":"Not Found"}
    /api/auth/me;x: 404 Not Found {"detail":"Not Found"}
    /api/auth/%6De: 404 Not Found {"detail":"Not Found"}
    /API/auth/me: 404 Not Found {"message":"Not Found"}
    /api/auth/me%2f: 404 Not Found {"detail":"Not Found"}
    /login/../Login: 404 Not Found {"error":"NotFound","message":"Not found"}
    /login%2f: 404 Not Found {"message":"Not Found"}
    /admin/users: 401 Unauthorized {"detail":"Not authenticated"}
    /inbox/../partners: 404 Not Found {"message":"Not Found"}
    /oauth2/token/x.css: 404 Not Found {"message":"Not Found"}
    *: 404 Not Found {"message":"Not Found"}
    "#);
}

#[tokio::test]
async fn methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for path in ["/", "/auth", "/partners/", "/status/", "/api/auth/me", "/health", "/Login", "/x"]
    {
        for method in ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "BREW"] {
            let line = format!("{method} {path}");
            let answer = server.call(&line, &[("x-secret", "s3cret")], "").await;
            assert!(!answer.text.contains("s3cret"));
            rows.push(format!("{line}: {}", answer.row(&["allow"])));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    HEAD /: 200 OK 
    OPTIONS /: 200 OK 
    TRACE /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    CONNECT /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    PATCH /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    BREW /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    HEAD /auth: 405 Method Not Allowed  allow: POST
    OPTIONS /auth: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: POST
    TRACE /auth: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: POST
    CONNECT /auth: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: POST
    PATCH /auth: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: POST
    BREW /auth: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: POST
    HEAD /partners/: 401 Unauthorized 
    OPTIONS /partners/: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: GET,HEAD
    TRACE /partners/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    CONNECT /partners/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    PATCH /partners/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    BREW /partners/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    HEAD /status/: 200 OK 
    OPTIONS /status/: 204 No Content  allow: GET,HEAD
    TRACE /status/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    CONNECT /status/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    PATCH /status/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    BREW /status/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    HEAD /api/auth/me: 401 Unauthorized 
    OPTIONS /api/auth/me: 403 Forbidden  allow: GET,HEAD
    TRACE /api/auth/me: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    CONNECT /api/auth/me: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    PATCH /api/auth/me: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    BREW /api/auth/me: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    HEAD /health: 200 OK 
    OPTIONS /health: 403 Forbidden  allow: GET,HEAD
    TRACE /health: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    CONNECT /health: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    PATCH /health: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    BREW /health: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    HEAD /Login: 405 Method Not Allowed  allow: POST
    OPTIONS /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    TRACE /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    CONNECT /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    PATCH /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    BREW /Login: 405 Method Not Allowed {"error":"MethodNotAllowed","message":"Method not allowed"} allow: POST
    HEAD /x: 404 Not Found 
    OPTIONS /x: 404 Not Found {"message":"Not Found"}
    TRACE /x: 404 Not Found {"message":"Not Found"}
    CONNECT /x: 404 Not Found {"message":"Not Found"}
    PATCH /x: 404 Not Found {"message":"Not Found"}
    BREW /x: 404 Not Found {"message":"Not Found"}
    "#);
}

#[tokio::test]
async fn bodies_over_64_kib() {
    let server = TestServer::start().await;
    let body = || Body::from(format!("{{\"username\":\"{}\"}}", "x".repeat(64 * 1024)));
    assert_snapshot!(each(&server, body).await, @r#"
    POST /: 413 Payload Too Large {"__type":"RequestEntityTooLargeException","message":"Request is too large."}
    POST /auth: 413 Payload Too Large {"error_code":"REQUEST_TOO_LARGE","message":"error.request_too_large"}
    PUT /auth/challenge/mfa-token: 413 Payload Too Large {"error_code":"REQUEST_TOO_LARGE","message":"error.request_too_large"}
    PUT /auth/challenge/new-password: 413 Payload Too Large {"error_code":"REQUEST_TOO_LARGE","message":"error.request_too_large"}
    POST /auth/refresh_token: 413 Payload Too Large {"error_code":"REQUEST_TOO_LARGE","message":"error.request_too_large"}
    POST /api/auth/login: 413 Payload Too Large {"detail":"Request too large"}
    POST /api/auth/complete-password-change: 413 Payload Too Large {"detail":"Request too large"}
    POST /Login: 413 Payload Too Large {"error":"RequestTooLarge","message":"Request too large"}
    "#);
    let logout = server.call("POST /api/auth/logout", &[JSON], body()).await;
    assert_eq!(logout.status, 200);
}

#[tokio::test]
async fn bodies_that_are_no_text() {
    let server = TestServer::start().await;
    let body = || Body::from(b"{\"username\":\"\xff\xfe\"}".to_vec());
    assert_snapshot!(each(&server, body).await, @r#"
    POST /: 400 Bad Request {"__type":"SerializationException","message":"The request body is not valid JSON at line 1 column 14"}
    POST /auth: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/mfa-token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/new-password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /auth/refresh_token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /api/auth/login: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /api/auth/complete-password-change: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /Login: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is not UTF-8"}
    "#);
}

#[tokio::test]
async fn bodies_that_are_nested_deep() {
    let server = TestServer::start().await;
    let body = || Body::from(format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)));
    assert_snapshot!(each(&server, body).await, @r#"
    POST /: 400 Bad Request {"__type":"SerializationException","message":"The request body is not valid JSON at line 1 column 132"}
    POST /auth: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/mfa-token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/new-password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /auth/refresh_token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /api/auth/login: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /api/auth/complete-password-change: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /Login: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is nested too deeply"}
    "#);
    let open = || Body::from("[".repeat(10_000));
    assert_snapshot!(each(&server, open).await, @r#"
    POST /: 400 Bad Request {"__type":"SerializationException","message":"The request body is not valid JSON at line 1 column 128"}
    POST /auth: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/mfa-token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/new-password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /auth/refresh_token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /api/auth/login: 422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting value"},"input":{},"loc":["body",10000],"msg":"JSON decode error","type":"json_invalid"}]}
    POST /api/auth/complete-password-change: 422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting value"},"input":{},"loc":["body",10000],"msg":"JSON decode error","type":"json_invalid"}]}
    POST /Login: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is not valid JSON at character 10001 (EOF while parsing a list)"}
    "#);
}

/// A body that comes in pieces and does not say how long it is, and may break off.
struct Pieces {
    pieces: VecDeque<Bytes>,
    breaks_off: bool,
}

impl Pieces {
    fn of(text: &str, breaks_off: bool) -> Body {
        let pieces = text.as_bytes().chunks(7).map(Bytes::copy_from_slice).collect();
        Body::new(Self { pieces, breaks_off })
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.pieces.pop_front().map(|piece| Ok(Frame::data(piece)));
        let end = self.breaks_off.then(|| Err(std::io::ErrorKind::ConnectionReset.into()));
        Poll::Ready(piece.or(end))
    }
}

#[tokio::test]
async fn bodies_in_pieces() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &["tenant-acme"]).await;
    let plain = json!({ "username": "alice@example.com", "password": PASSWORD }).to_string();
    let tenant = json!({
        "UserName": "alice@example.com",
        "TenantName": "Acme",
        "Password": PASSWORD,
    });
    for (line, body) in [
        ("POST /auth", &plain),
        ("POST /api/auth/login", &plain),
        ("POST /Login", &tenant.to_string()),
    ] {
        assert_eq!(server.call(line, &[], Pieces::of(body, false)).await.status, 200, "{line}");
    }
    let broken = each(&server, || Pieces::of(&plain, true)).await;
    assert_snapshot!(broken, @r#"
    POST /: 400 Bad Request {"__type":"SerializationException","message":"The request body could not be read."}
    POST /auth: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/mfa-token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    PUT /auth/challenge/new-password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /auth/refresh_token: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    POST /api/auth/login: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /api/auth/complete-password-change: 400 Bad Request {"detail":"There was an error parsing the body"}
    POST /Login: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is incomplete"}
    "#);
}

#[tokio::test]
async fn request_ids_on_every_face() {
    let server = TestServer::start().await;
    for line in ["GET /status/", "POST /auth", "GET /health", "POST /Login", "GET /inbox", "GET /x"]
    {
        let id = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
        let given = server.call(line, &[("x-request-id", "a.B-3_z")], "").await;
        assert_eq!(id(&given), "a.B-3_z", "{line}");
        for bad in ["", "a b", "<script>", &"x".repeat(129)] {
            let minted = id(&server.call(line, &[("x-request-id", bad)], "").await);
            assert_eq!(minted.len(), 36, "{line} {bad}");
            assert_ne!(minted, id(&server.call(line, &[], "").await), "{line}");
        }
    }
}

#[tokio::test]
async fn long_headers_and_queries_change_nothing() {
    let server = TestServer::start().await;
    let long = "x".repeat(100_000);
    let bearer = format!("Bearer {long}");
    let headers = [("authorization", bearer.as_str()), ("x-preferred-partner-id", &long)];
    for path in ["/partners/", "/api/auth/me"] {
        assert_eq!(server.bare("GET", path, &headers).await.status, 401, "{path}");
    }
    let query = "a=b&".repeat(10_000);
    assert_eq!(server.bare("GET", &format!("/status/?{query}"), &[]).await.status, 200);
    assert_eq!(server.bare("GET", &format!("/inbox.json?{query}"), &[]).await.status, 200);
}

#[tokio::test]
async fn hosts_are_never_said_again() {
    let server = TestServer::start().await;
    let host = [("host", "evil.example.com"), ("x-forwarded-host", "evil.example.com")];
    for path in ["/", "/status/", "/health", "/inbox", "/partners/", "/x"] {
        let answer = server.bare("GET", path, &host).await;
        assert!(!answer.text.contains("evil") && !format!("{:?}", answer.headers).contains("evil"));
    }
}

/// A page can send a body without a content type to another origin, and need not ask first.
#[tokio::test]
async fn no_page_sends_json_without_naming_it() {
    let server = TestServer::start().await;
    let user = json!({ "username": "ann@example.com", "password": "p" }).to_string();
    let tenant = json!({ "UserName": "ann@example.com", "TenantName": TENANT, "Password": "p" });
    let mut rows = Vec::new();
    for (line, body) in [
        ("POST /auth", &user),
        ("POST /api/auth/login", &user),
        ("POST /Login", &tenant.to_string()),
    ] {
        for origin in ["https://evil.example.com", "null"] {
            let answer = server.call(line, &[("origin", origin)], body.clone()).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{line} {}", answer.text);
            rows.push(format!("{line} {origin}: {}", answer.row(&[])));
        }
        let from_elsewhere = server.call(line, &[], body.clone()).await;
        assert_eq!(from_elsewhere.status, 401, "{line} {}", from_elsewhere.text);
    }
    rows.dedup();
    assert_snapshot!(rows.join("\n"), @r#"
    POST /auth https://evil.example.com: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"Content-Type"}]}
    POST /auth null: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"Content-Type"}]}
    POST /api/auth/login https://evil.example.com: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    POST /api/auth/login null: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    POST /Login https://evil.example.com: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: web pages must send it as application/json"}
    POST /Login null: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: web pages must send it as application/json"}
    "#);
}
