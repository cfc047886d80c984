//! `POST /api/auth/logout`: forget a sign-in. It always succeeds, since a client that logs out
//! throws its tokens away whatever the answer.

use super::PortalMount;
use crate::kit::{Members, Name, json, members, report_fault};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::error::Error;
use poolkeeper_pool::secret::Secret;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Reply {
    message: &'static str,
}

pub(super) async fn handle(State(mount): State<Arc<PortalMount>>, request: Request) -> Response {
    if let Some(token) = refresh_token(request).await
        && let Err(Error::Fault(fault)) = mount.pool.revoke(&mount.client, &token).await
    {
        report_fault(&fault);
    }
    json(StatusCode::OK, &Reply { message: "Logged out successfully" })
}

/// The refresh token, if the caller sends one along.
async fn refresh_token(request: Request) -> Option<Secret> {
    let members = members(request).await.ok()?;
    let read = |members: &mut Members| members.optional_secret(Name::new("refresh_token"));
    members.last_wins().read(read).ok()?
}
