//! Which web pages may call this API: those of the origins that the operator lists, and by default
//! none. There are no cookies, so no page is ever let in with credentials of the browser's.

use super::FaceState;
use crate::kit::{is_preflight, listed_origin};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

const METHODS: HeaderValue = HeaderValue::from_static("POST");
const HEADERS: HeaderValue = HeaderValue::from_static("Authorization, Content-Type, X-Request-ID");
const EXPOSED: HeaderValue = HeaderValue::from_static("Retry-After, X-Request-ID");
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

pub(super) async fn apply(
    State(state): State<Arc<FaceState>>,
    request: Request,
    next: Next,
) -> Response {
    let listed = &state.mount.cors_origins;
    if listed.is_empty() {
        return next.run(request).await;
    }
    let allowed = listed_origin(request.headers(), listed);
    let asks = request.method() == Method::OPTIONS && is_preflight(request.headers());
    let mut response =
        if asks && allowed.is_some() { preflight() } else { next.run(request).await };
    grant(response.headers_mut(), allowed);
    response
}

fn preflight() -> Response {
    let grants = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, grants).into_response()
}

/// Lets pages of an allowed origin read the response. Caches must keep origins apart either way.
fn grant(headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
    headers.append(header::VARY, ORIGIN);
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
