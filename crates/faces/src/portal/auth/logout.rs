//! `POST /api/auth/logout`: forget a sign-in. It always succeeds, since a client that logs out
//! throws its tokens away whatever the answer.

use super::refresh_token::REFRESH_TOKEN;
use crate::kit::{Context, Members, Operation, json, members, most, report_fault};
use crate::portal::{PortalMount, api};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::Via;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::Error;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "LoggedOut")]
struct Reply {
    #[schemars(example = &"Logged out successfully")]
    message: &'static str,
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Log out")
        .about("Ends the sign-in that the refresh token belongs to. Always succeeds.")
        .forgiven_body(read)
        .unfailing()
        .answers::<Reply>("The client can discard the tokens.")
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Response {
    if let Some(token) = refresh_token(request).await
        && let Err(Error::Fault(fault)) =
            mount.pool.revoke(&context, &Via::trusted(&mount.client), &token).await
    {
        report_fault(&fault);
    }
    json(StatusCode::OK, &Reply { message: "Logged out successfully" })
}

fn read(members: &mut Members) -> Option<Secret> {
    members.optional_secret(REFRESH_TOKEN, 0..=most::TOKEN)
}

/// The refresh token, if the caller sends one along.
async fn refresh_token(request: Request) -> Option<Secret> {
    let members = members(request).await.ok()?;
    members.last_wins().read(read).ok()?
}
