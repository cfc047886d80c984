//! `GET /` and `GET /health`: is the API up?

use super::{PortalMount, api};
use crate::kit::{Operation, json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

#[derive(JsonSchema, Serialize)]
struct Greeting<'a> {
    #[schemars(example = &"Poolkeeper is running")]
    message: &'a str,
}

#[derive(JsonSchema, Serialize)]
struct Health<'a> {
    #[schemars(example = &"healthy")]
    status: &'static str,
    #[schemars(example = &"poolkeeper")]
    service: &'a str,
}

pub(super) fn describe_greeting() -> Operation {
    Operation::new(api::HEALTH, "Show the greeting")
        .unfailing()
        .answers::<Greeting<'_>>("The API is up.")
}

pub(super) fn describe() -> Operation {
    Operation::new(api::HEALTH, "Check whether the API is up")
        .unfailing()
        .answers::<Health<'_>>("The API is up.")
}

pub(super) async fn greeting(State(mount): State<Arc<PortalMount>>) -> Response {
    json(StatusCode::OK, &Greeting { message: &mount.texts.greeting })
}

pub(super) async fn handle(State(mount): State<Arc<PortalMount>>) -> Response {
    json(StatusCode::OK, &Health { status: "healthy", service: &mount.texts.service })
}
