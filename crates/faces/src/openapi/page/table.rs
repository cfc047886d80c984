//! The members of an object, one in a row, those of objects in it under dotted names.

use super::{items, members, prose, resolve, text};
use crate::kit::escape;
use serde_json::Value;
use std::fmt::Write;

const HEAD: &str = "<table>\n<tr><th>Name</th><th>Type</th><th>Meaning</th></tr>\n";

/// How deep objects are opened up. None of ours is as deep.
const DEEPEST: usize = 6;

/// The members of an object.
pub(super) fn table(document: &Value, schema: &Value) -> String {
    let mut rows = String::new();
    add(&mut rows, document, schema, "", 0);
    if rows.is_empty() { String::new() } else { format!("{HEAD}{rows}</table>") }
}

/// Parameters outside the body.
pub(super) fn parameters<'a>(parameters: impl Iterator<Item = &'a Value>) -> String {
    let mut rows = String::new();
    for parameter in parameters {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let kind = format!("{}, in {}", kind(schema), text(parameter, "/in"));
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let about = text(parameter, "/description");
        row(&mut rows, text(parameter, "/name"), &kind, &remarks(schema, required, about));
    }
    format!("{HEAD}{rows}</table>")
}

fn add(rows: &mut String, document: &Value, schema: &Value, prefix: &str, depth: usize) {
    let schema = object_in(document, schema);
    if depth > DEEPEST {
        return;
    }
    let required: Vec<_> = items(schema, "/required").filter_map(Value::as_str).collect();
    let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
    let first = required.iter().filter_map(|name| Some((*name, property(name)?)));
    let rest = members(schema, "/properties").map(|(name, value)| (name.as_str(), value));
    let rest = rest.filter(|(name, _)| !required.contains(name));
    for (name, member) in first.chain(rest) {
        let path = format!("{prefix}{name}");
        let needed = required.contains(&name);
        row(
            rows,
            &path,
            &kind_in(document, member),
            &remarks(member, needed, about(document, member)),
        );
        let inner = member.get("items");
        let deeper = if inner.is_some() { format!("{path}[].") } else { format!("{path}.") };
        add(rows, document, inner.unwrap_or(member), &deeper, depth + 1);
    }
}

fn row(rows: &mut String, name: &str, kind: &str, remarks: &str) {
    let (name, kind) = (escape(name), escape(kind));
    let _infallible = writeln!(
        rows,
        "<tr><td><code>{name}</code></td><td class=\"dim\">{kind}</td><td>{remarks}</td></tr>"
    );
}

/// The object that a schema allows, `null` aside.
fn object_in<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolve(document, schema);
    items(schema, "/anyOf").next().map_or(schema, |first| resolve(document, first))
}

fn about<'a>(document: &'a Value, schema: &'a Value) -> &'a str {
    let own = text(schema, "/description");
    if own.is_empty() { text(object_in(document, schema), "/description") } else { own }
}

fn kind_in(document: &Value, schema: &Value) -> String {
    let kind = kind(object_in(document, schema));
    let nullable = items(schema, "/anyOf").any(|one| text(one, "/type") == "null");
    if nullable { format!("{kind} or null") } else { kind }
}

/// The types that a schema allows, in words.
fn kind(schema: &Value) -> String {
    let single = text(schema, "/type");
    let several = items(schema, "/type").filter_map(Value::as_str);
    let kinds: Vec<_> = std::iter::once(single)
        .filter(|kind| !kind.is_empty())
        .chain(several)
        .map(|kind| match kind {
            "array" => match text(schema, "/items/type") {
                "" => "array".to_owned(),
                inner => format!("array of {inner}s"),
            },
            "object" if schema.get("properties").is_none() => "map of strings".to_owned(),
            kind => kind.to_owned(),
        })
        .collect();
    if kinds.is_empty() { "any".to_owned() } else { kinds.join(" or ") }
}

/// What else there is to say of a member.
fn remarks(schema: &Value, required: bool, about: &str) -> String {
    let mut parts = Vec::new();
    if !required {
        parts.push("<span class=\"dim\">optional</span>".to_owned());
    }
    if !about.is_empty() {
        parts.push(prose(about));
    }
    let choices: Vec<_> = items(schema, "/enum").filter_map(Value::as_str).collect();
    if !choices.is_empty() {
        parts.push(prose(&format!("`{}`", choices.join("`, `"))));
    }
    let bounds = [
        bounds(schema, ["minLength", "maxLength"], "character"),
        bounds(schema, ["minItems", "maxItems"], "entry"),
        bounds(schema, ["minProperties", "maxProperties"], "entry"),
        bounds(schema, ["minimum", "maximum"], ""),
    ];
    for bounds in bounds.into_iter().flatten() {
        parts.push(format!("<span class=\"dim\">{}</span>", escape(&bounds)));
    }
    parts.join(" · ")
}

fn bounds(schema: &Value, names: [&str; 2], unit: &str) -> Option<String> {
    let [least, most] = names.map(|name| schema.get(name).and_then(Value::as_u64));
    let plural = |count: u64| match (count, unit) {
        (1, unit) => unit.to_owned(),
        (_, "entry") => "entries".to_owned(),
        (_, "") => String::new(),
        (_, unit) => format!("{unit}s"),
    };
    let told = match (least, most) {
        (Some(1), None) => "not empty".to_owned(),
        (Some(least), None) if least > 0 => format!("at least {least} {}", plural(least)),
        (Some(least), Some(most)) if least > 0 => format!("{least} to {most} {}", plural(most)),
        (_, Some(most)) => format!("at most {most} {}", plural(most)),
        _ => return None,
    };
    Some(told.trim().to_owned())
}
