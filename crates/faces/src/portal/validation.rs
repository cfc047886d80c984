//! Reading a request's body, with what is wrong with it in the words of `FastAPI` 0.104 and
//! pydantic 2.5, which clients of this API parse.

use super::entry::{Context, Entry};
use super::failure::{Detail, Failure};
use crate::kit::{BodyFlaw, Flaw, Members, Rejected, members, most, parameter};
use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use poolkeeper_pool::entity::MAX_PRECEDENCE;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Stands for values that are not said again.
const MASK: &str = "**********";

/// The only member whose value may be said again.
const ECHOED: &str = "username";

/// How many members of a body, or of one of its members, are said again at most.
const MOST_SHOWN: usize = 16;

/// The most characters of a name of a member that is said again.
const LONGEST_SHOWN: usize = 64;

/// What precedence a group can have.
pub(super) const PRECEDENCES: RangeInclusive<i64> = 0..=MAX_PRECEDENCE;

/// Reads the members that `read` takes out of the body.
pub(super) async fn body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
) -> Result<T, Failure> {
    checked(members(request).await?, read)
}

/// The same of a body that may be left out.
pub(super) async fn optional_body<T>(
    request: Request,
    read: impl FnOnce(&mut Members) -> T,
) -> Result<Option<T>, Failure> {
    match members(request).await {
        Ok(members) => checked(members, read).map(Some),
        Err(BodyFlaw::Empty) => Ok(None),
        Err(flaw) => Err(flaw.into()),
    }
}

fn checked<T>(members: Members, read: impl FnOnce(&mut Members) -> T) -> Result<T, Failure> {
    // Python keeps the last of several members with one name.
    members.last_wins().read(read).map_err(|Rejected { flaws, values }| {
        let entries = flaws.iter().flat_map(|(field, flaw)| entries_of(field, *flaw, &values));
        invalid(entries.collect())
    })
}

/// A whole number of the query string, if it is there.
pub(super) fn query_number(
    uri: &Uri,
    name: &str,
    range: &RangeInclusive<i64>,
) -> Result<Option<usize>, Failure> {
    let Some(text) = parameter(uri.query(), name) else { return Ok(None) };
    let number = text.trim().parse::<i64>();
    let (kind, msg, ctx) = match number {
        Ok(number) if number < *range.start() => too_small(range),
        Ok(number) if number > *range.end() => too_large(range),
        Ok(number) => return Ok(usize::try_from(number).ok()),
        Err(_) => ("int_parsing", NO_NUMBER.into(), None),
    };
    Err(invalid(vec![Entry { ctx, ..entry(kind, &["query", name], msg, short(&text)) }]))
}

const NO_NUMBER: &str = "Input should be a valid integer, unable to parse string as an integer";

/// A type of problem, with its text and what else is told.
type Told = (&'static str, Cow<'static, str>, Option<Context>);

fn too_small(range: &RangeInclusive<i64>) -> Told {
    let least = *range.start();
    let msg = format!("Input should be greater than or equal to {least}").into();
    ("greater_than_equal", msg, Some(Context { ge: Some(least), ..Context::default() }))
}

fn too_large(range: &RangeInclusive<i64>) -> Told {
    let most = *range.end();
    let msg = format!("Input should be less than or equal to {most}").into();
    ("less_than_equal", msg, Some(Context { le: Some(most), ..Context::default() }))
}

/// A text with too many characters, or an object with too many members or too long a text in it.
fn too_long(field: &str, most: usize) -> Told {
    let ctx = Some(Context { max_length: Some(most), ..Context::default() });
    if field == "attributes" {
        let msg = format!("Dictionary or one of its values should have at most {most} items");
        return ("too_long", msg.into(), ctx);
    }
    ("string_too_long", format!("String should have at most {most} characters").into(), ctx)
}

/// What a request with that number may be answered.
pub(super) fn query_failures(name: &str) -> [Failure; 1] {
    [invalid(vec![entry("int_parsing", &["query", name], NO_NUMBER, json!("ten"))])]
}

impl From<Vec<Entry>> for Detail {
    fn from(entries: Vec<Entry>) -> Self {
        Self::Entries(entries)
    }
}

/// What a request with a body may be answered.
pub(super) fn failures() -> Vec<Failure> {
    let missing = || invalid(entries_of("username", Flaw::Missing, &Map::new()));
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
/// is a plain value. Nor does a large body make a larger answer: what is long is masked, and so
/// many members are shown and no more.
fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if name == ECHOED => short(text),
        Value::Null | Value::Bool(_) | Value::Number(_) if name == ECHOED => value.clone(),
        _ => Value::from(MASK),
    }
}

/// A text, unless it is too long to be said again.
fn short(text: &str) -> Value {
    Value::from(if text.chars().nth(most::NAME).is_some() { MASK } else { text })
}

/// The members that are shown of an object.
fn shown(values: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let is_short = |name: &str| name.chars().nth(LONGEST_SHOWN).is_none();
    values.iter().filter(move |(name, _)| is_short(name)).take(MOST_SHOWN)
}

