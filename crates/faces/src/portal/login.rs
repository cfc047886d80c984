//! `POST /api/auth/login`: sign in with a password.

use super::failure::{Failure, NOT_AUTHORIZED, USER_NOT_FOUND, Wording};
use super::user::User;
use super::{PortalMount, validation};
use crate::kit::{Members, Name, caller_address, decode, json};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::{Admission, Challenge, ChallengeKind, Outcome, SignIn, SignedIn};
use serde::Serialize;
use std::sync::Arc;

const WORDING: Wording = Wording {
    known: &[
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid credentials"),
        (USER_NOT_FOUND, StatusCode::UNAUTHORIZED, "User not found"),
    ],
    error: "Authentication error",
    failed: "Login failed",
};

struct Body {
    username: String,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let username = members.trimmed(Name::new("username"), 0..=usize::MAX);
        let password = members.secret(Name::new("password"), 0..=usize::MAX);
        // Some clients send the address as it stands in their URL.
        Self { username: decode(&username), password }
    }
}

#[derive(Serialize)]
struct Complete<'a> {
    access_token: &'a Secret,
    refresh_token: Option<&'a Secret>,
    token_type: &'static str,
    user: User<'a>,
    expires_in: u64,
}

#[derive(Serialize)]
struct PasswordChangeRequired<'a> {
    access_token: &'static str,
    token_type: &'static str,
    user: User<'a>,
    expires_in: u64,
    requires_password_change: bool,
    session: &'a Secret,
    username: &'a str,
    message: &'static str,
}

pub(super) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    request: Request,
) -> Result<Response, Failure> {
    let address = caller_address(request.extensions());
    let Body { username, password } = validation::body(request, Body::read).await?;
    let command = SignIn {
        client: mount.client.clone(),
        username: username.clone(),
        password,
        admission: Admission::default(),
        address,
    };
    match mount.pool.sign_in(command).await {
        Ok(Outcome::SignedIn(signed_in)) => Ok(complete(&signed_in, &mount)),
        Ok(Outcome::Challenge(challenge)) => asked(&challenge, &username),
        Err(Error::Refused(Refusal::UserNotFound)) if !mount.expose_unknown_users => {
            Err(WORDING.exception(NOT_AUTHORIZED))
        }
        Err(error) => Err(WORDING.failure(error)),
    }
}

fn complete(signed_in: &SignedIn, mount: &PortalMount) -> Response {
    let body = Complete {
        access_token: &signed_in.access_token,
        refresh_token: signed_in.refresh_token.as_ref(),
        token_type: "bearer",
        user: User::of(&signed_in.profile, mount),
        expires_in: signed_in.expires_in,
    };
    json(StatusCode::OK, &body)
}

/// This API knows one challenge. Users of whom another is asked cannot come in through it.
fn asked(challenge: &Challenge, username: &str) -> Result<Response, Failure> {
    if !matches!(challenge.kind, ChallengeKind::NewPasswordRequired { .. }) {
        return Err(WORDING.exception(challenge.kind.name()));
    }
    let body = PasswordChangeRequired {
        access_token: "",
        token_type: "bearer",
        user: User::unknown(username),
        expires_in: 0,
        requires_password_change: true,
        session: &challenge.session,
        username,
        message: "Password change required",
    };
    Ok(json(StatusCode::OK, &body))
}
