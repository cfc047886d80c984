//! `POST /Logout`: end the sign-in that a refresh token belongs to. Whatever the token is worth, the
//! answer is the same. The documented API has no such endpoint: this one is ours.

use super::failure::Failure;
use super::{FaceState, api, request};
use crate::kit::{Context, Members, Operation, members_of_any_type, most};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::Error;
use std::sync::Arc;

pub(super) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Log out")
        .about(
            "Ends the sign-in that the refresh token belongs to. The answer does not reveal \
             whether there was one.",
        )
        .spelled("/Logout")
        .forgiven_body(read)
        .answers_nothing(StatusCode::NO_CONTENT, "The client can discard the tokens.")
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<StatusCode, Failure> {
    if let Some(token) = refresh_token(request).await
        && let Err(error @ Error::Fault(_)) = state.mount.tenancy.log_out(&context, &token).await
    {
        // No success: the sign-in may live on.
        return Err(error.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

fn read(members: &mut Members) -> Option<Secret> {
    members.optional_secret(request::REFRESH_TOKEN, 0..=most::TOKEN)
}

/// The refresh token, if there is one in the body.
async fn refresh_token(request: Request) -> Option<Secret> {
    members_of_any_type(request).await.ok()?.last_wins().read(read).ok()?
}
