use crate::ids::{ClientId, GroupName, PoolId};
use serde::{Deserialize, Serialize};

/// A tenant of the tenant API: either a pool of its own, or a group inside a shared pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its name, unique regardless of case.
    pub name: String,
    /// The id that sign-in answers show.
    pub id: String,
    /// The pool its users are in.
    pub pool: PoolId,
    /// The app client its users sign in through.
    pub client: ClientId,
    /// The group its users must be in; `None` when the pool is the tenant's own.
    pub group: Option<GroupName>,
}

impl Tenant {
    /// The form under which a tenant's name is looked up: trimmed and in lower case.
    pub fn key(name: &str) -> String {
        name.trim().to_lowercase()
    }
}
