//! What the parts of a page are made of.

use crate::kit::escape;
use serde_json::Value;
use std::fmt::{Display, Write};

/// Everything that is said, as HTML.
#[derive(Default)]
pub(super) struct Html(pub(super) String);

impl Html {
    pub(super) fn page(title: &str) -> Self {
        let mut html = Self::default();
        html.line(format_args!("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">"));
        let viewport = "width=device-width, initial-scale=1";
        html.line(format_args!("<meta name=\"viewport\" content=\"{viewport}\">"));
        html.line(format_args!("<title>{}</title>", escape(title)));
        html.line("<link rel=\"stylesheet\" href=\"/openapi/page.css\">");
        html
    }

    /// Adds a line of HTML, in which all text is escaped already.
    pub(super) fn line(&mut self, html: impl Display) {
        let _infallible = writeln!(self.0, "{html}");
    }
}

/// An operation and where it is.
pub(super) struct Operation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) value: &'a Value,
}

impl Operation<'_> {
    pub(super) fn tag(&self) -> &str {
        text(self.value, "/tags/0")
    }

    pub(super) fn id(&self) -> String {
        escape(text(self.value, "/operationId"))
    }

    /// Method and path.
    pub(super) fn line(&self) -> String {
        let (method, path) = (escape(self.method), escape(self.path));
        let name = method.to_ascii_uppercase();
        format!("<span class=\"method {method}\">{name}</span> <code class=\"path\">{path}</code>")
    }

    /// Its entry in the list of operations.
    pub(super) fn entry(&self) -> String {
        let summary = escape(text(self.value, "/summary"));
        format!("<li>{}<a href=\"#{}\">{summary}</a></li>", self.line(), self.id())
    }
}

/// The value that a reference leads to, or the value itself.
pub(super) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// The text at a pointer, empty if there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The items of the list at a pointer.
pub(super) fn items<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The members of the object at a pointer.
pub(super) fn members<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

/// Text with code between backticks.
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(position, part)| {
        let part = escape(part);
        if position % 2 == 1 { format!("<code>{part}</code>") } else { part }
    });
    parts.collect()
}

pub(super) fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.is_empty());
    let paragraphs = paragraphs.map(|paragraph| format!("<p>{}</p>", prose(paragraph)));
    paragraphs.collect::<Vec<_>>().concat()
}
