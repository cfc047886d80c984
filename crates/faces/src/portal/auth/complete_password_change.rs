//! `POST /api/auth/complete-password-change`: replace a temporary password and sign in.

use super::login::{self, SecondFactorRequired};
use crate::kit::{Context, JwtText, Members, Name, Operation, SEALED, SealedText, json, most};
use crate::portal::failure::{Failure, INVALID_PASSWORD, NOT_AUTHORIZED, Wording};
use crate::portal::user::User;
use crate::portal::{PortalMount, api, username, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Outcome, Respond, SignedIn, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (INVALID_PASSWORD, StatusCode::BAD_REQUEST, "Password does not meet requirements"),
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid session or credentials"),
    ],
    error: "Password change error",
    failed: "Password change failed",
};

const SESSION: Name =
    Name::new("session").about("The `session` in the answer to the login.").like(SEALED);
const NEW_PASSWORD: Name = Name::new("new_password").like("N3w-Passw0rd");

struct Body {
    username: String,
    session: Secret,
    new_password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: username::read(members),
            session: members.secret(SESSION, 0..=most::TOKEN),
            new_password: members.secret(NEW_PASSWORD, 0..=most::CLAIMED_PASSWORD),
        }
    }
}

/// A completed sign-in.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "PasswordChanged")]
struct Reply<'a> {
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    #[schemars(example = &"bearer")]
    token_type: &'static str,
    user: User<'a>,
    /// Seconds until the access token expires.
    #[schemars(example = 3600)]
    expires_in: u64,
    #[schemars(example = &"Password changed successfully")]
    message: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Replace a temporary password")
        .about("Sets the new password and signs the user in.")
        .body(Body::read)
        .answers::<Reply<'_>>("The password was changed.")
        .answers::<SecondFactorRequired<'_>>(
            "The password was changed, and a second factor must be given. Only if the operator has \
             second factors asked for.",
        )
        .fails(WORDING.failures(&["CodeMismatchException"]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let body = validation::body(request, Body::read).await?;
    let command = Respond {
        remember_device: false,
        via: Via::trusted(&mount.client),
        session: body.session,
        username: Some(body.username.clone()),
        answer: ChallengeAnswer::NewPassword {
            password: body.new_password,
            attributes: Attributes::default(),
        },
        entry_policy: mount.entry_policy(),
    };
    match mount.pool.respond(&context, command).await {
        Ok(Outcome::SignedIn(signed_in)) => Ok(complete(&signed_in, &mount)),
        // The password is changed.
        Ok(Outcome::Challenge(challenge)) => {
            let factor = login::factor(&challenge, &body.username, &mount);
            factor.ok_or_else(|| WORDING.exception(challenge.kind.name()))
        }
        Err(error) => Err(WORDING.failure(error)),
    }
}

fn complete(signed_in: &SignedIn, mount: &PortalMount) -> Response {
    let body = Reply {
        access_token: &signed_in.access_token,
        refresh_token: signed_in.refresh_token.as_ref(),
        token_type: "bearer",
        user: User::of(&signed_in.profile, mount),
        expires_in: signed_in.expires_in,
        message: "Password changed successfully",
    };
    json(StatusCode::OK, &body)
}
