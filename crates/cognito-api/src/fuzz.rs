//! Random and half-right request bodies. Run as tests they are tried for a moment; CONTRIBUTING.md says
//! how to go on for longer.

use crate::{Operation, validate};
use serde_json::{Value, json};

/// Whatever is sent, the answer is a value or an error that says something.
fn parses_or_says_why(operation: Operation, body: &[u8]) {
    if let Err(error) = validate::parse::<Value>(operation.input(), body) {
        assert!(!error.to_string().is_empty());
        assert!(
            ["InvalidParameterException", "SerializationException"].contains(&error.exception())
        );
    }
}

#[test]
fn request_bodies_of_any_bytes() {
    bolero::check!().with_type::<(u8, Vec<u8>)>().for_each(|(which, body)| {
        let all = Operation::ALL;
        parses_or_says_why(all[usize::from(*which) % all.len()], body);
    });
}

/// Objects with the members that operations know, and values of every kind where others belong.
#[test]
fn request_bodies_of_known_members() {
    const NAMES: [&str; 10] = [
        "UserPoolId",
        "ClientId",
        "Username",
        "AuthParameters",
        "UserAttributes",
        "Limit",
        "Session",
        "AccessToken",
        "Schema",
        "Name",
    ];
    type Input = (u8, Vec<(u8, u8, String)>);
    bolero::check!().with_type::<Input>().for_each(|(which, members)| {
        let value = |kind: u8, text: &String| match kind % 8 {
            0 => Value::Null,
            1 => json!(text.len()),
            2 => json!([text, { "Name": text, "Value": null }]),
            3 => json!({ "Name": text, "nested": { "deeper": [[[]]] } }),
            4 => json!(-1.5e300),
            5 => json!(true),
            _ => json!(text),
        };
        let member = |(name, kind, text): &(u8, u8, String)| {
            (NAMES[usize::from(*name) % NAMES.len()].to_owned(), value(*kind, text))
        };
        let body: serde_json::Map<_, _> = members.iter().map(member).collect();
        let all = Operation::ALL;
        let operation = all[usize::from(*which) % all.len()];
        parses_or_says_why(operation, Value::Object(body).to_string().as_bytes());
    });
}
