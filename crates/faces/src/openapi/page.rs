//! A document as a page: no script, nothing from elsewhere.

mod operation;
mod table;

use super::Document;
use crate::kit::escape;
use operation::article;
use serde_json::Value;
use std::fmt::{Display, Write};
use table::table;

/// Everything that is said, as HTML.
#[derive(Default)]
struct Html(String);

impl Html {
    fn page(title: &str) -> Self {
        let mut html = Self::default();
        html.line(format_args!("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">"));
        let viewport = "width=device-width, initial-scale=1";
        html.line(format_args!("<meta name=\"viewport\" content=\"{viewport}\">"));
        html.line(format_args!("<title>{}</title>", escape(title)));
        html.line("<link rel=\"stylesheet\" href=\"/openapi/page.css\">");
        html
    }

    /// Adds a line of HTML, in which all text is escaped already.
    fn line(&mut self, html: impl Display) {
        let _infallible = writeln!(self.0, "{html}");
    }
}

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
    html.line("<h4>What many operations answer</h4>");
    let responses = members(document, "/components/responses");
    let named = responses.map(|(_, response)| (text(response, "/description"), response));
    html.line(operation::failures("name", named));
    html.line("</article>");
}

/// An operation and where it is.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        text(self.value, "/tags/0")
    }

    fn id(&self) -> String {
        escape(text(self.value, "/operationId"))
    }

    /// Method and path.
    fn line(&self) -> String {
        let (method, path) = (escape(self.method), escape(self.path));
        let name = method.to_ascii_uppercase();
        format!("<span class=\"method {method}\">{name}</span> <code class=\"path\">{path}</code>")
    }

    /// Its entry in the list of operations.
    fn entry(&self) -> String {
        let summary = escape(text(self.value, "/summary"));
        format!("<li>{}<a href=\"#{}\">{summary}</a></li>", self.line(), self.id())
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = members(document, "/paths");
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, value)| Operation { path, method, value })
    });
    operations.collect()
}

/// The value that a reference leads to, or the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// The text at a pointer, empty if there is none.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The items of the list at a pointer.
fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The members of the object at a pointer.
fn members<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

/// Text with code between backticks.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(position, part)| {
        let part = escape(part);
        if position % 2 == 1 { format!("<code>{part}</code>") } else { part }
    });
    parts.collect()
}

fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.is_empty());
    let paragraphs = paragraphs.map(|paragraph| format!("<p>{}</p>", prose(paragraph)));
    paragraphs.collect::<Vec<_>>().concat()
}
