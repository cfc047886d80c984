use super::certificate::{Subject, certificate};
use crate::crypto::seal::{Context, SealPurpose, Sealer};
use crate::crypto::secret::Secret;
use crate::entity::{KeyUse, SealedKey};
use crate::error::{Fault, Result};
use crate::ids::{KeyId, PoolId};
use crate::system::Rng;
use crate::time::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::fmt;

/// Why a token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token was not signed by this pool for this use")]
pub struct TokenFlaw;

/// A pool's signing key, parsed once: parsing costs as much as signing.
pub struct SigningKey {
    id: KeyId,
    usage: KeyUse,
    signs_from: Timestamp,
    /// The encoded header of every token it signs. A token whose header differs in a single byte
    /// is not ours, so no header is ever parsed.
    header: String,
    pair: RsaKeyPair,
    public: ParsedPublicKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// Parses a private key (PKCS #8). Its `kid` is drawn from the public key.
    ///
    /// # Errors
    ///
    /// [`Fault::Damaged`] if it is not a private RSA key of 2048 to 8192 bits.
    pub fn parse(usage: KeyUse, signs_from: Timestamp, pkcs8: &[u8]) -> Result<Self, Fault> {
        let damaged = |_| Fault::Damaged("signing key");
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(damaged)?;
        let der = pair.public_key().as_ref();
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(damaged)?;
        let id = KeyId::new(STANDARD.encode(digest(&SHA256, der)));
        // In the order in which Cognito writes it.
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"kid":"{id}","alg":"RS256"}}"#));
        Ok(Self { id, usage, signs_from, header, pair, public })
    }

    /// Seals the private key for storage.
    pub fn seal(
        &self,
        pool: &PoolId,
        pkcs8: &[u8],
        sealer: &Sealer,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> SealedKey {
        let context = Context { purpose: SealPurpose::SigningKey, pool, subject: self.id.as_str() };
        SealedKey {
            pool: pool.clone(),
            id: self.id.clone(),
            usage: self.usage,
            private: sealer.seal(context, pkcs8, rng),
            created_at: now,
            signs_from: self.signs_from,
            expires_at: None,
        }
    }

    fn sign(&self, claims: &impl Serialize) -> Result<Secret, Fault> {
        let payload = serde_json::to_vec(claims).map_err(|_| Fault::Signing)?;
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(payload));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(Secret::new(token))
    }

    fn signature(&self, signed: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // PKCS #1 v1.5 signatures are deterministic; the random source only blinds the exponent
        // and is the library's own business.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature)
            .map_err(|_| Fault::Signing)?;
        Ok(signature)
    }

    fn certificate(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let key = self.pair.public_key().as_ref();
        let serial = digest(&SHA256, key).as_ref().first_chunk().copied().ok_or(Fault::Signing)?;
        certificate(&Subject { name, serial, key }, |signed| self.signature(signed))
    }

    fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "alg": "RS256",
            "e": encode(public.exponent().big_endian_without_leading_zero()),
            "kid": self.id,
            "kty": "RSA",
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "use": "sig",
        })
    }
}

/// Where a signing key stands. It is published and verifies in each state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It will sign.
    Pending,
    /// It signs.
    Signing,
    /// It has signed.
    Retired,
}

impl KeyState {
    /// How operators read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

/// The signing keys of a pool. ID and access tokens have keys of their own; of a use, the one that
/// began last signs, and all verify.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<SigningKey>,
}

impl KeyRing {
    /// Opens a pool's stored keys, oldest first.
    ///
    /// # Errors
    ///
    /// [`Fault::Damaged`] if a key does not open or parse.
    pub fn open(keys: &[SealedKey], sealer: &Sealer) -> Result<Self, Fault> {
        let open = |key: &SealedKey| {
            let subject = key.id.as_str();
            let context = Context { purpose: SealPurpose::SigningKey, pool: &key.pool, subject };
            let pkcs8 =
                sealer.open(context, &key.private).map_err(|_| Fault::Damaged("signing key"))?;
            SigningKey::parse(key.usage, key.signs_from, &pkcs8)
        };
        keys.iter().map(open).collect::<Result<_, _>>().map(|keys| Self { keys })
    }

    /// Whether these are the stored keys that it was opened from.
    pub(crate) fn is_of(&self, stored: &[SealedKey]) -> bool {
        let stored = stored.iter().map(|key| (&key.id, key.signs_from));
        self.keys.iter().map(|key| (&key.id, key.signs_from)).eq(stored)
    }

    /// Signs claims with the key of a use that signs now.
    ///
    /// # Errors
    ///
    /// [`Fault::Signing`] if there is no key for this use, or signing fails.
    pub fn sign(
        &self,
        usage: KeyUse,
        claims: &impl Serialize,
        now: Timestamp,
    ) -> Result<Secret, Fault> {
        self.signing(usage, now)?.sign(claims)
    }

    /// A pool's first key signs before its time, too: on a node whose clock is behind.
    fn signing(&self, usage: KeyUse, now: Timestamp) -> Result<&SigningKey, Fault> {
        let keys = || self.keys.iter().filter(|key| key.usage == usage);
        let begun = keys().filter(|key| key.signs_from <= now).max_by_key(|key| key.signs_from);
        begun.or_else(|| keys().min_by_key(|key| key.signs_from)).ok_or(Fault::Signing)
    }

    /// Where the keys stand, in the order in which they were opened.
    ///
    /// # Errors
    ///
    /// Never in fact: [`Fault::Signing`] is for a use without keys, and each key has its own.
    pub fn states(&self, now: Timestamp) -> Result<Vec<KeyState>, Fault> {
        let state = |key: &SigningKey| {
            let signing = self.signing(key.usage, now)?;
            Ok(match key.signs_from.cmp(&signing.signs_from) {
                Ordering::Less => KeyState::Retired,
                Ordering::Equal => KeyState::Signing,
                Ordering::Greater => KeyState::Pending,
            })
        };
        self.keys.iter().map(state).collect()
    }

    /// The claims of a token that one of our keys signed for this use. Nothing but the signature
    /// is checked.
    ///
    /// # Errors
    ///
    /// [`TokenFlaw`] if none of the keys for this use signed it, or its claims are of another form.
    pub fn verify<C: DeserializeOwned>(&self, usage: KeyUse, token: &str) -> Result<C, TokenFlaw> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFlaw)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFlaw)?;
        let key = self.keys.iter().find(|key| key.usage == usage && key.header == header);
        let key = key.ok_or(TokenFlaw)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFlaw)?;
        key.public.verify_sig(signed.as_bytes(), &signature).map_err(|_| TokenFlaw)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenFlaw)?;
        serde_json::from_slice(&payload).map_err(|_| TokenFlaw)
    }

    /// A certificate of the key that signs ID tokens now, in DER; `name` is its common name.
    ///
    /// # Errors
    ///
    /// [`Fault::Signing`] if there is no key for ID tokens, or signing fails.
    pub fn certificate(&self, name: &str, now: Timestamp) -> Result<Vec<u8>, Fault> {
        self.signing(KeyUse::Id, now)?.certificate(name)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517).
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.keys.iter().map(SigningKey::jwk).collect::<Vec<_>>() })
    }
}
