//! A document as a page: no script, nothing from elsewhere.

mod operation;
mod parts;
mod table;

use super::Document;
use crate::kit::escape;
use operation::article;
use parts::{Html, Operation, items, members, paragraphs, text};
use serde_json::Value;
use table::table;

/// The documents there are.
pub(super) fn index(documents: &[Document]) -> String {
    let mut html = Html::page("APIs");
    html.line("<h1>APIs</h1>");
    if documents.is_empty() {
        html.line("<p>No sign-in API is served here.</p>");
    }
    for Document { name, value } in documents {
        html.line("<article>");
        let title = escape(text(value, "/info/title"));
        html.line(format_args!("<h3><a href=\"/openapi/{name}\">{title}</a></h3>"));
        html.line(paragraphs(text(value, "/info/description")));
        html.line(format_args!("<p><a href=\"/openapi/{name}.json\">OpenAPI document</a></p>"));
        html.line("</article>");
    }
    html.0
}

/// A document.
pub(super) fn render(document: &Document) -> String {
    let Document { name, value } = document;
    let title = text(value, "/info/title");
    let mut html = Html::page(title);
    html.line("<p><a href=\"/openapi\">APIs</a></p>");
    html.line(format_args!("<h1>{}</h1>", escape(title)));
    let version = escape(text(value, "/info/version"));
    html.line(format_args!(
        "<p class=\"dim\">Version {version} · <a href=\"/openapi/{name}.json\">OpenAPI document</a></p>"
    ));
    html.line(paragraphs(text(value, "/info/description")));
    let operations = operations(value);
    for tag in items(value, "/tags").map(|tag| text(tag, "/name")) {
        html.line(format_args!("<h2>{}</h2>\n<ul class=\"list\">", escape(tag)));
        for operation in operations.iter().filter(|operation| operation.tag() == tag) {
            html.line(operation.entry());
        }
        html.line("</ul>");
        for operation in operations.iter().filter(|operation| operation.tag() == tag) {
            article(&mut html, value, operation);
        }
    }
    shared(&mut html, value);
    html.0
}

/// How all operations fail, and what many of them answer.
fn shared(html: &mut Html, document: &Value) {
    html.line("<h2 id=\"shared\">Failures</h2>\n<article>");
    if let Some(shape) = document.pointer("/components/schemas/Failure") {
        html.line(paragraphs(text(shape, "/description")));
        html.line(table(document, shape));
    }
    html.line("<h4>Common failures</h4>");
    let responses = members(document, "/components/responses");
    let named = responses.map(|(_, response)| (text(response, "/description"), response));
    html.line(operation::failures("name", named));
    html.line("</article>");
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = members(document, "/paths");
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, value)| Operation { path, method, value })
    });
    operations.collect()
}
