use crate::crypto::seal::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a master key has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MasterKeyState {
    /// It is about to take another one's place. Nothing is sealed under it yet.
    Announced,
    /// What is sealed, is sealed under it.
    Sealing,
    /// Another one has taken its place; something may still be sealed under it.
    Opening,
}

/// What the database knows of a master key: nothing that leads to it, but enough to tell it from
/// any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKeyRecord {
    /// Which one it is of those that this database has been sealed under: 1, 2 …
    pub generation: i64,
    /// How far it has come.
    pub state: MasterKeyState,
    /// A random key that digests are made with, sealed under this master key.
    pub digest_key: Sealed,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// Whether a node has said that it does not hold the key.
    pub is_missed: bool,
}
