//! A value that a schema allows, to be shown.

use serde_json::{Map, Value, json};

/// An example of what a schema allows; schemas it refers to are found among `definitions`. Members
/// that may be left out are, unless they have an example of their own.
pub(super) fn example(schema: &Value, definitions: &Map<String, Value>) -> Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(last_part) {
        return definitions.get(name).map(|found| example(found, definitions)).unwrap_or_default();
    }
    let first = |name: &str| schema.get(name)?.get(0);
    if let Some(told) = schema.get("const").or(first("examples")).or(first("enum")) {
        return told.clone();
    }
    if let Some(either) = first("oneOf").or(first("anyOf")) {
        return example(either, definitions);
    }
    match kind(schema) {
        "object" => object(schema, definitions),
        "array" => {
            schema.get("items").map(|items| example(items, definitions)).into_iter().collect()
        }
        "string" => json!("text"),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(0)),
        "number" => json!(0.5),
        "boolean" => json!(false),
        _ => Value::Null,
    }
}

fn object(schema: &Value, definitions: &Map<String, Value>) -> Value {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let shown = properties
        .filter(|(name, property)| is_required(name) || property.get("examples").is_some())
        .map(|(name, property)| (name.clone(), example(property, definitions)));
    Value::Object(shown.collect())
}

/// The first type that a schema allows.
fn kind(schema: &Value) -> &str {
    let kind = schema.get("type");
    kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str())).unwrap_or_default()
}

/// The name at the end of a reference.
pub(super) fn last_part(reference: &str) -> Option<&str> {
    reference.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_fit_their_schema() {
        let definitions = json!({ "Name": { "type": "string", "examples": ["Ann", "Bob"] } });
        let schema = json!({
            "type": "object",
            "required": ["name", "list", "count", "on", "kind", "map", "nothing", "either"],
            "properties": {
                "name": { "$ref": "#/components/schemas/Name" },
                "list": { "type": ["array", "null"], "items": { "type": "string" } },
                "count": { "type": "integer", "minimum": 3 },
                "on": { "type": "boolean" },
                "kind": { "enum": ["b", "a"] },
                "map": { "type": "object", "additionalProperties": { "type": "string" } },
                "nothing": { "type": "null" },
                "either": { "anyOf": [{ "const": 7 }, { "type": "null" }] },
                "left_out": { "type": "string" },
                "worth_showing": { "type": "string", "examples": ["x"] },
            },
        });
        let expected = json!({
            "name": "Ann",
            "list": ["text"],
            "count": 3,
            "on": false,
            "kind": "b",
            "map": {},
            "nothing": null,
            "either": 7,
            "worth_showing": "x",
        });
        assert_eq!(example(&schema, definitions.as_object().unwrap()), expected);
    }
}
