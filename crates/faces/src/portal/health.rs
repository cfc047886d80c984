//! `GET /` and `GET /health`: is the API up?

use crate::kit::json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

#[derive(Serialize)]
struct Greeting {
    message: &'static str,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
}

pub(super) async fn greeting() -> Response {
    json(StatusCode::OK, &Greeting { message: "IGAD Innovation Hub API is running" })
}

pub(super) async fn handle() -> Response {
    json(StatusCode::OK, &Health { status: "healthy", service: "igad-innovation-hub" })
}
