//! What a reader asks for, as a JSON Schema.

use super::{Members, Name};
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// What was asked for so far.
#[derive(Default)]
pub(super) struct Notes {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Members {
    /// The schema of the objects that `read` accepts. Members it does not ask for are ignored, so
    /// there may be any.
    pub(crate) fn schema<T>(read: impl FnOnce(&mut Self) -> T) -> Value {
        let mut members = Self { notes: Some(Notes::default()), ..Self::default() };
        read(&mut members);
        let Notes { properties, required } = members.notes.unwrap_or_default();
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": true,
        });
        if !required.is_empty() {
            put(&mut schema, "required", json!(required));
        }
        schema
    }

    /// Notes what is asked for, while a request is described.
    pub(super) fn note(&mut self, name: Name, required: bool, schema: impl FnOnce() -> Value) {
        let Some(notes) = &mut self.notes else { return };
        let mut schema = schema();
        let alias = name.alias.map(|alias| format!("Also accepted as `{alias}`."));
        let about = [Some(name.about.to_owned()), alias];
        let about: Vec<_> = about.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        if !about.is_empty() {
            put(&mut schema, "description", json!(about.join(" ")));
        }
        if let Some(example) = name.example {
            put(&mut schema, "examples", json!([example]));
        }
        notes.properties.insert(name.own.to_owned(), schema);
        notes.required.extend(required.then_some(name.own));
    }
}

pub(super) fn text(length: &RangeInclusive<usize>) -> Value {
    bounded(json!({ "type": "string" }), ["minLength", "maxLength"], length)
}

/// The bounds hold for what is left without the spaces around it.
pub(super) fn trimmed(length: &RangeInclusive<usize>) -> Value {
    let mut schema = text(length);
    match *length.start() {
        0 => {}
        1 => put(&mut schema, "pattern", json!(r"\S")),
        least => {
            let pattern = format!(r"\S[\s\S]{{{},}}\S", least - 2);
            put(&mut schema, "pattern", json!(pattern));
        }
    }
    schema
}

pub(super) fn secret(length: &RangeInclusive<usize>) -> Value {
    hidden(text(length))
}

pub(super) fn code(length: &RangeInclusive<usize>) -> Value {
    hidden(trimmed(length))
}

fn hidden(mut schema: Value) -> Value {
    put(&mut schema, "format", json!("password"));
    schema
}

pub(super) fn integer(range: &RangeInclusive<i64>) -> Value {
    json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() })
}

pub(super) fn one_of<'a>(choices: impl Iterator<Item = &'a str>) -> Value {
    json!({ "type": "string", "enum": choices.collect::<Vec<_>>() })
}

pub(super) fn texts(count: &RangeInclusive<usize>, length: &RangeInclusive<usize>) -> Value {
    let schema = json!({ "type": "array", "items": text(length) });
    bounded(schema, ["minItems", "maxItems"], count)
}

pub(super) fn map(count: &RangeInclusive<usize>, length: &RangeInclusive<usize>) -> Value {
    let schema = json!({ "type": "object", "additionalProperties": text(length) });
    bounded(schema, ["minProperties", "maxProperties"], count)
}

pub(super) fn number(range: &RangeInclusive<usize>) -> Value {
    bounded(json!({ "type": "integer" }), ["minimum", "maximum"], range)
}

pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// The same, or `null`.
pub(super) fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        put(&mut schema, "type", json!([kind, "null"]));
    }
    if let Some(choices) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        choices.push(Value::Null);
    }
    schema
}

/// Bounds that leave everything open are not worth saying.
fn bounded(mut schema: Value, names: [&str; 2], range: &RangeInclusive<usize>) -> Value {
    let [least, most] = names;
    if *range.start() > 0 {
        put(&mut schema, least, json!(range.start()));
    }
    if *range.end() < usize::MAX {
        put(&mut schema, most, json!(range.end()));
    }
    schema
}

fn put(schema: &mut Value, name: &str, value: Value) {
    if let Some(members) = schema.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
