//! `GET /docs`, `/redoc` and `/openapi.json`: the description of this API where `FastAPI` has it.

use super::PortalMount;
use crate::kit::{Endpoints, json};
use crate::openapi::{Document, show_page};
use axum::http::{Method, StatusCode};
use axum::routing::get;
use std::sync::Arc;

pub(super) const DOCS: &str = "/docs";
pub(super) const REDOC: &str = "/redoc";
pub(super) const OPENAPI: &str = "/openapi.json";

/// Adds its endpoints. Both pages are ours and the same: those of `FastAPI` run scripts of another
/// origin.
pub(super) fn endpoints(
    others: Endpoints<Arc<PortalMount>>,
    prefix: &str,
) -> Endpoints<Arc<PortalMount>> {
    let document = Document { name: "portal", value: PortalMount::document(prefix) };
    let document = Arc::new(document);
    let page = || {
        let document = Arc::clone(&document);
        get(move || async move { show_page(&document) })
    };
    let value = Arc::clone(&document);
    others.at(Method::GET, DOCS, page()).at(Method::GET, REDOC, page()).at(
        Method::GET,
        OPENAPI,
        get(move || async move { json(StatusCode::OK, &value.value) }),
    )
}