fn entries_of(field: &str, flaw: Flaw, values: &Map<String, Value>) -> Vec<Entry> {
    match (flaw, values.get(field)) {
        (Flaw::Missing, _) => {
            let whole: Map<_, _> =
                shown(values).map(|(name, value)| (name.clone(), masked(name, value))).collect();
            vec![entry("missing", &["body", field], "Field required", json!(whole))]
        }
        // Of members that are objects it is a value in them that has the wrong type.
        (Flaw::WrongType, Some(Value::Object(parts))) if field == "attributes" => {
            let wrong = shown(parts).filter(|(_, value)| !value.is_string());
            let (kind, msg) = TEXT;
            let told: Vec<_> = wrong
                .map(|(name, _)| entry(kind, &["body", field, name], msg, json!(MASK)))
                .collect();
            if told.is_empty() {
                vec![entry(kind, &["body", field], msg, json!(MASK))]
            } else {
                told
            }
        }
        (flaw, value) => {
            let (kind, msg, ctx) = match flaw {
                Flaw::TooLong(most) if value.is_some_and(|value| !value.is_number()) => {
                    too_long(field, most)
                }
                // The only numbers that have bounds are of this kind.
                Flaw::TooShort => too_small(&PRECEDENCES),
                Flaw::TooLong(_) => too_large(&PRECEDENCES),
                _ => {
                    let (kind, msg) = expected(field);
                    (kind, msg.into(), None)
                }
            };
            let input = value.map(|value| masked(field, value)).unwrap_or_default();
            vec![Entry { ctx, ..entry(kind, &["body", field], msg, input) }]
        }
    }
}

const TEXT: (&str, &str) = ("string_type", "Input should be a valid string");

/// What a member should be.
fn expected(field: &str) -> (&'static str, &'static str) {
    match field {
        "send_email" => ("bool_type", "Input should be a valid boolean"),
        "precedence" => ("int_type", "Input should be a valid integer"),
        "attributes" => ("dict_type", "Input should be a valid dictionary"),
        "challenge" => {
            ("literal_error", "Input should be 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP' or 'SMS_MFA'")
        }
        _ => TEXT,
    }
}

fn entry(
    kind: &'static str,
    loc: &[&str],
    msg: impl Into<Cow<'static, str>>,
    input: Value,
) -> Entry {
    let url = Some(format!("https://errors.pydantic.dev/2.5/v/{kind}"));
    let loc = loc.iter().map(|part| Value::from(*part)).collect();
    Entry { ctx: None, input, loc, msg: msg.into(), kind, url }
}

impl From<BodyFlaw> for Failure {
    fn from(flaw: BodyFlaw) -> Self {
        match flaw {
            BodyFlaw::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request too large"),
            BodyFlaw::Crowded(crowded) => crowded.into(),
            BodyFlaw::Unfinished | BodyFlaw::NotText | BodyFlaw::TooDeep => {
                Self::new(StatusCode::BAD_REQUEST, "There was an error parsing the body")
            }
            BodyFlaw::Empty | BodyFlaw::Null => {
                invalid(vec![entry("missing", &["body"], "Field required", Value::Null)])
            }
            BodyFlaw::Malformed { position, reason } => invalid(vec![Entry {
                ctx: Some(Context { error: Some(python_reason(&reason)), ..Context::default() }),
                input: json!({}),
                loc: vec![json!("body"), json!(position)],
                msg: "JSON decode error".into(),
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

    fn entries(field: &str, flaw: Flaw, values: &Value) -> Value {
        json!(entries_of(field, flaw, values.as_object().unwrap()))
    }

    #[test]
    fn nothing_but_the_username_is_said_again() {
        let values = json!({ "username": "a", "passwrod": "x", "more": { "b": 2 } });
        let expected = json!({ "username": "a", "passwrod": MASK, "more": MASK });
        assert_eq!(entries("password", Flaw::Missing, &values)[0]["input"], expected);
        let values = json!({ "username": { "password": "x" }, "password": 1 });
        for field in ["username", "password"] {
            let told = entries(field, Flaw::WrongType, &values);
            assert_eq!(told[0]["input"], MASK);
        }
    }

    /// (L8)
    #[test]
    fn a_large_body_makes_no_larger_answer() {
        let long = "\u{fdfa}".repeat(10_000);
        let mut values: Map<_, _> =
            (0..10_000).map(|number| (format!("member {number}"), json!(1))).collect();
        values.insert(long.clone(), json!(1));
        values.insert("username".to_owned(), json!(long));
        let whole = json!(values);
        let attributes = json!({ "attributes": &values, "username": long });
        let bounded = [
            entries("password", Flaw::Missing, &whole),
            entries("username", Flaw::TooLong(128), &whole),
            entries("attributes", Flaw::WrongType, &attributes),
            entries("attributes", Flaw::TooLong(100), &attributes),
        ];
        for told in bounded {
            assert!(told.to_string().len() < 4096, "{told}");
        }
        let expected = json!([{
            "type": "string_too_long",
            "loc": ["body", "username"],
            "msg": "String should have at most 128 characters",
            "input": MASK,
            "ctx": { "max_length": 128 },
            "url": "https://errors.pydantic.dev/2.5/v/string_too_long",
        }]);
        assert_eq!(entries("username", Flaw::TooLong(128), &whole), expected);
    }

    #[test]
    fn entries_look_like_pydantics() {
        let values =
            json!({ "username": 7, "attributes": { "name": "a", "email": 1, "locale": [] } });
        let url = |kind| format!("https://errors.pydantic.dev/2.5/v/{kind}");
        let text = |loc: &[&str], input: Value| {
            json!({
                "type": "string_type",
                "loc": loc,
                "msg": "Input should be a valid string",
                "input": input,
                "url": url("string_type"),
            })
        };
        let told = entries("username", Flaw::WrongType, &values);
        assert_eq!(told, json!([text(&["body", "username"], json!(7))]));
        let expected = json!([
            text(&["body", "attributes", "email"], json!(MASK)),
            text(&["body", "attributes", "locale"], json!(MASK)),
        ]);
        assert_eq!(entries("attributes", Flaw::WrongType, &values), expected);
        let expected = json!([{
            "type": "missing",
            "loc": ["body", "password"],
            "msg": "Field required",
            "input": { "username": 7 },
            "url": url("missing"),
        }]);
        let told = entries("password", Flaw::Missing, &json!({ "username": 7 }));
        assert_eq!(told, expected);
    }
}
