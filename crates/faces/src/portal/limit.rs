//! How often one address may try passwords, codes and refresh tokens.

use super::failure::Failure;
use crate::kit::{Limiter, Origin};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Where something can be tried, and under which name it counts.
const LIMITED: [(&str, &str); 8] = [
    ("/api/auth/login", "login"),
    ("/api/auth/refresh-token", "refresh"),
    ("/api/auth/refresh", "refresh"),
    ("/api/auth/forgot-password", "forgot"),
    ("/api/auth/reset-password", "reset"),
    ("/api/auth/complete-password-change", "complete"),
    ("/api/auth/register", "register"),
    ("/api/auth/verify", "verify"),
];

/// Who tried what how often.
pub(super) type Attempts = Limiter<(&'static str, Origin)>;

pub(super) async fn apply(
    State(attempts): State<Arc<Attempts>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let limited = LIMITED.iter().find(|(limited, _)| *limited == path);
    if let (Some((_, what)), &Method::POST) = (limited, request.method())
        && let Some(origin) = Origin::of(request.extensions())
        && let Err(wait) = attempts.check(&(*what, origin))
    {
        return Failure::from(wait).into_response();
    }
    next.run(request).await
}
