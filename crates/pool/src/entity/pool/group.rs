use crate::ids::{GroupName, PoolId};
use crate::name;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The highest precedence a group can have, which is the last in order.
pub const MAX_PRECEDENCE: i64 = i32::MAX as i64;

/// Whether a group can have this name: 1 to 128 characters, none of them a space or what looks like
/// one, and not marks alone.
pub fn is_group_name(text: &str) -> bool {
    let has_spaces = text.chars().any(name::is_space);
    (1..=128).contains(&text.chars().count()) && !has_spaces && name::is_visible(text)
}

/// A named set of users, shown to applications in `cognito:groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Its name, unique in the pool.
    pub name: GroupName,
    /// Free text.
    pub description: Option<String>,
    /// An IAM role that `cognito:roles` shows; the engine attaches no meaning to it.
    pub role_arn: Option<String>,
    /// Lower wins; groups without one come last.
    pub precedence: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// Where a group stands among a user's.
pub type GroupRank = (bool, Option<i64>, GroupName);

impl Group {
    /// Its place in the order of tokens: lowest precedence first, groups without one last, then by
    /// name.
    #[must_use]
    pub fn rank(&self) -> GroupRank {
        (self.precedence.is_none(), self.precedence, self.name.clone())
    }
}
