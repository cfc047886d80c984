//! Sealing: encryption of what leaves the engine and must come back unread and unchanged, and of
//! secrets at rest.
//!
//! AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce, under a key that HKDF-SHA256 draws
//! from the master key for each purpose and pool. A value opens only for the purpose, the pool and
//! the subject it was sealed for.

mod purpose;

use crate::crypto::secret::{Secret, same_bytes};
use crate::ids::PoolId;
use crate::system::Rng;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use zeroize::Zeroizing;

pub use purpose::SealPurpose;

/// The first byte of every sealed value: which master key and format it was sealed under.
const FORMAT: u8 = 1;
const TAG_LEN: usize = 16;

/// A sealed value: safe to store, useless without the master key.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes bytes that claim to be a sealed value; opening them decides.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The sealed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self).map_err(de::Error::custom)
    }
}

/// Where a sealed value belongs. All three must be the same when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What it is for.
    pub purpose: SealPurpose,
    /// The pool; the empty id for what belongs to none.
    pub pool: &'a PoolId,
    /// Whose it is: a user's `sub`, a client's id …
    pub subject: &'a str,
}

/// The value was not sealed here, was altered, or belongs elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct Unsealable;

/// Holds the master key, and beside it another one while one takes the place of the other.
///
/// One of them seals, and any of them opens.
pub struct Sealer {
    keys: Vec<hkdf::Prk>,
    /// The place of the one that seals.
    sealing: AtomicUsize,
    /// What digests are made with; the first makes them, all are recognised. Empty until the
    /// database has told: then it is drawn from the master key.
    digests: RwLock<Vec<hkdf::Prk>>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// From a master key of 256 random bits.
    pub fn new(master_key: &[u8; 32]) -> Self {
        Self::holding(master_key, &[])
    }

