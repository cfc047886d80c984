//! The inbox as a page.

use super::username;
use crate::kit::escape;
use poolkeeper_pool::local::InboxEntry;
use serde::Serialize;
use std::fmt::Write;

pub(super) fn render(entries: &[InboxEntry]) -> String {
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Inbox</title>\n\
         <link rel=\"stylesheet\" href=\"/inbox.css\">\n<h1>Inbox</h1>\n",
    );
    if entries.is_empty() {
        html.push_str("<p>No messages.</p>\n");
    }
    for entry in entries {
        html.push_str(&article(entry));
    }
    html
}

fn article(entry: &InboxEntry) -> String {
    let mut html = format!("<article>\n<h2>{}</h2>\n<dl>\n", escape(&entry.subject));
    let rows = [
        ("At", entry.at.iso_text()),
        ("To", entry.to.clone()),
        ("User", username(entry).to_owned()),
        ("Channel", name_of(&entry.channel)),
        ("Purpose", name_of(&entry.purpose)),
        ("Code", entry.code.as_ref().map(|code| code.expose().to_owned()).unwrap_or_default()),
    ];
    for (term, text) in rows.iter().filter(|(_, text)| !text.is_empty()) {
        let _infallible = writeln!(html, "<dt>{term}</dt><dd>{}</dd>", escape(text));
    }
    let _infallible =
        write!(html, "</dl>\n<pre>{}</pre>\n</article>\n", escape(entry.body.expose()));
    html
}

/// The name under which JSON shows a value.
fn name_of(value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
