//! Who administers a pool through the portal API, and that somebody always does.

use crate::entity::UserStatus;
use crate::ids::{GroupName, PoolId};

/// The group whose members administer.
pub const ADMINISTRATORS: &str = "admin";

/// Who administers a pool through the portal API: all in the group [`ADMINISTRATORS`], and the
/// owners of listed addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrators {
    /// The pool.
    pub pool: PoolId,
    /// Addresses whose owners administer. Case matters.
    pub addresses: Vec<String>,
}

impl Administrators {
    /// Whether a user with these groups, who owns this address, is one of them. An address counts
    /// only for its owner: anybody may write any into a profile, or make an account with it, and a
    /// username proves nothing even if it looks like an address.
    pub fn include<'a>(
        &self,
        groups: impl IntoIterator<Item = &'a GroupName>,
        address: Option<&str>,
    ) -> bool {
        groups.into_iter().any(is_theirs) || self.lists(address)
    }

    /// Whether the address that a user owns is listed.
    pub fn lists(&self, address: Option<&str>) -> bool {
        address.is_some_and(|address| self.addresses.iter().any(|listed| listed == address))
    }
}

/// Whether the group is that of the administrators.
pub fn is_theirs(group: &GroupName) -> bool {
    group.as_str() == ADMINISTRATORS
}

/// Whether somebody with these can sign in at all, and so administer.
pub fn can_act(enabled: bool, status: UserStatus) -> bool {
    enabled && status != UserStatus::Unconfirmed
}
