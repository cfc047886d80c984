//! `GET /status/`: is the API up? The only path that web pages of any origin may call.

use crate::kit::json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(super) const PATH: &str = "/status";

pub(super) const ANY_ORIGIN: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

#[derive(Serialize)]
struct Reply {
    status: &'static str,
}

pub(super) async fn handle() -> Response {
    ([ANY_ORIGIN], json(StatusCode::OK, &Reply { status: "ok" })).into_response()
}
