//! Access tokens of a pool that lives elsewhere: checked with the public keys that it publishes.

use super::verify::{MAX_LENGTH, check_claims};
use super::{Scopes, TokenFlaw};
use crate::crypto::secret::Secret;
use crate::error::Refusal;
use crate::ids::KeyId;
use crate::time::Timestamp;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most keys that a set may have: Cognito publishes two, and twice as many while it replaces them.
const MAX_KEYS: usize = 32;

/// What matters of an access token of Cognito's. It says more.
#[derive(Clone, Debug, Deserialize)]
pub struct ForeignClaims {
    /// The user.
    pub sub: String,
    /// Names of the user's groups, best precedence first.
    #[serde(rename = "cognito:groups", default)]
    pub groups: Vec<String>,
    /// The device it was issued to.
    pub device_key: Option<String>,
    /// The issuer.
    pub iss: String,
    /// The app client.
    pub client_id: String,
    /// The sign-in.
    pub origin_jti: Option<String>,
    /// `access`.
    pub token_use: String,
    /// Scopes, separated by spaces.
    #[serde(default)]
    pub scope: Scopes,
    /// When the token expires (epoch seconds).
    pub exp: i64,
    /// When its sign-in was completed (epoch seconds), which Amazon always says.
    pub auth_time: Option<i64>,
    /// The canonical username.
    pub username: String,
}

/// The public keys of a pool that lives elsewhere.
#[derive(Debug)]
pub struct PublicKeys {
    keys: BTreeMap<KeyId, ParsedPublicKey>,
}

impl PublicKeys {
    /// Reads a JSON Web Key Set (RFC 7517). Keys that are not for RS256 signatures are left out.
    /// `None` if it is no such set, or leaves no key.
    pub fn parse(set: &[u8]) -> Option<Self> {
        let set: Value = serde_json::from_slice(set).ok()?;
        let keys: BTreeMap<_, _> =
            set.get("keys")?.as_array()?.iter().take(MAX_KEYS).filter_map(public_key).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Whether it has this key.
    pub fn has(&self, id: &KeyId) -> bool {
        self.keys.contains_key(id)
    }

    fn verify<C: DeserializeOwned>(&self, token: &str) -> Result<C, TokenFlaw> {
        let key = key_of(token).and_then(|id| self.keys.get(&id)).ok_or(TokenFlaw)?;
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFlaw)?;
        let (_, payload) = signed.split_once('.').ok_or(TokenFlaw)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFlaw)?;
        key.verify_sig(signed.as_bytes(), &signature).map_err(|_| TokenFlaw)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenFlaw)?;
        serde_json::from_slice(&payload).map_err(|_| TokenFlaw)
    }
}

fn public_key(key: &Value) -> Option<(KeyId, ParsedPublicKey)> {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let is = |name: &str, value: &str| member(name).is_none_or(|given| given == value);
    if member("kty") != Some("RSA") || !is("alg", "RS256") || !is("use", "sig") {
        return None;
    }
    let number = |name: &str| URL_SAFE_NO_PAD.decode(member(name)?).ok();
    let (n, e) = (number("n")?, number("e")?);
    let der: PublicKeyX509Der<'_> = RsaPublicKeyComponents { n: &n, e: &e }.as_der().ok()?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).ok()?;
    Some((KeyId::from(member("kid")?), key))
}

/// The key that a token says it was signed with, if it says RS256 and nothing that would have to be
/// understood (`crit`). It says which key to try and nothing more.
pub fn key_of(token: &str) -> Option<KeyId> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        kid: String,
        crit: Option<Value>,
    }
    if token.len() > MAX_LENGTH {
        return None;
    }
    let mut parts = token.split('.');
    let header = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    if parts.count() != 2 {
        return None;
    }
    let header: Header = serde_json::from_slice(&header).ok()?;
    (header.alg == "RS256" && header.crit.is_none()).then(|| KeyId::new(header.kid))
}

/// The claims of an access token that was signed by one of these keys, of this issuer, and that has
/// not expired.
///
/// # Errors
///
/// [`Refusal::AccessTokenInvalid`] if none of the keys signed it, or it is of another kind or
/// issuer, [`Refusal::AccessTokenExpired`].
pub fn check_foreign_token(
    keys: &PublicKeys,
    issuer: &str,
    token: &Secret,
    now: Timestamp,
) -> Result<ForeignClaims, Refusal> {
    let claims: ForeignClaims =
        keys.verify(token.expose()).map_err(|_| Refusal::AccessTokenInvalid)?;
    check_claims((&claims.iss, &claims.token_use, claims.exp), issuer, now)?;
    Ok(claims)
}
