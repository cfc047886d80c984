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
        "Those that the caller's groups carry for the partner of the call, as of now, sorted.",
    );
    scope::describe(operation)
        .answers::<Vec<String>>("The permissions, by names of the operator's.")
        .fails([Problem::NotFound])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    parts: Parts,
) -> Result<Response, Failure> {
    let member = scope::member(&state, &parts).await?;
    Ok(json(StatusCode::OK, member.permissions()))
}
