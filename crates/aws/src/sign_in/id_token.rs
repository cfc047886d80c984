//! What an ID token says of its user. It comes from Amazon together with the access token that was
//! checked, so its own signature is not.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use poolkeeper_pool::entity::Attributes;
use serde_json::{Map, Value};

/// Claims that are no attributes of the user.
const REGISTERED: [&str; 12] = [
    "sub",
    "aud",
    "iss",
    "exp",
    "iat",
    "jti",
    "origin_jti",
    "auth_time",
    "event_id",
    "token_use",
    "at_hash",
    "nonce",
];

/// The attributes in it; none, if it cannot be read.
pub(crate) fn attributes(id_token: &str) -> Attributes {
    let claims = claims(id_token).unwrap_or_default();
    let own = claims
        .into_iter()
        .filter(|(name, _)| !name.starts_with("cognito:") && !REGISTERED.contains(&name.as_str()));
    own.filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

fn claims(token: &str) -> Option<Map<String, Value>> {
    let payload = BASE64.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// A value as attributes have it: all of theirs are texts.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_what_is_left_of_the_claims() {
        let claims = r#"{"sub":"x","email":"a@b.co","email_verified":true,"custom:tier":"gold",
            "cognito:username":"x","cognito:groups":["g"],"exp":1,"address":{"formatted":"y"}}"#;
        let token = format!("e30.{}.sig", BASE64.encode(claims));
        let attributes = attributes(&token);
        let shown: Vec<_> = attributes.iter().collect();
        let expected = [("custom:tier", "gold"), ("email", "a@b.co"), ("email_verified", "true")];
        assert_eq!(shown, expected);
        assert_eq!(super::attributes("nonsense").iter().count(), 0);
    }
}
