use crate::ids::{ClientId, GroupName, PoolId, TenantId};
use crate::name;
use serde::{Deserialize, Serialize};

/// A tenant of the tenant API: either a pool of its own, or a group inside a shared pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its name, unique in the form of [`Tenant::key`].
    pub name: String,
    /// The id that sign-in answers and tokens show. Sign-ins and credentials belong to it, whatever
    /// the tenant is called.
    pub id: TenantId,
    /// The pool its users are in. It never changes.
    pub pool: PoolId,
    /// The app client its users sign in through.
    pub client: ClientId,
    /// The group its users must be in; `None` when the pool is the tenant's own.
    pub group: Option<GroupName>,
    /// The group whose members manage the tenant's machine credentials; `None` leaves that to the
    /// operator.
    pub admin_group: Option<GroupName>,
}

impl Tenant {
    /// The form under which a tenant's name is looked up: trimmed, and names that look the same are
    /// the same, as with usernames.
    pub fn key(name: &str) -> String {
        name::folded(name).trim().to_owned()
    }

    /// The groups that it has a use for.
    pub fn groups(&self) -> impl Iterator<Item = &GroupName> {
        self.group.iter().chain(&self.admin_group)
    }

    /// Whether a name is this tenant's.
    pub fn is_called(&self, name: &str) -> bool {
        Self::key(&self.name) == Self::key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one() {
        for name in ["acme", " ACME\t", "\u{ff21}\u{ff23}\u{ff2d}\u{ff25}", "A\u{1d402}me\u{a0}"] {
            assert_eq!(Tenant::key(name), "acme", "{name}");
        }
        assert_eq!(Tenant::key("U\u{308}BER"), Tenant::key("\u{fc}ber"));
        assert_eq!(Tenant::key("o\u{fb03}ce"), "office");
        assert_eq!(Tenant::key("\u{130}x"), Tenant::key(&Tenant::key("\u{130}x")));
        assert_ne!(Tenant::key("acme"), Tenant::key("\u{430}cme"));
    }
}
