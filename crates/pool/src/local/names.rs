//! The names by which users are looked up.

use crate::attributes;
use crate::entity::{SignInName, User, UserPoolRecord};
use crate::ids::Sub;
use crate::name;
use crate::ports::UserNames;

/// All the ways in which a name may lead to a user of the pool. One that is longer than any is
/// looked up as no name, so that it costs no more than another that leads to nobody. What has the
/// form of an address or of a `sub` is no preferred username, not even where one was kept that has it.
pub(in crate::local) fn names(pool: &UserPoolRecord, name: &str) -> UserNames {
    let name = if name::is_too_long(name) { "" } else { name };
    let is_reserved = attributes::reserved_form(name).is_some();
    let is_possible = |kind: &SignInName| !(is_reserved && *kind == SignInName::PreferredUsername);
    let kinds = pool.alias_kinds().filter(is_possible);
    let username_key = pool.username_key(name);
    UserNames {
        // In the form of other names, since nobody's is taken in that.
        sub: Sub::from(username_key.as_str()),
        username_key,
        alias_keys: kinds.map(|kind| pool.alias_key(kind, name)).collect(),
    }
}

/// The ways in which people may name themselves. Where they choose usernames, their `sub` is none of
/// them, as at Amazon: a chosen name in that form is somebody else's.
pub(in crate::local) fn own_names(pool: &UserPoolRecord, name: &str) -> UserNames {
    let names = names(pool, name);
    if pool.username_attributes.is_empty() {
        UserNames { sub: Sub::from(""), ..names }
    } else {
        names
    }
}

/// Whether a name is one of this user's.
pub(in crate::local) fn is_called(pool: &UserPoolRecord, user: &User, name: &str) -> bool {
    let key = pool.username_key(name);
    let aliases = pool.aliases(user);
    let mut given = pool.alias_kinds().map(|kind| pool.alias_key(kind, name));
    key == pool.username_key(user.username.as_str())
        || key == user.sub.as_str()
        || given.any(|given| aliases.contains(&given))
}
