//! The Secure Remote Password protocol as Cognito speaks it: SRP-6a over the 3072-bit group of
//! RFC 5054 with SHA-256, padding of its own, and a session key drawn by HKDF (RFC 5869).
//!
//! The server keeps a verifier instead of the password. It is only as strong as one fast hash, so
//! it is sealed wherever it is stored.

use crate::crypto::secret::{Secret, same_bytes};
use crate::system::Rng;
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use poolkeeper_bignum::Number;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const SALT_BYTES: usize = 16;
/// The longest salt taken from clients, which use 16 bytes.
const MAX_CLIENT_SALT: usize = 64;
/// Length of the server's secret exponent: twice the strength of the hash it is used with.
const EXPONENT_BYTES: usize = 32;
const KEY_INFO: &[u8] = b"Caldera Derived Key";

mod client;

pub use client::{ClientExchange, Question};

/// Whose proof is made or checked: a user in a pool, or a device in its group.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The part of the pool's id after the underscore, or the device's group key.
    pub realm: &'a str,
    /// `USER_ID_FOR_SRP`, or the device's key.
    pub name: &'a str,
}

/// What the server keeps of a password: salt and verifier.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct Verifier {
    #[serde(with = "as_hex")]
    salt: Vec<u8>,
    #[serde(with = "as_hex")]
    verifier: Vec<u8>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

impl Verifier {
    /// Makes the verifier of a password, with a fresh salt.
    pub fn of_password(who: Identity<'_>, password: &Secret, rng: &dyn Rng) -> Self {
        let mut salt = vec![0; SALT_BYTES];
        rng.fill(&mut salt);
        Self::with_salt(who, password, salt)
    }

    fn with_salt(who: Identity<'_>, password: &Secret, salt: Vec<u8>) -> Self {
        let salt = readable(salt);
        let exponent = private_exponent(who, password, &salt);
        let verifier = Number::generator().power(&*exponent);
        Self { salt, verifier: verifier.to_bytes().to_vec() }
    }

    /// The verifier of a name that leads to nobody: always the same for the same `seed`, and good
    /// for no password that anybody could find. It is drawn and not computed from a password, which
    /// would take far longer than to read a user's.
    pub fn decoy(seed: &[u8; 32]) -> Self {
        let salt = hash(&[b"salt", seed]).into_iter().take(SALT_BYTES).collect();
        let part = |index: u8| hash(&[b"verifier", &[index], seed]);
        let drawn: Vec<u8> = (0..=u8::MAX).flat_map(part).take(poolkeeper_bignum::BYTES).collect();
        let verifier = Number::reduce(&drawn).to_bytes().to_vec();
        Self { salt: readable(salt), verifier }
    }

    /// What a client made of a secret that it keeps to itself: salt and verifier, both base64 of
    /// the bytes of signed integers. `None` if they are none, or if the verifier is one whose
    /// secret everybody knows.
    pub fn from_client(salt: &str, verifier: &str) -> Option<Self> {
        let salt = positive(salt, MAX_CLIENT_SALT)?;
        let verifier = positive(verifier, poolkeeper_bignum::BYTES)?;
        let number = Number::reduce(&verifier);
        let is_below_prime = without_zeros(number.to_bytes()) == verifier;
        // The powers of 1 and of -1 are known without any secret.
        let one = Number::reduce(&[1]);
        let is_trivial = number == one || number.plus(&one).is_zero();
        let verifier = number.to_bytes().to_vec();
        (is_below_prime && !is_trivial).then_some(Self { salt, verifier })
    }

    /// The salt in hexadecimal digits, as it is sent: some clients read it as a number and some as
    /// text, and they agree if it does not begin with a zero.
    pub fn salt(&self) -> String {
        hex(&self.salt).trim_start_matches('0').to_owned()
    }

    /// As a client registers it: salt and verifier, base64 of the bytes of signed integers.
    pub fn to_client(&self) -> (String, String) {
        (STANDARD.encode(pad(&self.salt)), STANDARD.encode(pad(&self.verifier)))
    }

    fn number(&self) -> Number {
        Number::reduce(&self.verifier)
    }
}

/// Clients read the salt as a number and some as text: both agree only if its first digit is
/// neither zero nor one that would make the number negative.
fn readable(mut salt: Vec<u8>) -> Vec<u8> {
    if let Some(first) = salt.first_mut() {
        *first = *first & 0x7f | 0x10;
    }
    salt
}

/// The client's public value `A`, from hexadecimal digits. `None` if it is none, or one that would
/// make the key known to everybody (a multiple of the prime).
pub fn client_value(hex_digits: &str) -> Option<Vec<u8>> {
    // At most the length of the prime, with the zeros some clients put before it.
    if hex_digits.is_empty() || hex_digits.len() > 2 * poolkeeper_bignum::BYTES + 2 {
        return None;
    }
    let even = if hex_digits.len().is_multiple_of(2) { "" } else { "0" };
    let bytes = unhex(&format!("{even}{hex_digits}"))?;
    (!Number::reduce(&bytes).is_zero()).then_some(bytes)
}

/// The server's half of an exchange, between its two steps.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct Exchange {
    #[serde(with = "as_hex")]
    exponent: Vec<u8>,
    #[serde(with = "as_hex")]
    client_value: Vec<u8>,
    #[serde(with = "as_hex")]
    server_value: Vec<u8>,
    verifier: Verifier,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange")
    }
}