    /// From a master key, which seals, and others, which open what they sealed.
    pub fn holding(master_key: &[u8; 32], others: &[&[u8; 32]]) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"poolkeeper master key");
        let all = std::iter::once(master_key).chain(others.iter().copied());
        Self {
            keys: all.map(|key| salt.extract(key)).collect(),
            sealing: AtomicUsize::new(0),
            digests: RwLock::default(),
        }
    }

    /// How many keys it holds.
    pub fn held(&self) -> usize {
        self.keys.len()
    }

    /// The place of the key that seals.
    pub fn sealing(&self) -> usize {
        self.sealing.load(Ordering::Acquire)
    }

    /// Seals under another of the keys from now on, and makes digests with the first of these keys;
    /// those made with the others are recognised.
    pub fn follow(&self, sealing: usize, digest_keys: &[Zeroizing<Vec<u8>>]) {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"poolkeeper digest key");
        let digests = digest_keys.iter().map(|key| salt.extract(key)).collect();
        *self.digests.write().unwrap_or_else(PoisonError::into_inner) = digests;
        self.sealing.store(sealing.min(self.keys.len().saturating_sub(1)), Ordering::Release);
    }

    /// Seals bytes.
    pub fn seal(&self, context: Context<'_>, plain: &[u8], rng: &dyn Rng) -> Sealed {
        self.seal_under(self.sealing(), context, plain, rng)
    }

    /// The same under the key at a place.
    pub fn seal_under(
        &self,
        place: usize,
        context: Context<'_>,
        plain: &[u8],
        rng: &dyn Rng,
    ) -> Sealed {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + TAG_LEN);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        seal_in_place(&self.cipher(place, context), nonce, context.subject, &mut body);
        sealed.append(&mut body);
        Sealed(sealed)
    }

    /// Seals a text.
    pub fn seal_secret(&self, context: Context<'_>, plain: &Secret, rng: &dyn Rng) -> Sealed {
        self.seal(context, plain.expose().as_bytes(), rng)
    }

    /// Opens what [`Self::seal`] sealed for the same context.
    ///
    /// # Errors
    ///
    /// [`Unsealable`] if it was sealed for another context or under a master key that is not held,
    /// or is damaged.
    pub fn open(
        &self,
        context: Context<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        self.open_with_place(context, sealed).map(|(_, plain)| plain)
    }

    /// The same, and the place of the key that it was sealed under.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`].
    pub fn open_with_place(
        &self,
        context: Context<'_>,
        sealed: &Sealed,
    ) -> Result<(usize, Zeroizing<Vec<u8>>), Unsealable> {
        let first = self.sealing();
        let others = (0..self.keys.len()).filter(|place| *place != first);
        let mut places = std::iter::once(first).chain(others);
        let opened = places.find_map(|place| {
            self.open_under(place, context, sealed).ok().map(|plain| (place, plain))
        });
        opened.ok_or(Unsealable)
    }

    fn open_under(
        &self,
        place: usize,
        context: Context<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (format, rest) = sealed.0.split_first().ok_or(Unsealable)?;
        if *format != FORMAT {
            return Err(Unsealable);
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = self
            .cipher(place, context)
            .open_in_place(nonce, Aad::from(context.subject.as_bytes()), &mut body)
            .map_err(|_| Unsealable)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`]. [`Unsealable`], too, if it is not UTF-8.
    pub fn open_secret(&self, context: Context<'_>, sealed: &Sealed) -> Result<Secret, Unsealable> {
        let plain = self.open(context, sealed)?;
        std::str::from_utf8(&plain).map(Secret::from).map_err(|_| Unsealable)
    }

    /// Seals a record of plain data, padded to the next step of its purpose. The padding is blanks,
    /// which JSON allows behind a value: what was sealed without any opens just as well.
    pub fn seal_record(
        &self,
        context: Context<'_>,
        record: &impl Serialize,
        rng: &dyn Rng,
    ) -> Sealed {
        self.seal_record_under(self.sealing(), context, record, rng)
    }

    /// The same under the key at a place.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serializing fails for maps with odd keys only, and no record has any"
    )]
    pub fn seal_record_under(
        &self,
        place: usize,
        context: Context<'_>,
        record: &impl Serialize,
        rng: &dyn Rng,
    ) -> Sealed {
        let step = context.purpose.step();
        let mut plain = Zeroizing::new(Vec::with_capacity(step));
        serde_json::to_writer(&mut *plain, record).expect("a record of plain data");
        let padded = plain.len().next_multiple_of(step);
        plain.resize(padded, b' ');
        self.seal_under(place, context, &plain, rng)
    }

    /// Opens a sealed record.
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`]. [`Unsealable`], too, if it is not such a record.
    pub fn open_record<R: DeserializeOwned>(
        &self,
        context: Context<'_>,
        sealed: &Sealed,
    ) -> Result<R, Unsealable> {
        let plain = self.open(context, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Unsealable)
    }

    /// A name for `context.subject` that only the holder of the master key can make: the same
    /// subject always has the same one, whichever master key seals, and it does not lead back.
    pub fn pseudonym(&self, context: Context<'_>) -> String {
        BASE64.encode(self.pseudonym_bytes(context))
    }

    /// The same as bytes.
    pub fn pseudonym_bytes(&self, context: Context<'_>) -> [u8; 32] {
        let digests = self.digests.read().unwrap_or_else(PoisonError::into_inner);
        match digests.first() {
            Some(root) => pseudonym(root, context),
            None => pseudonym(self.root(0), context),
        }
    }

    /// Whether this is a pseudonym of `context.subject`: that of today, or one from before the keys
    /// that digests are made with were replaced. It takes the same time for each.
    pub fn recognises(&self, context: Context<'_>, name: &str) -> bool {
        let digests = self.digests.read().unwrap_or_else(PoisonError::into_inner);
        digests.iter().chain(&self.keys).fold(false, |found, root| {
            let own = BASE64.encode(pseudonym(root, context));
            same_bytes(own.as_bytes(), name.as_bytes()) | found
        })
    }

    #[expect(clippy::expect_used, reason = "the key has the cipher's length: both are 32 bytes")]
    fn cipher(&self, place: usize, context: Context<'_>) -> LessSafeKey {
        let key = drawn_key(self.root(place), context);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &*key).expect("a 32-byte key"))
    }

    #[expect(clippy::expect_used, reason = "there is always a first key")]
    fn root(&self, place: usize) -> &hkdf::Prk {
        self.keys.get(place).or(self.keys.first()).expect("a key")
    }
}

