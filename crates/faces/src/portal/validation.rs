//! Reading a request's body, with what is wrong with it in the words of `FastAPI` 0.104 and
//! pydantic 2.5, which clients of this API parse.

use super::failure::{Detail, Failure};
use crate::kit::{BodyFlaw, Flaw, Members, members};
use axum::extract::Request;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Stands for values that are not said again.
const MASK: &str = "**********";

/// The only member whose value may be said again.
const ECHOED: &str = "username";

/// Reads the members that `read` takes out of the body.
pub(super) async fn body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
) -> Result<T, Failure> {
    // Python keeps the last of several members with one name.
    let members = members(request).await?.last_wins();
    members.read(read).map_err(|rejected| {
        let whole = masked(rejected.values);
        let flaws = rejected.flaws.iter();
        invalid(flaws.map(|(field, flaw)| entry_of(field, *flaw, &whole)).collect())
    })
}

/// Something that is wrong with a body.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Context>,
    /// What was sent. All values but that of `username` are masked.
    input: Value,
    /// `body`, and the member or how many characters were fine.
    loc: Vec<Value>,
    #[schemars(example = &"Field required")]
    msg: &'static str,
    #[serde(rename = "type")]
    #[schemars(example = &"missing")]
    kind: &'static str,
    /// Where it is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// More about a body that is no JSON.
#[derive(Debug, JsonSchema, Serialize)]
struct Context {
    error: &'static str,
}

impl From<Vec<Entry>> for Detail {
    fn from(entries: Vec<Entry>) -> Self {
        Self::Entries(entries)
    }
}

/// What a request with a body may be answered.
pub(super) fn failures() -> Vec<Failure> {
    let missing = || invalid(vec![entry_of("username", Flaw::Missing, &Map::new())]);
    let malformed = BodyFlaw::Malformed { position: 1, reason: String::new() };
    let flaws = [BodyFlaw::NotAnObject, malformed, BodyFlaw::NotText, BodyFlaw::TooLarge];
    flaws.into_iter().map(Failure::from).chain([missing()]).collect()
}

fn invalid(entries: Vec<Entry>) -> Failure {
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, entries)
}

/// Pydantic repeats the input in every entry: for a missing member, the whole body. Here that
/// would send passwords and tokens back, and from there into logs and bug reports, under whatever
/// name a client mistyped them. So all values but the username are masked, and that too unless it
/// is a plain value.
fn masked(values: Map<String, Value>) -> Map<String, Value> {
    let mask = |(name, value): (String, Value)| {
        let plain = !value.is_object() && !value.is_array();
        let shown = if name == ECHOED && plain { value } else { Value::from(MASK) };
        (name, shown)
    };
    values.into_iter().map(mask).collect()
}

fn entry_of(field: &str, flaw: Flaw, whole: &Map<String, Value>) -> Entry {
    match flaw {
        Flaw::Missing => entry("missing", &["body", field], "Field required", json!(whole)),
        // This API knows no other rule about its members than that they are text.
        Flaw::WrongType | Flaw::Repeated | Flaw::TooShort | Flaw::TooLong | Flaw::Unknown => {
            let input = whole.get(field).cloned().unwrap_or_default();
            entry("string_type", &["body", field], "Input should be a valid string", input)
        }
    }
}

fn entry(kind: &'static str, loc: &[&str], msg: &'static str, input: Value) -> Entry {
    let url = Some(format!("https://errors.pydantic.dev/2.5/v/{kind}"));
    let loc = loc.iter().map(|part| Value::from(*part)).collect();
    Entry { ctx: None, input, loc, msg, kind, url }
}

impl From<BodyFlaw> for Failure {
    fn from(flaw: BodyFlaw) -> Self {
        match flaw {
            BodyFlaw::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request too large"),
            BodyFlaw::Unfinished | BodyFlaw::NotText | BodyFlaw::TooDeep => {
                Self::new(StatusCode::BAD_REQUEST, "There was an error parsing the body")
            }
            BodyFlaw::Empty | BodyFlaw::Null => {
                invalid(vec![entry("missing", &["body"], "Field required", Value::Null)])
            }
            BodyFlaw::Malformed { position, reason } => invalid(vec![Entry {
                ctx: Some(Context { error: python_reason(&reason) }),
                input: json!({}),
                loc: vec![json!("body"), json!(position)],
                msg: "JSON decode error",
                kind: "json_invalid",
                url: None,
            }]),
            BodyFlaw::NotJson | BodyFlaw::NotAnObject => {
                let msg = "Input should be a valid dictionary or object to extract fields from";
                invalid(vec![entry("model_attributes_type", &["body"], msg, Value::from(MASK))])
            }
        }
    }
}

/// What Python's parser calls a mistake. The two parsers do not always notice the same one first.
fn python_reason(reason: &str) -> &'static str {
    const REASONS: [(&str, &str); 7] = [
        ("trailing comma", "Expecting property name enclosed in double quotes"),
        ("key must be a string", "Expecting property name enclosed in double quotes"),
        ("expected `:`", "Expecting ':' delimiter"),
        ("expected `,`", "Expecting ',' delimiter"),
        ("trailing characters", "Extra data"),
        ("EOF while parsing a string", "Unterminated string starting at"),
        ("control character", "Invalid control character at"),
    ];
    let known = REASONS.iter().find(|(ours, _)| reason.starts_with(ours));
    known.map_or("Expecting value", |(_, python)| python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_username_is_said_again() {
        let values = json!({ "username": "a", "passwrod": "x", "password": 1, "more": { "b": 2 } });
        let expected = json!({ "username": "a", "passwrod": MASK, "password": MASK, "more": MASK });
        assert_eq!(json!(masked(values.as_object().unwrap().clone())), expected);
        let values = json!({ "username": { "password": "x" } });
        assert_eq!(json!(masked(values.as_object().unwrap().clone())), json!({ "username": MASK }));
    }

    #[test]
    fn entries_look_like_pydantics() {
        let whole = masked(json!({ "username": 7 }).as_object().unwrap().clone());
        let expected = json!({
            "type": "string_type",
            "loc": ["body", "username"],
            "msg": "Input should be a valid string",
            "input": 7,
            "url": "https://errors.pydantic.dev/2.5/v/string_type",
        });
        assert_eq!(json!(entry_of("username", Flaw::WrongType, &whole)), expected);
        let expected = json!({
            "type": "missing",
            "loc": ["body", "password"],
            "msg": "Field required",
            "input": { "username": 7 },
            "url": "https://errors.pydantic.dev/2.5/v/missing",
        });
        assert_eq!(json!(entry_of("password", Flaw::Missing, &whole)), expected);
    }
}
