//! `GET /api/auth/me`: the user behind an access token.

use crate::kit::{Context, Operation, json};
use crate::portal::bearer::{self, Unknown};
use crate::portal::{PortalMount, api, user};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CurrentUser")]
struct Reply<'a> {
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    user_id: &'a str,
    #[schemars(example = &"ann@example.com")]
    email: &'a str,
    #[schemars(example = &"ann@example.com")]
    username: &'a str,
    /// `admin` or `user`.
    #[schemars(example = &"user")]
    role: &'static str,
    is_admin: bool,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::USER, "Show the user of an access token")
        .bearer()
        .answers::<Reply<'_>>("The user's current data.")
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    headers: HeaderMap,
) -> Result<Response, Unknown> {
    let profile = bearer::profile(&mount, &context, &headers).await?;
    let is_admin = mount.administrators.is_one(&profile);
    let reply = Reply {
        user_id: profile.sub.as_str(),
        email: user::email(&profile),
        username: profile.username.as_str(),
        role: user::role(is_admin),
        is_admin,
    };
    Ok(json(StatusCode::OK, &reply))
}