fn pseudonym(root: &hkdf::Prk, context: Context<'_>) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &*drawn_key(root, context));
    let tag = hmac::sign(&key, context.subject.as_bytes());
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

/// The key for a purpose and a pool.
#[expect(clippy::expect_used, reason = "HKDF fails only for outputs of more than 255 hashes")]
fn drawn_key(root: &hkdf::Prk, context: Context<'_>) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let info = [context.purpose.label(), b" ", context.pool.as_str().as_bytes()];
    let output = root.expand(&info, hkdf::HKDF_SHA256);
    output.and_then(|okm| okm.fill(&mut *key)).expect("a single hash of output");
    key
}

#[expect(clippy::expect_used, reason = "sealing fails only beyond 64 GiB, far over any request")]
fn seal_in_place(key: &LessSafeKey, nonce: [u8; NONCE_LEN], subject: &str, body: &mut Vec<u8>) {
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(subject.as_bytes()), body).expect("a short text");
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter;

    impl Rng for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn opens_for_the_same_purpose_pool_and_subject_only() {
        let sealer = Sealer::new(&[1; 32]);
        let (here, elsewhere) = (PoolId::from("us-east-1_a"), PoolId::from("us-east-1_b"));
        let context = Context { purpose: SealPurpose::Totp, pool: &here, subject: "someone" };
        let sealed = sealer.seal(context, b"plain", &Counter);
        assert_eq!(sealer.open(context, &sealed).as_deref(), Ok(&b"plain".to_vec()));
        let wrong = [
            Context { purpose: SealPurpose::Password, ..context },
            Context { pool: &elsewhere, ..context },
            Context { subject: "somebody", ..context },
        ];
        for context in wrong {
            assert_eq!(sealer.open(context, &sealed), Err(Unsealable), "{context:?}");
        }
        assert_eq!(Sealer::new(&[2; 32]).open(context, &sealed), Err(Unsealable));
    }

    #[test]
    fn the_length_of_a_record_says_nothing_of_what_is_in_it() {
        let sealer = Sealer::new(&[1; 32]);
        let pool = PoolId::from("us-east-1_a");
        for (purpose, longest) in [
            (SealPurpose::SecretBlock, 4000),
            (SealPurpose::FirstFactor, 1000),
            (SealPurpose::ChallengeSession, 1000),
            (SealPurpose::Message, 1000),
            (SealPurpose::Cursor, 500),
            (SealPurpose::RefreshToken, 250),
        ] {
            let context = Context { purpose, pool: &pool, subject: "someone" };
            let sealed = [1, longest].map(|length| {
                let record = "x".repeat(length);
                let sealed = sealer.seal_record(context, &record, &Counter);
                assert_eq!(sealer.open_record::<String>(context, &sealed), Ok(record));
                sealed.0.len()
            });
            assert_eq!(sealed[0], sealed[1], "{purpose:?}");
        }
    }

    #[test]
    fn records_from_before_there_was_padding_open() {
        let sealer = Sealer::new(&[1; 32]);
        let pool = PoolId::from("us-east-1_a");
        let context =
            Context { purpose: SealPurpose::RefreshToken, pool: &pool, subject: "someone" };
        let sealed = sealer.seal(context, b"\"plain\"", &Counter);
        assert_eq!(sealer.open_record::<String>(context, &sealed), Ok("plain".to_owned()));
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let sealer = Sealer::new(&[1; 32]);
        let pool = PoolId::from("us-east-1_a");
        let context = Context { purpose: SealPurpose::Totp, pool: &pool, subject: "someone" };
        let bytes = sealer.seal(context, b"plain", &Counter).0;
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert_eq!(sealer.open(context, &Sealed(altered)), Err(Unsealable), "byte {at}");
            assert_eq!(sealer.open(context, &Sealed(bytes[..at].to_vec())), Err(Unsealable));
        }
    }

    #[test]
    fn another_key_opens_what_it_sealed_and_seals_when_it_is_its_turn() {
        let (old, new) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let both = Sealer::holding(&[2; 32], &[&[1; 32]]);
        let pool = PoolId::from("us-east-1_a");
        let context = Context { purpose: SealPurpose::Totp, pool: &pool, subject: "someone" };
        let by_old = old.seal(context, b"plain", &Counter);
        assert_eq!(both.open_with_place(context, &by_old).map(|(place, _)| place), Ok(1));
        assert!(new.open(context, &both.seal(context, b"plain", &Counter)).is_ok());
        both.follow(1, &[]);
        assert!(old.open(context, &both.seal(context, b"plain", &Counter)).is_ok());
        assert!(both.open(context, &new.seal(context, b"plain", &Counter)).is_ok());
    }

    #[test]
    fn digests_stay_the_same_whichever_key_seals() {
        let both = Sealer::holding(&[2; 32], &[&[1; 32]]);
        let pool = PoolId::from("us-east-1_a");
        let context =
            Context { purpose: SealPurpose::UnknownName, pool: &pool, subject: "someone" };
        let before = Sealer::new(&[1; 32]).pseudonym(context);
        let key = |byte: u8| Zeroizing::new(vec![byte; 32]);
        both.follow(1, &[key(7)]);
        let digest = both.pseudonym(context);
        both.follow(0, &[key(7)]);
        assert_eq!(both.pseudonym(context), digest);
        assert!(both.recognises(context, &digest));
        assert!(both.recognises(context, &before), "made when the master key still made them");
        both.follow(0, &[key(8), key(7)]);
        assert_ne!(both.pseudonym(context), digest);
        assert!(both.recognises(context, &digest));
        both.follow(0, &[key(8)]);
        assert!(!both.recognises(context, &digest));
    }
}
