//! Which web pages may call this API. Answers are those of Starlette's middleware, which clients
//! were measured against.

use super::PortalMount;
use crate::kit::{is_preflight, listed_origin};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
const HEADERS: [&str; 6] = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Language",
    "Content-Type",
    "X-Request-ID",
];
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");
const EXPOSED: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-ID");
const TRUE: HeaderValue = HeaderValue::from_static("true");
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

pub(super) async fn apply(
    State(mount): State<Arc<PortalMount>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = listed_origin(request.headers(), &mount.cors_origins);
    let mut response = if request.method() != Method::OPTIONS {
        next.run(request).await
    } else if is_preflight(request.headers()) {
        preflight(allowed.is_some(), request.headers())
    } else if allowed.is_some() {
        StatusCode::OK.into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    grant(response.headers_mut(), allowed);
    response
}

/// Says all that is wrong with a preflight, or `OK`.
fn preflight(origin_allowed: bool, headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let method = text(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut asked = text(header::ACCESS_CONTROL_REQUEST_HEADERS).split(',').map(str::trim);
    let is_known = |name: &str| {
        name.is_empty() || HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let checks = [
        (origin_allowed, "origin"),
        (METHODS.contains(&method), "method"),
        (asked.all(is_known), "headers"),
    ];
    let failures: Vec<_> =
        checks.iter().filter(|(passed, _)| !passed).map(|check| check.1).collect();
    if !failures.is_empty() {
        let text = format!("Disallowed CORS {}", failures.join(", "));
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let grants = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS.join(", ")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS.join(", ")),
    ];
    (grants, [(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE)], "OK").into_response()
}

/// Lets pages of an allowed origin read the response. Caches must keep origins apart either way.
fn grant(headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
    headers.append(header::VARY, ORIGIN);
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
