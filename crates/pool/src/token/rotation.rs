//! When a signing key begins to sign, and how long it verifies after that: so long that nobody who
//! asks for the public keys as often as our answer says meets a token of a key that was not there.

use crate::entity::TokenValidity;
use crate::time::CLOCKS_DIFFER;
use std::time::Duration;

/// How long verifiers may keep the public keys of a pool: `max-age` where they are published.
pub const PUBLIC_KEYS_KEPT: Duration = Duration::from_mins(5);

/// How long a node uses keys without asking whether others have made or removed some.
pub(crate) const NODES_KEEP: Duration = Duration::from_secs(1);

/// How long a new key is published before it signs, at least.
pub const LEAD: Duration = Duration::from_mins(10);

/// How long a key stays after another one began to sign: as long as a token of its last moment lives,
/// and an hour, since clocks differ and verifiers are lenient about them.
pub(crate) const KEPT: Duration = {
    let longest = Duration::from_mins(TokenValidity::LONGEST_MINUTES as u64);
    longest.saturating_add(Duration::from_hours(1))
};

// A node publishes a key late by what it keeps, and signs early by what its clock is ahead of the one
// that made the key.
const _: () = assert!(
    LEAD.as_secs() >= PUBLIC_KEYS_KEPT.as_secs() + NODES_KEEP.as_secs() + CLOCKS_DIFFER.as_secs()
);