/// What a client claims to prove its password with.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub signature: &'a str,
    /// The bytes of the `SECRET_BLOCK` it answers.
    pub secret_block: &'a [u8],
    /// `TIMESTAMP`, as sent.
    pub timestamp: &'a str,
}

impl Exchange {
    /// Begins an exchange with a client whose [`client_value`] was read.
    pub fn begin(verifier: Verifier, client_value: Vec<u8>, rng: &dyn Rng) -> Self {
        let mut exponent = Zeroizing::new(vec![0; EXPONENT_BYTES]);
        rng.fill(&mut exponent);
        Self::with_exponent(verifier, client_value, &exponent)
    }

    fn with_exponent(verifier: Verifier, client_value: Vec<u8>, exponent: &[u8]) -> Self {
        // B = k·v + g^b
        let public = Number::generator().power(exponent);
        let server_value = multiplier().times(&verifier.number()).plus(&public);
        Self {
            exponent: exponent.to_vec(),
            client_value,
            server_value: server_value.to_bytes().to_vec(),
            verifier,
        }
    }

    /// The salt in hexadecimal digits, as it is sent.
    pub fn salt(&self) -> String {
        self.verifier.salt()
    }

    /// The client's public value, without leading zeros.
    pub fn client_value(&self) -> &[u8] {
        without_zeros(&self.client_value)
    }

    /// Whether it is the verifier that the exchange was begun with.
    pub fn began_with(&self, verifier: &Verifier) -> bool {
        self.verifier == *verifier
    }

    /// The server's public value `B` in hexadecimal digits, without leading zeros.
    pub fn server_value(&self) -> String {
        let digits = hex(&self.server_value);
        digits.trim_start_matches('0').to_owned()
    }

    /// Whether a claim proves the password. The time does not depend on where it is wrong.
    pub fn is_proven_by(&self, who: Identity<'_>, claim: &Claim<'_>) -> bool {
        let expected = signature(&self.key(), who, claim.secret_block, claim.timestamp);
        same_bytes(expected.as_bytes(), claim.signature.as_bytes())
    }

    /// The key both sides share if the client knows the password.
    fn key(&self) -> Zeroizing<[u8; 16]> {
        let u = scrambler(&self.client_value, &self.server_value);
        // S = (A · v^u)^b
        let base = Number::reduce(&self.client_value).times(&self.verifier.number().power(&u));
        shared_key(&u, &base.power(&self.exponent))
    }
}

/// `u`, which both sides draw from what they sent each other.
fn scrambler(client_value: &[u8], server_value: &[u8]) -> [u8; 32] {
    hash(&[&pad(client_value), &pad(server_value)])
}

/// The key drawn from the number that both sides share.
fn shared_key(u: &[u8], shared: &Number) -> Zeroizing<[u8; 16]> {
    let salt = hmac::Key::new(hmac::HMAC_SHA256, &pad(u));
    let secret = hmac::sign(&salt, &Zeroizing::new(pad(shared.to_bytes())));
    let drawn =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()), &[KEY_INFO, &[1]].concat());
    let mut key = Zeroizing::new([0; 16]);
    key.iter_mut().zip(drawn.as_ref()).for_each(|(to, from)| *to = *from);
    key
}

/// The proof of a key, for what was asked.
fn signature(key: &[u8; 16], who: Identity<'_>, secret_block: &[u8], timestamp: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in [who.realm.as_bytes(), who.name.as_bytes(), secret_block, timestamp.as_bytes()] {
        context.update(part);
    }
    STANDARD.encode(context.sign())
}

/// `x`, the exponent that stands for a password.
fn private_exponent(who: Identity<'_>, password: &Secret, salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let inner =
        hash(&[who.realm.as_bytes(), who.name.as_bytes(), b":", password.expose().as_bytes()]);
    Zeroizing::new(hash(&[&pad(salt), &inner]))
}

/// `k`, which ties the verifier to the group: H(N ‖ g).
fn multiplier() -> Number {
    Number::reduce(&hash(&[&pad(&Number::MODULUS), &pad(&[2])]))
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let digest = context.finish();
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

/// A number as Cognito's clients hash it: the bytes of a signed integer, without leading zeros but
/// for one where the first bit would otherwise make it negative.
fn pad(bytes: &[u8]) -> Vec<u8> {
    let digits = without_zeros(bytes);
    let sign = digits.first().is_none_or(|first| *first >= 0x80);
    let mut padded = Vec::with_capacity(digits.len() + 1);
    padded.extend(sign.then_some(0));
    padded.extend_from_slice(digits);
    padded
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// The bytes of a number above zero, from base64, if it has no more than so many.
fn positive(base64: &str, longest: usize) -> Option<Vec<u8>> {
    let bytes = Zeroizing::new(STANDARD.decode(base64).ok()?);
    let digits = without_zeros(&bytes);
    (!digits.is_empty() && digits.len() <= longest).then(|| digits.to_vec())
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}

/// Bytes as hexadecimal digits in what is sealed.
mod as_hex {
    use super::{hex, unhex};
    use serde::{Deserialize, Deserializer, Serializer, de};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex(bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let digits = Zeroizing::new(String::deserialize(deserializer)?);
        unhex(&digits).ok_or_else(|| de::Error::custom("not hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests;
