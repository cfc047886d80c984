use crate::ids::{PoolId, Sub};
use crate::time::Timestamp;
use std::time::Duration;

/// A device on which a user's sign-ins go without a second factor for a while. A user has one at
/// most: a new one takes the place of the one before.
///
/// It has nothing to do with the devices of `ConfirmDevice` ([`crate::entity::Device`]), which prove a secret
/// of their own: this one is told its secret by us, and only servers that sign their users in can
/// show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDevice {
    /// The user's pool.
    pub pool: PoolId,
    /// The user.
    pub sub: Sub,
    /// A keyed digest of all that it is good for: user, app client, both of its keys, the password
    /// it was trusted under, and its expiry.
    pub digest: String,
    /// When it is good for nothing any more.
    pub expires_at: Timestamp,
}

impl TrustedDevice {
    /// How long a device is trusted, from the sign-in that it was remembered at.
    pub const LIFE: Duration = Duration::from_hours(7 * 24);
}
