use crate::ids::{PartnerId, PoolId, Sub};
use crate::time::Timestamp;

/// Who suspended a user for a partner. A user who is suspended without one was suspended by the
/// operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// The pool.
    pub pool: PoolId,
    /// The suspended user.
    pub sub: Sub,
    /// The partner whose administrators may lift it.
    pub partner: PartnerId,
    /// The administrator who suspended the user.
    pub administrator: Sub,
    /// When.
    pub suspended_at: Timestamp,
}
