//! How often one address may fail with passwords, codes and refresh tokens, or have mail sent.

use super::auth::{
    complete_mfa, complete_password_change, forgot_password, login, refresh_token, register,
    reset_password, verify,
};
use super::failure::{Failure, Untried, Wording};
use crate::kit::{Blocked, Crowded, Limiter, Origin, context_of, report_error};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// An endpoint at which something can be tried.
struct Limited {
    path: &'static str,
    /// The name under which it counts.
    name: &'static str,
    wording: &'static Wording,
    /// Whether a success counts, too: it proves nothing, and leads to a mail.
    counts_successes: bool,
}

impl Limited {
    /// An endpoint that asks for a proof. A success does not count: behind one address there may be
    /// a whole office.
    const fn proof(path: &'static str, name: &'static str, wording: &'static Wording) -> Self {
        Self { path, name, wording, counts_successes: false }
    }

    /// An endpoint that sends mail.
    const fn mail(path: &'static str, name: &'static str, wording: &'static Wording) -> Self {
        Self { path, name, wording, counts_successes: true }
    }
}

const LIMITED: [Limited; 9] = [
    Limited::proof(login::PATH, "login", &login::WORDING),
    Limited::proof("/api/auth/refresh-token", "refresh", &refresh_token::WORDING),
    Limited::proof("/api/auth/refresh", "refresh", &refresh_token::WORDING),
    Limited::mail("/api/auth/forgot-password", "forgot", &forgot_password::WORDING),
    Limited::proof("/api/auth/reset-password", "reset", &reset_password::WORDING),
    Limited::proof(
        "/api/auth/complete-password-change",
        "complete",
        &complete_password_change::WORDING,
    ),
    Limited::proof(complete_mfa::PATH, "mfa", &complete_mfa::WORDING),
    Limited::mail("/api/auth/register", "register", &register::WORDING),
    Limited::proof("/api/auth/verify", "verify", &verify::WORDING),
];

pub(super) async fn apply(
    State(attempts): State<Arc<Limiter>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let limited = LIMITED.iter().find(|limited| limited.path == path);
    let limited = limited.filter(|_| request.method() == Method::POST);
    if let Some(crowded) = request.extensions().get::<Crowded>() {
        return told(limited, Failure::from(*crowded));
    }
    let (Some(limited), Some(origin)) = (limited, Origin::of(request.extensions())) else {
        return next.run(request).await;
    };
    // An attempt counts until it has succeeded, so that many at once are no more than allowed.
    let context = context_of(request.extensions());
    let reserved = match attempts.reserve(&context, format!("{} {origin}", limited.name)).await {
        Ok(reserved) => reserved,
        Err(Blocked::TooMany(wait)) => return told(Some(limited), Failure::from(wait)),
        Err(Blocked::Failed(error)) => return limited.wording.failure(error).into_response(),
    };
    let response = next.run(request).await;
    let was_right = response.status().is_success() && !limited.counts_successes;
    let proves_nothing = response.extensions().get::<Untried>().is_some();
    if (was_right || proves_nothing)
        && let Err(error) = reserved.give_back().await
    {
        report_error(&error);
    }
    response
}

/// That there is too much to do, in the words of the endpoint.
fn told(limited: Option<&Limited>, failure: Failure) -> Response {
    match limited {
        Some(Limited { path: login::PATH, .. }) => login::throttled(failure).into_response(),
        _ => failure.into_response(),
    }
}
