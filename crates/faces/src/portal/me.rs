//! `GET /api/auth/me`: the user behind an access token.

use super::bearer::{self, Unknown};
use super::{PortalMount, user};
use crate::kit::json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Reply<'a> {
    user_id: &'a str,
    email: &'a str,
    username: &'a str,
    role: &'static str,
    is_admin: bool,
}

pub(super) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    headers: HeaderMap,
) -> Result<Response, Unknown> {
    let profile = bearer::profile(&mount, &headers).await?;
    let is_admin = user::is_admin(&profile, &mount);
    let reply = Reply {
        user_id: profile.sub.as_str(),
        email: user::email(&profile),
        username: profile.username.as_str(),
        role: user::role(is_admin),
        is_admin,
    };
    Ok(json(StatusCode::OK, &reply))
}
