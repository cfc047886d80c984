//! `POST /api/auth/reset-password`: replace a forgotten password by the code that was sent.

use crate::kit::{Context, Members, Name, Operation, most};
use crate::portal::done::{Done, done};
use crate::portal::failure::{
    CODE_MISMATCH, EXPIRED_CODE, Failure, INVALID_PASSWORD, LIMIT_EXCEEDED, USER_NOT_FOUND, Wording,
};
use crate::portal::{PortalMount, api, username, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::self_service::conceal_unknown;
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (CODE_MISMATCH, StatusCode::BAD_REQUEST, "Invalid verification code"),
        (EXPIRED_CODE, StatusCode::BAD_REQUEST, "Verification code has expired"),
        (INVALID_PASSWORD, StatusCode::BAD_REQUEST, "Password does not meet requirements"),
        (USER_NOT_FOUND, StatusCode::NOT_FOUND, "User not found"),
    ],
    error: "Reset password error",
    failed: "Failed to reset password",
};

const CODE: Name = Name::new("code").like("123456");
const NEW_PASSWORD: Name = Name::new("new_password").like("New-Passw0rd");

struct Body {
    username: String,
    code: Secret,
    new_password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: username::read(members),
            code: members.code(CODE, 0..=most::CODE),
            new_password: members.secret(NEW_PASSWORD, 0..=most::CLAIMED_PASSWORD),
        }
    }
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::PASSWORDS, "Set a new password with the code")
        .about("Ends all of the user's sign-ins. It does not sign the user in.")
        .body(Body::read)
        .answers::<Done<'_>>("The password was changed.")
        .fails(WORDING.failures(&[LIMIT_EXCEEDED]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let Body { username, code, new_password } = validation::body(request, Body::read).await?;
    let service = &mount.self_service;
    let changed = service
        .confirm_forgot_password(&context, &mount.client, &username, &code, &new_password)
        .await;
    let changed = if mount.expose_unknown_users {
        changed
    } else {
        conceal_unknown(changed, Refusal::VerificationCodeWrong)
    };
    changed.map_err(|error| WORDING.failure(error))?;
    Ok(done("Password reset successfully"))
}
