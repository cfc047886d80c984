use super::{Answer, CLIENT_SECRET};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// The tokens of a completed sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) id: String,
    pub(crate) refresh: String,
}

impl Tokens {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let token = |name: &str| answer.get(&format!("/AuthenticationResult/{name}"));
        Self { access: token("AccessToken"), id: token("IdToken"), refresh: token("RefreshToken") }
    }
}

/// What a JWT says, unverified.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT.
pub(crate) fn jose_header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A `SECRET_HASH` under the confidential client's secret.
pub(crate) fn secret_hash(username: &str, client: &str) -> String {
    hash_with(CLIENT_SECRET, username, client)
}

/// The same under any secret.
pub(crate) fn hash_with(secret: &str, username: &str, client: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(sign(&key, format!("{username}{client}").as_bytes()))
}
