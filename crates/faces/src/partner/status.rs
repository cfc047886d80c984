//! `GET /status/`: is the API up? The only path that web pages of any origin may call.

use super::api;
use crate::kit::{Operation, json};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) const PATH: &str = "/status";

pub(super) const ANY_ORIGIN: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Status")]
struct Reply {
    #[schemars(example = &"ok")]
    status: &'static str,
}

pub(super) fn describe() -> Operation {
    Operation::new(api::HEALTH, "Check whether the API is up")
        .about("This is the only path that web pages of any origin may call.")
        .unfailing()
        .answers::<Reply>("The API is up.")
}

pub(super) async fn handle() -> Response {
    ([ANY_ORIGIN], json(StatusCode::OK, &Reply { status: "ok" })).into_response()
}
