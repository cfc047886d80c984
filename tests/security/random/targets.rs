//! Methods, targets and headers of any kind.

use super::*;
use axum::body::Body;
use axum::http::{HeaderName, Method, Request};

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];

/// What paths begin with, or consist of.
const STARTS: [&str; 14] = [
    "/",
    "/auth",
    "/auth/partners/users/",
    "/partners",
    "/status",
    "/api/auth/login",
    "/api/admin/users/",
    "/admin/groups/",
    "/Login",
    "/credentials",
    "/inbox",
    "/openapi/",
    "/.well-known/",
    "http://localhost:8080/",
];

const HEADERS: [&str; 12] = [
    "host",
    "authorization",
    "content-type",
    "content-length",
    "x-forwarded-for",
    "x-request-id",
    "x-preferred-partner-id",
    "x-amz-target",
    "x-amz-date",
    "origin",
    "access-control-request-method",
    "user-agent",
];

#[derive(Debug, TypeGenerator)]
struct Input {
    method: u8,
    start: u8,
    rest: Vec<u8>,
    is_escaped: bool,
    headers: [Option<(u8, Vec<u8>, bool)>; 3],
    body: Option<Vec<u8>>,
}

/// The request, unless HTTP has none like it.
fn request(input: &Input) -> Option<Request<Body>> {
    let rest = odd(&input.rest);
    let rest = if input.is_escaped { escaped(&rest) } else { rest };
    let uri = [chosen(&STARTS, input.start), rest.as_str()].concat();
    let mut request = Request::builder().method(*chosen(&METHODS, input.method)).uri(uri);
    for (name, value, is_text) in input.headers.iter().flatten() {
        let bytes = if *is_text { odd(value).into_bytes() } else { value.clone() };
        let value = HeaderValue::from_bytes(&bytes).ok()?;
        request = request.header(HeaderName::from_static(chosen::<&str>(&HEADERS, *name)), value);
    }
    request.body(Body::from(input.body.clone().unwrap_or_default())).ok()
}

/// No request of a stranger's is answered with a failure of ours, at length, or without what keeps an
/// answer from being taken for something else.
#[test]
fn requests_of_any_kind_are_answered() {
    let site = Site::new();
    bolero::check!().with_type::<Input>().for_each(|input| {
        let Some(request) = request(input) else { return };
        let line = format!("{request:?}");
        // Preflights are refused in a plain text by the portal API.
        let may_be_text = request.method() == Method::OPTIONS;
        let answer = site.wait(site.server.send(request));
        let status = answer.status;
        assert!(!status.is_server_error(), "{line}: {status} {}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert!(answer.header("cache-control").is_some(), "{line}");
        let id = answer.header("x-request-id").unwrap_or_default();
        let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        assert!((1..=128).contains(&id.len()) && id.bytes().all(is_harmless), "{line}");
        if status.is_client_error() && !answer.text.is_empty() {
            assert!(answer.text.len() < MOST_TOLD, "{line}: {status} {}", answer.text);
            assert!(may_be_text || answer.json().is_object(), "{line}: {status} {}", answer.text);
        }
    });
}
