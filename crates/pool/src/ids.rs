//! One newtype per kind of identifier, so that a user's `sub` cannot be passed where a session's
//! id is meant.

use crate::system::Rng;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is: the edge that read it has checked its form.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    )+};
}

text_id! {
    /// A user pool, `<region>_<9 letters and digits>`.
    PoolId,
    /// An app client, 26 lower-case letters and digits; unique over all pools.
    ClientId,
    /// A user's `sub`: a UUID that never changes and is never given to another user.
    Sub,
    /// The canonical username, as tokens and `USER_ID_FOR_SRP` show it.
    Username,
    /// The name of a group inside a pool.
    GroupName,
    /// A sign-in: the family that a refresh token and all its access tokens share (`origin_jti`).
    SessionId,
    /// One event of authentication (`event_id` in tokens).
    EventId,
    /// A signing key, as the `kid` of a token's header names it.
    KeyId,
    /// A partner of the partner API: `partner-id-<slug>` or `fd<digits>`.
    PartnerId,
    /// A tenant of the tenant API. It never changes and is never given to another tenant.
    TenantId,
    /// An access key that signs administrative requests.
    AccessKeyId,
    /// A message waiting in the outbox.
    MessageId,
    /// A device of a user, `<region>_<UUID>`.
    DeviceKey,
}

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWER_ALPHANUMERIC: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl PoolId {
    /// A fresh id in Amazon's form, e.g. `us-east-1_AbCdEf123`.
    pub fn random(region: &str, rng: &dyn Rng) -> Self {
        Self(format!("{region}_{}", random_text(rng, ALPHANUMERIC, 9)))
    }

    /// The region, i.e. what stands before the underscore.
    pub fn region(&self) -> &str {
        self.0.split_once('_').map_or("", |(region, _)| region)
    }

    /// What stands after the underscore; part of every SRP hash.
    pub fn short_name(&self) -> &str {
        self.0.split_once('_').map_or("", |(_, name)| name)
    }
}

impl ClientId {
    /// A fresh id of 26 characters (134 bits).
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_text(rng, LOWER_ALPHANUMERIC, 26))
    }
}

impl Sub {
    /// A fresh random UUID (version 4).
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_uuid(rng))
    }

    /// That of nobody: no random one is this.
    pub fn nobody() -> Self {
        Self(uuid::Uuid::nil().to_string())
    }
}

impl SessionId {
    /// A fresh random UUID (version 4).
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_uuid(rng))
    }
}

impl EventId {
    /// A fresh random UUID (version 4).
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_uuid(rng))
    }
}

impl MessageId {
    /// A fresh UUID (version 7). Those of one process sort as they were made, also within one
    /// millisecond.
    pub fn fresh(now: Timestamp, rng: &dyn Rng) -> Self {
        /// The 48 bits of the last one's milliseconds, and 12 that count on.
        static LAST: AtomicU64 = AtomicU64::new(0);
        let start = u64::try_from(now.millis()).unwrap_or(0) << 12;
        let next = |last: u64| Some(start.max(last.saturating_add(1)));
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let tick = start.max(last.unwrap_or_else(|same| same).saturating_add(1));
        let mut random = [0; 16];
        rng.fill(&mut random);
        let high = (u128::from(tick >> 12) << 80) | (u128::from(tick & 0xfff) << 64);
        let low = u128::from_le_bytes(random) & u128::from(u64::MAX);
        let bytes = (high | low).to_be_bytes();
        let builder = uuid::Builder::from_bytes(bytes);
        let id = builder.with_version(uuid::Version::SortRand).with_variant(uuid::Variant::RFC4122);
        Self(id.into_uuid().to_string())
    }
}

impl DeviceKey {
    /// The longest there is in Cognito's service model.
    pub const MAX_LENGTH: usize = 55;

    /// A fresh key for a device in this pool.
    pub fn random(pool: &PoolId, rng: &dyn Rng) -> Self {
        Self(format!("{}_{}", pool.region(), random_uuid(rng)))
    }
}

impl TenantId {
    /// A fresh random UUID (version 4).
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_uuid(rng))
    }
}

impl AccessKeyId {
    /// A fresh id in the form that AWS tools expect: `PK` and 18 capitals and digits.
    pub fn random(rng: &dyn Rng) -> Self {
        const CAPITALS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        Self(format!("PK{}", random_text(rng, CAPITALS, 18)))
    }
}

/// A client secret: 52 lower-case letters and digits (268 bits), the length Cognito uses.
pub fn random_client_secret(rng: &dyn Rng) -> crate::crypto::secret::Secret {
    crate::crypto::secret::Secret::new(random_text(rng, LOWER_ALPHANUMERIC, 52))
}

/// The secret of an access key: 40 letters and digits (238 bits).
pub fn random_access_key_secret(rng: &dyn Rng) -> crate::crypto::secret::Secret {
    crate::crypto::secret::Secret::new(random_text(rng, ALPHANUMERIC, 40))
}

/// The `ClientID` of a machine credential: 26 lower-case letters and digits (134 bits).
pub fn random_machine_id(rng: &dyn Rng) -> String {
    random_text(rng, LOWER_ALPHANUMERIC, 26)
}

const MACHINE_SECRET_LENGTH: usize = 44;

/// The secret of a machine credential: 44 letters and digits (261 bits).
pub fn random_machine_secret(rng: &dyn Rng) -> crate::crypto::secret::Secret {
    crate::crypto::secret::Secret::new(random_text(rng, ALPHANUMERIC, MACHINE_SECRET_LENGTH))
}

/// A machine's secret of the usual length (238 bits of it random) with all the kinds of characters that
/// a password policy can ask for: a pool that lives elsewhere holds machines to it, too.
pub fn random_machine_secret_for_any_policy(rng: &dyn Rng) -> crate::crypto::secret::Secret {
    let random = random_text(rng, ALPHANUMERIC, MACHINE_SECRET_LENGTH - 4);
    crate::crypto::secret::Secret::new(random + "-aA0")
}

/// Whether a text looks like the secret of a machine credential.
pub(crate) fn is_machine_secret(text: &crate::crypto::secret::Secret) -> bool {
    let text = text.expose().as_bytes();
    text.len() == MACHINE_SECRET_LENGTH && text.iter().all(u8::is_ascii_alphanumeric)
}

/// A random UUID (version 4) as text.
pub fn random_uuid(rng: &dyn Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// `length` characters of `alphabet`, each equally likely: bytes that would favour the first
/// characters are thrown away.
pub(crate) fn random_text(rng: &dyn Rng, alphabet: &[u8], length: usize) -> String {
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut pool = [0; 32];
    while text.len() < length {
        rng.fill(&mut pool);
        let fresh = pool.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        let letters = fresh.filter_map(|byte| alphabet.get(byte % alphabet.len()));
        text.extend(letters.take(length - text.len()).map(|letter| char::from(*letter)));
    }
    text
}
