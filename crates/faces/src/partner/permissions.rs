//! `GET /permissions`: what the caller may do for the partner that the call is for.

use super::problem::{Failure, Problem};
use super::{FaceState, api, scope};
use crate::kit::{Operation, json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use std::sync::Arc;

pub(super) fn describe() -> Operation {
    let operation = Operation::new(api::PARTNERS, "List the caller's permissions").about(
        "The permissions that the caller's groups currently carry for the partner of the call, \
         sorted.",
    );
    scope::describe(operation)
        .answers::<Vec<String>>("The names of the permissions. The operator chooses them.")
        .fails([Problem::NotFound])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    parts: Parts,
) -> Result<Response, Failure> {
    let member = scope::member(&state, &parts).await?;
    Ok(json(StatusCode::OK, member.permissions()))
}
