//! `GET /features`: what is switched on for the partner that the call is for.

use super::problem::{Failure, Problem};
use super::{FaceState, api, scope};
use crate::kit::{Operation, json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn describe() -> Operation {
    scope::describe(Operation::new(api::PARTNERS, "List the partner's features"))
        .answers::<BTreeMap<String, bool>>(
            "Whether each feature is on. The operator chooses the names.",
        )
        .fails([Problem::NotFound])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    parts: Parts,
) -> Result<Response, Failure> {
    let member = scope::member(&state, &parts).await?;
    Ok(json(StatusCode::OK, &member.partner.features))
}
