//! `POST /api/auth/verify`: prove the address of a sign-up by the code that was sent there.

use super::register::EMAIL;
use crate::kit::{Context, Members, Name, Operation, most};
use crate::portal::done::{Done, done};
use crate::portal::failure::{
    CODE_MISMATCH, EXPIRED_CODE, Failure, LIMIT_EXCEEDED, NOT_AUTHORIZED, TOO_MUCH, USER_NOT_FOUND,
    Wording,
};
use crate::portal::{PortalMount, api, not_found, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (CODE_MISMATCH, StatusCode::BAD_REQUEST, "Invalid verification code"),
        (EXPIRED_CODE, StatusCode::BAD_REQUEST, "Verification code has expired"),
        (USER_NOT_FOUND, StatusCode::NOT_FOUND, "User not found"),
        // Who is asked for no code any more. Told only where it is told who exists.
        (NOT_AUTHORIZED, StatusCode::BAD_REQUEST, "User is already confirmed"),
        (LIMIT_EXCEEDED, StatusCode::TOO_MANY_REQUESTS, TOO_MUCH),
    ],
    error: "Verification error",
    failed: "Verification failed",
};

const CODE: Name = Name::new("code").like("123456");

struct Body {
    email: String,
    code: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            email: members.text(EMAIL, 0..=most::NAME),
            code: members.code(CODE, 0..=most::CODE),
        }
    }
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_UP, "Verify the address of a sign-up")
        .about("Available only if the operator lets people sign up.")
        .body(Body::read)
        .answers::<Done<'_>>("The user may sign in.")
        .fails([not_found()])
        .fails(WORDING.failures(&[]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let Body { email, code } = validation::body(request, Body::read).await?;
    let confirmed =
        mount.self_service.confirm_registration(&context, &mount.client, &email, &code).await;
    confirmed.map_err(|error| WORDING.failure(error))?;
    Ok(done("Email verified successfully"))
}
