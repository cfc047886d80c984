//! The endpoints for operators, at an address of their own: whether the server is up.

use crate::kit::{Endpoints, Mount, json, under};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

const HEALTH: &str = "/health";

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

pub(crate) fn mount() -> Mount {
    let not_found = || crate::plain(StatusCode::NOT_FOUND);
    let method_not_allowed = || crate::plain(StatusCode::METHOD_NOT_ALLOWED);
    let endpoints =
        Endpoints::new(not_found, method_not_allowed).at(Method::GET, HEALTH, get(health));
    Mount::new(|path| under("", &[HEALTH], path), endpoints.routes(), endpoints.finish(()))
}

async fn health() -> Response {
    json(StatusCode::OK, &Health { status: "ok" })
}
