use crate::crypto::seal::Sealed;
use crate::ids::{KeyId, PoolId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which tokens a key signs. Cognito keeps two keys in each pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// ID tokens.
    Id,
    /// Access tokens.
    Access,
}

/// A pool's RSA signing key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKey {
    /// The pool it signs for.
    pub pool: PoolId,
    /// Its `kid`.
    pub id: KeyId,
    /// What it signs.
    pub usage: KeyUse,
    /// The private key (PKCS #8), sealed at rest.
    pub private: Sealed,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// From when on it signs; until another of its use does.
    pub signs_from: Timestamp,
    /// When no token is left that it could verify, so that it goes; `None` until another one is there to
    /// follow it.
    pub expires_at: Option<Timestamp>,
}
