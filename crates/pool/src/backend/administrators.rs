//! Who administers a pool through the portal API, and that somebody always does.

use crate::backend::user_pool::Profile;
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
    /// Whether the portal API asks for second factors. Otherwise nobody of whom one is asked gets in.
    pub second_factors: bool,
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

    /// Whether the user is one of them.
    pub fn is_one(&self, profile: &Profile) -> bool {
        self.include(&profile.groups, profile.owned_email())
    }

    /// Whether a user of whom a second factor is asked, or not, gets in.
    pub const fn can_ask(&self, factor_is_required: bool) -> bool {
        self.second_factors || !factor_is_required
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_or_a_listed_address_makes_an_administrator() {
        let addresses = vec!["boss@example.com".to_owned()];
        let administrators = Administrators { pool: "p".into(), addresses, second_factors: true };
        for (groups, address, expected) in [
            (&[][..], None, false),
            (&["admin"], None, true),
            (&["staff", "admin"], Some("ann@example.com"), true),
            (&[], Some("boss@example.com"), true),
            (&["staff"], Some("ann@example.com"), false),
            (&["Admin"], None, false),
            (&["administrators"], None, false),
            (&[], Some("Boss@example.com"), false),
            (&[], Some("boss@example.com.evil.example"), false),
            (&[], Some(""), false),
        ] {
            let named: Vec<_> = groups.iter().map(|group: &&str| GroupName::from(*group)).collect();
            let is_one = administrators.include(&named, address);
            assert_eq!(is_one, expected, "{groups:?} {address:?}");
        }
    }

    #[test]
    fn nobody_administers_without_being_able_to_sign_in() {
        for (status, expected) in [
            (UserStatus::Confirmed, true),
            (UserStatus::ForceChangePassword, true),
            (UserStatus::ResetRequired, true),
            (UserStatus::Unconfirmed, false),
        ] {
            assert_eq!(can_act(true, status), expected, "{status:?}");
            assert!(!can_act(false, status), "{status:?}");
        }
    }
}
