//! `POST /api/auth/change-password`: replace one's password, knowing the old one.

use crate::kit::{Context, Members, Name, Operation, json, most};
use crate::portal::failure::{
    Failure, INVALID_PASSWORD, LIMIT_EXCEEDED, NOT_AUTHORIZED, TOO_MUCH, Wording,
};
use crate::portal::{PortalMount, api, bearer, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const WORDING: Wording = Wording {
    known: &[
        (INVALID_PASSWORD, StatusCode::BAD_REQUEST, "Password does not meet requirements"),
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid credentials"),
        (LIMIT_EXCEEDED, StatusCode::TOO_MANY_REQUESTS, TOO_MUCH),
    ],
    error: "Password change error",
    failed: "Password change failed",
};

const CURRENT_PASSWORD: Name = Name::new("current_password").like("Demo-Passw0rd");
const NEW_PASSWORD: Name = Name::new("new_password").like("New-Passw0rd");

struct Body {
    current_password: Secret,
    new_password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            current_password: members.secret(CURRENT_PASSWORD, 0..=most::CLAIMED_PASSWORD),
            new_password: members.secret(NEW_PASSWORD, 0..=most::CLAIMED_PASSWORD),
        }
    }
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "PasswordChanged")]
struct Reply {
    #[schemars(example = &"Password changed successfully")]
    message: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::PASSWORDS, "Change the caller's password")
        .about(
            "A 401 with `Invalid credentials` means that the current password is wrong. Any other \
             401 is about the access token.",
        )
        .bearer()
        .body(Body::read)
        .answers::<Reply>("The password was changed. Other sign-ins stay valid.")
        .fails(WORDING.failures(&[]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Response {
    // The pool takes the tokens of any app client, this API those of its own.
    match bearer::token(&mount, &context, request.headers()).await {
        Ok(token) => change(&mount, &context, &token, request).await.into_response(),
        Err(unknown) => unknown.into_response(),
    }
}

async fn change(
    mount: &PortalMount,
    context: &RequestContext,
    token: &Secret,
    request: Request,
) -> Result<Response, Failure> {
    let Body { current_password, new_password } = validation::body(request, Body::read).await?;
    let changed =
        mount.self_service.change_password(context, token, &current_password, &new_password);
    changed.await.map_err(|error| WORDING.failure(error))?;
    Ok(json(StatusCode::OK, &Reply { message: "Password changed successfully" }))
}
