//! The members of an object, one in a row, those of objects in it under dotted names.

use super::parts::{items, members, prose, resolve, text};
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
pub(super) fn parameters<'a>(
    document: &Value,
    parameters: impl Iterator<Item = &'a Value>,
) -> String {
    let mut rows = String::new();
    for parameter in parameters {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let kind = format!("{}, in {}", kind(document, schema), text(parameter, "/in"));
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let about = text(parameter, "/description");
        row(&mut rows, text(parameter, "/name"), &kind, &remarks(schema, required, about));
    }
    format!("{HEAD}{rows}</table>")
}

fn add(rows: &mut String, document: &Value, schema: &Value, prefix: &str, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for schema in choices(document, schema) {
        if let Some(items) = schema.get("items") {
            let prefix = prefix.strip_suffix('.').unwrap_or(prefix);
            add(rows, document, items, &format!("{prefix}[]."), depth + 1);
        }
        for (name, member, required) in members_of(schema) {
            let path = format!("{prefix}{name}");
            let remarks = remarks(member, required, about(document, member));
            row(rows, &path, &kind(document, member), &remarks);
            add(rows, document, member, &format!("{path}."), depth + 1);
        }
    }
}

/// The members of an object, and whether they are required: those first, in their own order.
fn members_of(schema: &Value) -> Vec<(&str, &Value, bool)> {
    let required: Vec<_> = items(schema, "/required").filter_map(Value::as_str).collect();
    let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
    let first = required.iter().filter_map(|name| Some((*name, property(name)?, true)));
    let rest = members(schema, "/properties").map(|(name, value)| (name.as_str(), value, false));
    first.chain(rest.filter(|(name, ..)| !required.contains(name))).collect()
}

fn row(rows: &mut String, name: &str, kind: &str, remarks: &str) {
    let (name, kind) = (escape(name), escape(kind));
    let _infallible = writeln!(
        rows,
        "<tr><td><code>{name}</code></td><td class=\"dim\">{kind}</td><td>{remarks}</td></tr>"
    );
}

/// The schemas that a schema lets one choose from; itself, if it leaves no choice.
fn choices<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let schema = resolve(document, schema);
    let choices: Vec<_> = items(schema, "/anyOf").map(|one| resolve(document, one)).collect();
    if choices.is_empty() { vec![schema] } else { choices }
}

/// The description of a member, or of the type it is of.
fn about<'a>(document: &'a Value, schema: &'a Value) -> &'a str {
    let choices = choices(document, schema);
    let all = [schema, resolve(document, schema)].into_iter().chain(choices);
    all.map(|schema| text(schema, "/description")).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The types that a schema allows, in words.
fn kind(document: &Value, schema: &Value) -> String {
    let mut kinds = Vec::new();
    for schema in choices(document, schema) {
        let single = schema.get("type").filter(|kind| kind.is_string()).into_iter();
        let names = single.chain(items(schema, "/type")).filter_map(Value::as_str);
        kinds.extend(names.map(|name| match name {
            "array" => array(document, schema),
            "object" if schema.get("additionalProperties").is_some_and(Value::is_object) => {
                "map".to_owned()
            }
            name => name.to_owned(),
        }));
    }
    if kinds.is_empty() { "any".to_owned() } else { kinds.join(" or ") }
}

fn array(document: &Value, schema: &Value) -> String {
    let inner = schema.get("items").map(|items| kind(document, items));
    match inner {
        Some(inner) if inner.contains(' ') => format!("array of {inner}"),
        Some(inner) if inner != "any" => format!("array of {inner}s"),
        _ => "array".to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_has_a_row_that_says_what_it_may_be() {
        let document = json!({ "components": { "schemas": {
            "Entry": {
                "type": "object",
                "description": "An entry.",
                "required": ["b", "a"],
                "properties": { "a": { "type": ["string", "null"] }, "b": { "enum": ["<", "y"] } },
            },
            "Either": {
                "anyOf": [
                    { "type": "string" },
                    { "type": "array", "items": { "$ref": "#/components/schemas/Entry" } },
                ],
            },
        } } });
        let schema = json!({
            "type": "object",
            "required": ["detail"],
            "properties": {
                "detail": { "$ref": "#/components/schemas/Either" },
                "entry": { "anyOf": [{ "$ref": "#/components/schemas/Entry" }, { "type": "null" }] },
                "map": {
                    "type": "object",
                    "additionalProperties": { "type": "string" },
                    "maxProperties": 1,
                },
                "list": { "type": "array", "items": { "type": "string" }, "minItems": 2 },
                "text": { "type": "string", "minLength": 1, "description": "Some `text`." },
                "count": { "type": "integer", "minimum": 1, "maximum": 60 },
            },
        });
        let rows = table(&document, &schema);
        let plain = ["<tr>", "</tr>", "<td>", "</td>", "<span>", "</span>", "</table>"];
        let rows = rows.strip_prefix(HEAD).unwrap().replace(" class=\"dim\"", "");
        let rows = rows.replace("</td><td>", " | ");
        let rows = plain.iter().fold(rows, |rows, tag| rows.replace(tag, ""));
        let expected = [
            "<code>detail</code> | string or array of objects | ",
            "<code>detail[].b</code> | any | <code>&lt;</code>, <code>y</code>",
            "<code>detail[].a</code> | string or null | ",
            "<code>count</code> | integer | optional · 1 to 60",
            "<code>entry</code> | object or null | optional · An entry.",
            "<code>entry.b</code> | any | <code>&lt;</code>, <code>y</code>",
            "<code>entry.a</code> | string or null | ",
            "<code>list</code> | array of strings | optional · at least 2 entries",
            "<code>map</code> | map | optional · at most 1 entry",
            "<code>text</code> | string | optional · Some <code>text</code>. · not empty",
        ];
        assert_eq!(rows.lines().collect::<Vec<_>>(), expected);
    }
}
