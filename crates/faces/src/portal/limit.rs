//! How often one address may try passwords, codes and refresh tokens.

use super::auth::{
    complete_password_change, forgot_password, login, refresh_token, register, reset_password,
    verify,
};
use super::failure::{Failure, Wording};
use crate::kit::{Blocked, Limiter, Origin};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Where something can be tried, under which name it counts, and how it is said that counting failed.
const LIMITED: [(&str, &str, &Wording); 8] = [
    ("/api/auth/login", "login", &login::WORDING),
    ("/api/auth/refresh-token", "refresh", &refresh_token::WORDING),
    ("/api/auth/refresh", "refresh", &refresh_token::WORDING),
    ("/api/auth/forgot-password", "forgot", &forgot_password::WORDING),
    ("/api/auth/reset-password", "reset", &reset_password::WORDING),
    ("/api/auth/complete-password-change", "complete", &complete_password_change::WORDING),
    ("/api/auth/register", "register", &register::WORDING),
    ("/api/auth/verify", "verify", &verify::WORDING),
];

pub(super) async fn apply(
    State(attempts): State<Arc<Limiter>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let limited = LIMITED.iter().find(|(limited, ..)| *limited == path);
    if let (Some((_, what, wording)), &Method::POST) = (limited, request.method())
        && let Some(origin) = Origin::of(request.extensions())
        && let Err(blocked) = attempts.check(&format!("{what} {origin}")).await
    {
        let failure = match blocked {
            Blocked::TooMany(wait) => Failure::from(wait),
            Blocked::Failed(error) => wording.failure(error),
        };
        return failure.into_response();
    }
    next.run(request).await
}
