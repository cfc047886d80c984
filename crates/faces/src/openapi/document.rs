//! The OpenAPI document of a face, from what its endpoints say of themselves.

#[cfg(test)]
mod tests;

use super::example::example;
use crate::kit::{Api, DescribedAnswer, Failing, Operation, Parameter, RequestBody, Route};
use axum::http::{HeaderName, StatusCode, header};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const JSON: &str = "application/json";

/// A JSON object.
type Object = Map<String, Value>;

/// The document, with paths below a prefix. Its members are sorted, so that it is always the same.
pub(crate) fn document(api: &Api, operations: &[(Route, Operation)], prefix: &str) -> Value {
    let mut writer = Writer::new(api);
    let responses = writer.general_responses();
    let mut paths = Object::new();
    for (route, operation) in operations {
        let path = format!("{prefix}{}", operation.path.unwrap_or(route.path));
        let method = route.method.as_str().to_ascii_lowercase();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        put(item, &method, writer.operation(operation, &responses));
    }
    let mut tags: Vec<&str> = Vec::new();
    for (_, operation) in operations {
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
    }
    let tags: Vec<_> = tags.into_iter().map(|name| json!({ "name": name })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": api.title,
            "description": api.description,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": writer.components(&responses),
    })
}

struct Writer<'a> {
    api: &'a Api,
    schemas: SchemaGenerator,
}

impl<'a> Writer<'a> {
    fn new(api: &'a Api) -> Self {
        let mut settings = SchemaSettings::draft2020_12().for_serialize();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        Self { api, schemas: settings.into_generator() }
    }

    /// Responses that are the same for many operations, by name.
    fn general_responses(&mut self) -> Object {
        let api = self.api;
        let general = api.every.iter().chain(&api.engine).chain(&api.body);
        let responses = self.failures(general).into_iter();
        responses.map(|(status, response)| (name_of(status), response)).collect()
    }

    fn components(mut self, responses: &Object) -> Value {
        let mut security = json!({});
        put(
            &mut security,
            "bearer",
            json!({
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of a sign-in.",
            }),
        );
        json!({
            "schemas": self.schemas.take_definitions(true),
            "responses": responses,
            "headers": {
                "RequestId": {
                    "description": "The id of the request: the caller's own if the server accepts \
                                    it, otherwise a new one.",
                    "required": true,
                    "schema": { "type": "string" },
                },
            },
            "securitySchemes": security,
        })
    }

    fn operation(&mut self, operation: &Operation, general: &Object) -> Value {
        let mut value = json!({
            "operationId": operation_id(operation.summary),
            "summary": operation.summary,
            "tags": [operation.tag],
            "responses": self.responses(operation, general),
        });
        if !operation.description.is_empty() {
            put(&mut value, "description", json!(operation.description));
        }
        if !operation.parameters.is_empty() {
            put(&mut value, "parameters", operation.parameters.iter().map(parameter).collect());
        }
        if let Some(body) = &operation.body {
            put(&mut value, "requestBody", request_body(body));
        }
        if operation.bearer {
            put(&mut value, "security", json!([{ "bearer": [] }]));
        }
        value
    }

    fn responses(&mut self, operation: &Operation, general: &Object) -> Value {
        let api = self.api;
        let reads = operation.body.as_ref().is_some_and(|body| !body.forgiven);
        let parts = [
            (true, &operation.failures),
            (operation.bearer, &api.bearer),
            (reads, &api.body),
            (!operation.unfailing && !operation.names_throttling, &api.engine),
            (true, &api.every),
        ];
        let failures = parts.into_iter().filter(|(applies, _)| *applies).flat_map(|part| part.1);
        let mut responses = self.answers(&operation.answers);
        for (status, response) in self.failures(failures) {
            let name = name_of(status);
            let shared = general.get(&name) == Some(&response);
            let reference = || json!({ "$ref": format!("#/components/responses/{name}") });
            let response = if shared { reference() } else { response };
            responses.insert(status.as_str().to_owned(), response);
        }
        Value::Object(responses)
    }

