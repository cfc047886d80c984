//! An operation: what it takes, and all it answers.

use super::parts::{Html, Operation, items, members, paragraphs, prose, resolve, text};
use super::table::{parameters, table};
use crate::kit::escape;
use crate::openapi::example::example;
use serde_json::{Map, Value};
use std::fmt::Write;

const CONTENT: &str = "/content/application~1json";

pub(super) fn article(html: &mut Html, document: &Value, operation: &Operation<'_>) {
    let value = operation.value;
    let summary = escape(text(value, "/summary"));
    html.line(format_args!("<article id=\"{}\">\n<header>", operation.id()));
    html.line(format_args!("{}<h3>{summary}</h3>", operation.line()));
    if value.get("security").is_some() {
        html.line("<span class=\"tag\">access token</span>");
    }
    html.line("</header>");
    html.line(paragraphs(text(value, "/description")));
    if value.get("parameters").is_some() {
        html.line("<h4>Parameters</h4>");
        html.line(parameters(document, items(value, "/parameters")));
    }
    request(html, document, value);
    let (answers, failures): (Vec<_>, Vec<_>) =
        members(value, "/responses").partition(|(status, _)| status.starts_with('2'));
    for (status, response) in answers {
        answer(html, document, status, response);
    }
    let (shared, own): (Vec<_>, Vec<_>) =
        failures.into_iter().partition(|(_, response)| response.get("$ref").is_some());
    html.line("<h4>Failures</h4>");
    html.line(self::failures("status", own.into_iter().map(|(status, own)| (&**status, own))));
    html.line("<p class=\"shared dim\"><a href=\"#shared\">Also</a>");
    for (status, response) in shared {
        let what = text(resolve(document, response), "/description");
        let what = what.split(':').next().unwrap_or_default();
        html.line(format_args!("<span>{} {}</span>", escape(status), escape(what)));
    }
    html.line("</p>\n</article>");
}

fn request(html: &mut Html, document: &Value, operation: &Value) {
    let Some(body) = operation.get("requestBody") else { return };
    let optional = body.get("required") == Some(&Value::Bool(false));
    let note = if optional { " (optional)" } else { "" };
    html.line(format_args!("<h4>Request{note}</h4>"));
    let Some(content) = body.pointer(CONTENT) else { return };
    if let Some(schema) = content.get("schema") {
        html.line(table(document, schema));
    }
    if let Some(example) = content.get("example") {
        html.line(details("Example", example));
    }
}

/// A success: every shape its body may have, with an example.
fn answer(html: &mut Html, document: &Value, status: &str, response: &Value) {
    let status = escape(status);
    let Some(content) = response.pointer(CONTENT) else {
        let description = prose(text(response, "/description"));
        html.line(format_args!("<h4>Answer {status}</h4>\n<p>{description}</p>"));
        return;
    };
    let schema = content.get("schema").unwrap_or(&Value::Null);
    let several = schema.get("anyOf").and_then(Value::as_array);
    let shapes = several.map_or_else(|| vec![schema], |shapes| shapes.iter().collect());
    let definitions = definitions(document);
    for shape in shapes {
        let example = example(shape, &definitions);
        // Each example goes by what the answer means.
        let is_this = |shown: &&(&String, &Value)| shown.1.get("value") == Some(&example);
        let examples: Vec<_> = members(content, "/examples").collect();
        let meaning = examples.iter().find(is_this).map_or("", |(meaning, _)| meaning.as_str());
        html.line(format_args!("<h4>Answer {status}</h4>\n{}", paragraphs(meaning)));
        html.line(table(document, shape));
        html.line(details("Example", &example));
    }
}

fn definitions(document: &Value) -> Map<String, Value> {
    let schemas = members(document, "/components/schemas");
    schemas.map(|(name, schema)| (name.clone(), schema.clone())).collect()
}

/// One row for every failure, with what it goes by in a column of this class.
pub(super) fn failures<'a>(
    class: &str,
    responses: impl Iterator<Item = (&'a str, &'a Value)>,
) -> String {
    let mut rows = String::new();
    for (name, response) in responses {
        let content = response.pointer(CONTENT).unwrap_or(&Value::Null);
        let single = content.get("example").into_iter();
        let named = members(content, "/examples").filter_map(|(_, example)| example.get("value"));
        for example in single.chain(named) {
            let (name, example) = (escape(name), escape(&example.to_string()));
            let _infallible = writeln!(
                rows,
                "<tr><td class=\"{class}\">{name}</td><td><code>{example}</code></td></tr>"
            );
        }
    }
    if rows.is_empty() { rows } else { format!("<table>\n{rows}</table>") }
}

fn details(title: &str, example: &Value) -> String {
    let shown = serde_json::to_string_pretty(example).unwrap_or_default();
    let (title, shown) = (escape(title), escape(&shown));
    format!("<details><summary>{title}</summary><pre>{shown}</pre></details>")
}
