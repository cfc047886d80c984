use crate::kit::json;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

/// The request succeeded.
#[derive(JsonSchema, Serialize)]
pub(super) struct Done<'a> {
    #[schemars(example = true)]
    success: bool,
    #[schemars(example = &"Done")]
    message: &'a str,
}

/// Says that something was done, and no more.
pub(super) fn done(message: &str) -> Response {
    json(StatusCode::OK, &Done { success: true, message })
}