    /// Responses of success, by status.
    fn answers(&mut self, answers: &[DescribedAnswer]) -> Object {
        let mut by_status = BTreeMap::<_, Vec<_>>::new();
        for answer in answers {
            by_status.entry(answer.status).or_default().push(answer);
        }
        let mut responses = Object::new();
        for (status, answers) in by_status {
            let descriptions: Vec<_> = answers.iter().map(|answer| answer.description).collect();
            let mut response = json!({
                "description": descriptions.join(" Or: "),
                "headers": headers(&[]),
            });
            if let Some(content) = self.content(&answers) {
                put(&mut response, "content", content);
            }
            responses.insert(status.as_str().to_owned(), response);
        }
        responses
    }

    /// A body of one of several shapes, with an example of each.
    fn content(&mut self, answers: &[&DescribedAnswer]) -> Option<Value> {
        let mut schemas = Vec::new();
        let mut examples = Object::new();
        for answer in answers {
            let schema = (answer.schema?)(&mut self.schemas).to_value();
            let shown = example(&schema, self.schemas.definitions());
            examples.insert(answer.description.to_owned(), json!({ "value": shown }));
            schemas.push(schema);
        }
        let first = schemas.first().cloned()?;
        let schema = if schemas.len() > 1 { json!({ "anyOf": schemas }) } else { first };
        Some(json!({ JSON: { "schema": schema, "examples": examples } }))
    }

    /// Responses of failure, by status.
    fn failures<'f>(
        &mut self,
        failures: impl IntoIterator<Item = &'f Failing>,
    ) -> BTreeMap<StatusCode, Value> {
        let mut by_status = BTreeMap::<_, Vec<_>>::new();
        for failure in failures {
            by_status.entry(failure.status).or_default().push(failure);
        }
        let entries = by_status.into_iter();
        entries.map(|(status, failures)| (status, self.failure(status, &failures))).collect()
    }

    fn failure(&mut self, status: StatusCode, failures: &[&Failing]) -> Value {
        let schema = (self.api.failure)(&mut self.schemas);
        let mut examples = Object::new();
        for failure in failures {
            let example = json!({ "value": failure.body });
            let mut name = label(self.api, &failure.body);
            while examples.get(&name).is_some_and(|other| *other != example) {
                name.push_str(", or");
            }
            examples.insert(name, example);
        }
        let mut sent: Vec<_> = failures.iter().flat_map(|failure| &failure.headers).collect();
        sent.sort_by_key(|name| name.as_str());
        json!({
            "description": status.canonical_reason().unwrap_or_default(),
            "headers": headers(&sent),
            "content": { JSON: { "schema": schema, "examples": examples } },
        })
    }
}

/// The text that tells a failure from others.
fn label(api: &Api, body: &Value) -> String {
    let texts = api.label.iter().filter_map(|pointer| body.pointer(pointer)?.as_str());
    texts.map(str::to_owned).next().unwrap_or_default()
}

/// The headers of a response that are worth a word.
fn headers(sent: &[&HeaderName]) -> Value {
    const WORTH: [(HeaderName, &str); 2] = [
        (header::RETRY_AFTER, "How many seconds to wait."),
        (header::WWW_AUTHENTICATE, "`Bearer` if the access token is missing or invalid."),
    ];
    let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
    for (name, description) in WORTH {
        if sent.contains(&&name) {
            let header = json!({ "description": description, "schema": { "type": "string" } });
            put(&mut headers, name.as_str(), header);
        }
    }
    headers
}

fn parameter(parameter: &Parameter) -> Value {
    let mut value = json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    });
    if parameter.may_be_empty {
        put(&mut value, "allowEmptyValue", json!(true));
    }
    value
}

fn request_body(body: &RequestBody) -> Value {
    let shown = example(&body.schema, &Object::new());
    json!({
        "required": !body.optional,
        "content": { JSON: { "schema": body.schema, "example": shown } },
    })
}

/// The name of a response that operations share, such as `NotFound`.
fn name_of(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or_default().split(' ').collect()
}

/// `signInWithAPassword` for "Sign in with a password".
fn operation_id(summary: &str) -> String {
    let words = summary.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |(position, word): (usize, &str)| {
        let word = word.to_ascii_lowercase();
        let (first, rest) = word.split_at(1);
        if position == 0 { word } else { format!("{}{rest}", first.to_ascii_uppercase()) }
    };
    words.enumerate().map(capital).collect()
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
