//! Which index finds the rows of each statement in a database of a million users, and how its work
//! grows with them.
//!
//! Every statement has a row in both lists of plans: whoever adds one, or changes an index, looks at the
//! new rows before accepting them. What a plan must not do at all is checked besides, but for those of [`WALKS`].

mod postgres;
pub(crate) mod records;
mod sqlite;

use crate::sql;
use std::collections::BTreeSet;
use std::iter;

/// Statements that walk through what an index has not put in order, or through more than they find; each
/// with what that is.
const WALKS: &[(&str, &str)] = &[
    ("COUNTED_POOL", "the counts of a pool: one for each beginning of a sub"),
    ("DELETE_STALE_DEVICES", "the devices of a user, to sort them"),
    ("GRANTS", "the permissions of a pool, which a command lists"),
    ("GRANTS_OF", "the permissions of a user's groups, to sort them"),
    ("GROUP_PLACE", "the counts of a group: one for each beginning of a sub"),
    ("GROUPS_OF", "the groups of a user, to sort them"),
    ("GROUPS_OF_EACH", "the groups of a page of users, to sort them"),
    ("LIST_USERS_IN_GROUP", "members and users side by side, from where the page begins"),
    ("MASTER_KEYS", "the master keys: one or two"),
    ("MEMBERS_FROM", "a page of members"),
    ("MESSAGES", "the newest messages, without those for nobody"),
    ("NEXT_REMOVAL", "the first of few rows"),
    ("PARTNERS", "the partners of a pool, which a command lists"),
    ("RESCHEDULE_MESSAGES", "the messages that a clock has put off for too long"),
    ("REVOKE_STALE_SESSIONS", "the sign-ins of a user, to sort them"),
    ("SESSIONS_OF", "the sign-ins of a user, to sort them"),
    ("SIGNING_KEYS", "the keys of a pool: two or three, to sort them"),
    ("TOKEN_RECORDS", "a row of nothing, which its records are joined to"),
    ("UNDELIVERED_MESSAGES", "the messages since a time, without the delivered ones"),
    ("USER_OR_OTHER", "its four parts of a row each"),
];

/// Statements that do more where there is more, by their nature or until it matters; each with what it
/// is that counts.
const GROWS: &[(&str, &str)] = &[
    ("EMPTY_POOL member_counts", "the counts of a pool's groups, as long as they have members"),
    ("GRANTS", "the permissions of a pool"),
    ("MASTER_KEYS", "the master keys"),
    ("PARTNERS", "the partners of a pool"),
    ("RESCHEDULE_MESSAGES", "the messages that a clock has put off for too long"),
    ("SIGNING_KEYS", "the keys of a pool"),
];

/// Whether a list has a statement. What makes nobody find a pool any more walks through its clients,
/// keys and tenants.
fn is_among(list: &[(&str, &str)], name: &str) -> bool {
    name.starts_with("CLOSE_POOL") || list.iter().any(|(listed, _)| *listed == name)
}

/// Whether a statement removes the first rows of what may be much. PostgreSQL reads all of a table for
/// that if it takes the table to be small.
fn takes_a_portion(name: &str) -> bool {
    name.starts_with("EMPTY_POOL") || name == "REMOVE_MEMBERS"
}

fn may_walk(name: &str) -> bool {
    takes_a_portion(name) || is_among(WALKS, name)
}

/// The lists as a text: each statement with its steps.
fn listed<'a>(plans: impl Iterator<Item = (&'a str, BTreeSet<Vec<String>>)>) -> String {
    let lines = plans.flat_map(|(name, plans)| {
        let plans = plans.into_iter().enumerate().map(|(number, plan)| {
            let or = if number == 0 { "" } else { "or " };
            format!("    {or}{}", if plan.is_empty() { "-".to_owned() } else { plan.join("; ") })
        });
        iter::once(name.to_owned()).chain(plans)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_excepted_is_a_statement() {
    let all: BTreeSet<_> = sql::every_statement().into_iter().map(|(name, _)| name).collect();
    for (name, _) in WALKS.iter().chain(GROWS) {
        assert!(all.contains(*name), "{name}");
    }
}

#[test]
fn every_statement_has_a_name_of_its_own_and_is_known() {
    let mut names = BTreeSet::new();
    for (name, sql) in sql::every_statement() {
        assert!(sql::is_known(sql), "{name}");
        assert!(names.insert(name.clone()), "{name}");
    }
    assert!(!sql::is_known("SELECT 1"));
}
