use super::workers::TestWorkers;
use super::{Answer, CLIENT_SECRET};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
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

/// Whether a key of a JWK set has signed a token, as any service finds out that checks tokens itself.
pub(crate) fn is_signed_by(keys: &Value, token: &str) -> bool {
    let kid = &jose_header(token)["kid"];
    let mut keys = keys["keys"].as_array().unwrap().iter();
    let Some(key) = keys.find(|key| key["kid"] == *kid) else { return false };
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    RsaPublicKeyComponents { n: number("n"), e: number("e") }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .is_ok()
}

/// The same token with other claims, signed by the key that signed it.
pub(crate) fn resigned(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let kid = jose_header(token)["kid"].clone();
    let keys = TestWorkers::keys().map(|pkcs8| RsaKeyPair::from_pkcs8(pkcs8).unwrap());
    let id = |key: &RsaKeyPair| STANDARD.encode(digest(&SHA256, key.public_key().as_ref()));
    let key = { keys }.find(|key| id(key) == kid).expect("a key of the tests' own");
    let mut claims = claims(token);
    change(&mut claims);
    let header = token.split('.').next().unwrap();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
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
