use super::*;
use crate::kit::{Members, Name, failing};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Failure {
    message: String,
}

fn failure(status: StatusCode, message: &str) -> Response {
    crate::kit::json(status, &json!({ "message": message }))
}

fn api() -> Api {
    let busy = failure(StatusCode::TOO_MANY_REQUESTS, "busy");
    Api {
        title: "Test API",
        description: "For tests.",
        failure: SchemaGenerator::subschema_for::<Failure>,
        label: &["/message"],
        every: failing([failure(StatusCode::METHOD_NOT_ALLOWED, "no such method")]),
        engine: failing([([(header::RETRY_AFTER, "1")], busy).into_response()]),
        body: failing([failure(StatusCode::BAD_REQUEST, "no object")]),
        bearer: failing([failure(StatusCode::UNAUTHORIZED, "no token")]),
    }
}

fn written(method: Method, path: &'static str, operation: Operation) -> Value {
    let name = method.as_str().to_lowercase();
    let whole = document(&api(), &[(Route { method, path }, operation)], "/p");
    whole["paths"][format!("/p{path}")][name].clone()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

#[test]
fn what_fails_alike_everywhere_is_written_once() {
    let read = |members: &mut Members| members.text(Name::new("a"), 1..=2);
    let plain = Operation::new("Tag", "Do this & that").body(read);
    let plain = plain.answers_nothing(StatusCode::NO_CONTENT, "Done.");
    let more = failure(StatusCode::BAD_REQUEST, "no such a");
    let alike = json!({ "message": "no object", "more": 1 });
    let alike = crate::kit::json(StatusCode::BAD_REQUEST, &alike);
    let written = written(Method::PUT, "/x", plain.fails([more, alike]));
    let responses = written["responses"].as_object().unwrap();
    let statuses: Vec<_> = responses.keys().map(String::as_str).collect();
    assert_eq!(statuses, ["204", "400", "405", "429"]);
    assert_eq!(responses["405"], reference("MethodNotAllowed"));
    assert_eq!(responses["429"], reference("TooManyRequests"));
    assert_eq!(responses["204"]["content"], Value::Null);
    let examples = &responses["400"]["content"]["application/json"]["examples"];
    assert_eq!(
        *examples,
        json!({
            "no object": { "value": { "message": "no object", "more": 1 } },
            "no object, or": { "value": { "message": "no object" } },
            "no such a": { "value": { "message": "no such a" } },
        })
    );
    assert_eq!(written["operationId"], "doThisThat");
    assert_eq!(written["requestBody"]["required"], true);
    let example = &written["requestBody"]["content"]["application/json"]["example"];
    assert_eq!(*example, json!({ "a": "text" }));
}

#[test]
fn parameters_and_bodies_may_be_left_out_but_parts_of_the_path() {
    let operation = Operation::new("Tag", "Show")
        .bearer()
        .unfailing()
        .forgiven_body(|members| members.flag(Name::new("all")))
        .takes(Parameter::path("id", "Which."))
        .takes(Parameter::query("limit", "How many.").of(json!({ "type": "integer" })).or_empty())
        .answers::<Failure>("One.")
        .answers::<String>("Or the other.");
    let written = written(Method::GET, "/x/{id}", operation);
    let parameters: Vec<_> = written["parameters"].as_array().unwrap().iter().collect();
    let shown = parameters.iter().map(|parameter| {
        (parameter["in"].as_str().unwrap(), parameter["required"].as_bool().unwrap())
    });
    assert_eq!(shown.collect::<Vec<_>>(), [("path", true), ("query", false)]);
    let empty = parameters.iter().map(|parameter| &parameter["allowEmptyValue"]);
    assert_eq!(empty.collect::<Vec<_>>(), [&Value::Null, &Value::Bool(true)]);
    assert_eq!(written["requestBody"]["required"], false);
    assert_eq!(written["security"], json!([{ "bearer": [] }]));
    let responses = written["responses"].as_object().unwrap();
    let statuses: Vec<_> = responses.keys().map(String::as_str).collect();
    assert_eq!(statuses, ["200", "401", "405"]);
    assert_eq!(
        responses["200"]["content"]["application/json"],
        json!({
            "schema": {
                "anyOf": [{ "$ref": "#/components/schemas/Failure" }, { "type": "string" }],
            },
            "examples": {
                "One.": { "value": { "message": "text" } },
                "Or the other.": { "value": "text" },
            },
        })
    );
}

#[test]
fn headers_are_told_where_they_are_sent() {
    let document = document(&api(), &[], "");
    let headers = |name: &str| {
        let headers = &document["components"]["responses"][name]["headers"];
        headers.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(headers("TooManyRequests"), ["retry-after", "x-request-id"]);
    assert_eq!(headers("BadRequest"), ["x-request-id"]);
}
