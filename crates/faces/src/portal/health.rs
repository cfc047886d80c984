//! `GET /` and `GET /health`: is the API up?

use super::api;
use crate::kit::{Operation, json};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

const GREETING: &str = "IGAD Innovation Hub API is running";
const SERVICE: &str = "igad-innovation-hub";

#[derive(JsonSchema, Serialize)]
struct Greeting {
    #[schemars(example = &GREETING)]
    message: &'static str,
}

#[derive(JsonSchema, Serialize)]
struct Health {
    #[schemars(example = &"healthy")]
    status: &'static str,
    #[schemars(example = &SERVICE)]
    service: &'static str,
}

pub(super) fn describe_greeting() -> Operation {
    Operation::new(api::HEALTH, "Greet").unfailing().answers::<Greeting>("The API is up.")
}

pub(super) fn describe() -> Operation {
    Operation::new(api::HEALTH, "Tell whether the API is up")
        .unfailing()
        .answers::<Health>("It is.")
}

pub(super) async fn greeting() -> Response {
    json(StatusCode::OK, &Greeting { message: GREETING })
}

pub(super) async fn handle() -> Response {
    json(StatusCode::OK, &Health { status: "healthy", service: SERVICE })
}
