//! What the sign-in APIs look like: an OpenAPI document of each that is served, made from its
//! endpoints, and a page to read it.

mod document;
mod example;
mod page;

pub(crate) use document::document;

use crate::kit::{Endpoints, Mount, Route, css, html, json, under};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use std::sync::Arc;

const ROOT: &str = "/openapi";

type Named = Result<Path<String>, PathRejection>;

const STYLE: &str = include_str!("page.css");

/// The documents of the faces that are served.
pub struct ApiDocs;

impl ApiDocs {
    /// Its endpoints.
    pub fn routes() -> Vec<Route> {
        endpoints().routes()
    }

    /// Whether a path is one of its own.
    pub fn claims(path: &str) -> bool {
        claim(path).is_some()
    }
}

/// A document, under the name that is in its path.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    pub(crate) value: Value,
}

pub(crate) fn mount(documents: Vec<Document>) -> Mount {
    Mount::new(claim, ApiDocs::routes(), endpoints().finish(Arc::new(documents)))
}

fn claim(path: &str) -> Option<String> {
    under("", &[ROOT], path)
}

fn endpoints() -> Endpoints<Arc<Vec<Document>>> {
    Endpoints::new(not_found, || crate::plain(StatusCode::METHOD_NOT_ALLOWED))
        .at(Method::GET, ROOT, get(index))
        .at(Method::GET, "/openapi/page.css", get(|| async { css(STYLE) }))
        .at(Method::GET, "/openapi/{name}", get(show))
}

fn not_found() -> Response {
    crate::plain(StatusCode::NOT_FOUND)
}

async fn index(State(documents): State<Arc<Vec<Document>>>) -> Response {
    html(page::index(&documents))
}

/// A document as JSON under its name with `.json`, else as a page.
async fn show(State(documents): State<Arc<Vec<Document>>>, path: Named) -> Response {
    // What is no UTF-8 names nothing.
    let Ok(Path(path)) = path else { return not_found() };
    let name = path.strip_suffix(".json");
    let wanted = name.unwrap_or(&path);
    match (documents.iter().find(|document| document.name == wanted), name) {
        (None, _) => not_found(),
        (Some(document), Some(_)) => json(StatusCode::OK, &document.value),
        (Some(document), None) => show_page(document),
    }
}

/// A document as a page.
pub(crate) fn show_page(document: &Document) -> Response {
    html(page::render(document))
}
