//! `POST /api/auth/complete-password-change`: replace a temporary password and sign in.

use super::failure::{Failure, INVALID_PASSWORD, NOT_AUTHORIZED, Wording};
use super::user::User;
use super::{PortalMount, validation};
use crate::kit::{Members, Name, caller_address, json};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::entity::Attributes;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::{Admission, Answer, Outcome, Respond, SignedIn};
use serde::Serialize;
use std::sync::Arc;

const WORDING: Wording = Wording {
    known: &[
        (INVALID_PASSWORD, StatusCode::BAD_REQUEST, "Password does not meet requirements"),
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid session or credentials"),
    ],
    error: "Password change error",
    failed: "Password change failed",
};

struct Body {
    username: String,
    session: Secret,
    new_password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: members.text(Name::new("username"), 0..=usize::MAX),
            session: members.secret(Name::new("session"), 0..=usize::MAX),
            new_password: members.secret(Name::new("new_password"), 0..=usize::MAX),
        }
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    access_token: &'a Secret,
    refresh_token: Option<&'a Secret>,
    token_type: &'static str,
    user: User<'a>,
    expires_in: u64,
    message: &'static str,
}

pub(super) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    request: Request,
) -> Result<Response, Failure> {
    let address = caller_address(request.extensions());
    let body = validation::body(request, Body::read).await?;
    let command = Respond {
        client: mount.client.clone(),
        session: body.session,
        username: Some(body.username),
        answer: Answer::NewPassword {
            password: body.new_password,
            attributes: Attributes::default(),
        },
        admission: Admission::default(),
        address,
    };
    match mount.pool.respond(command).await {
        Ok(Outcome::SignedIn(signed_in)) => Ok(complete(&signed_in, &mount)),
        // The password is changed, but this API can ask nothing more.
        Ok(Outcome::Challenge(challenge)) => Err(WORDING.exception(challenge.kind.name())),
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
