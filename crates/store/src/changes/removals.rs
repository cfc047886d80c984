//! What is gone for callers, and is removed in portions.
//!
//! The commit that deletes a pool, an app client or a group deletes what it is found by, and notes the
//! removal of what hangs on it. Until that is done, nobody takes the name.

use crate::sql::removal;
use crate::statement::{Statement, Value, values};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};

/// What a removal is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    Pool,
    Client,
    Group,
}

impl Removed {
    pub(crate) const ALL: [Self; 3] = [Self::Pool, Self::Client, Self::Group];

    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::Client => "client",
            Self::Group => "group",
        }
    }
}

/// A removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) pool: PoolId,
    pub(crate) kind: Removed,
    /// Of the app client or the group; empty for a pool.
    pub(crate) name: String,
    /// How far it is: of a pool, the number of the table that it is at; of an app client, the last
    /// session that was looked at. Empty at the beginning.
    pub(crate) progress: String,
}

impl Removal {
    pub(crate) fn of_pool(pool: &PoolId) -> Self {
        Self::begin(pool, Removed::Pool, "")
    }

    pub(crate) fn of_client(pool: &PoolId, id: &ClientId) -> Self {
        Self::begin(pool, Removed::Client, id.as_str())
    }

    pub(crate) fn of_group(pool: &PoolId, name: &GroupName) -> Self {
        Self::begin(pool, Removed::Group, name.as_str())
    }

    fn begin(pool: &PoolId, kind: Removed, name: &str) -> Self {
        Self { pool: pool.clone(), kind, name: name.to_owned(), progress: String::new() }
    }

    /// The one that keeps a change from being made, if it has not come to its end.
    pub(crate) fn before(change: &Change) -> Option<Self> {
        match change {
            Change::CreatePool(pool) => Some(Self::of_pool(&pool.id)),
            Change::CreateClient(client) => Some(Self::of_client(&client.pool, &client.id)),
            Change::CreateGroup(group) => Some(Self::of_group(&group.pool, &group.name)),
            _ => None,
        }
    }

    /// What it is found by.
    pub(crate) fn key(&self) -> Vec<Value> {
        values![self.pool.as_str(), self.kind.as_str(), self.name.as_str()]
    }

    pub(crate) fn note(&self) -> Statement {
        Statement::unguarded(removal::NOTE_REMOVAL, self.key())
    }

    pub(crate) fn expect_none(&self) -> Statement {
        Statement::guarded(removal::EXPECT_NO_REMOVAL, self.key())
    }

    /// Holds it as it was read.
    pub(crate) fn expect(&self) -> Statement {
        let mut parameters = self.key();
        parameters.extend(values![self.progress.as_str()]);
        Statement::guarded(removal::EXPECT_REMOVAL, parameters)
    }

    pub(crate) fn advance(&self, to: &str) -> Statement {
        let mut parameters = values![to];
        parameters.extend(self.key());
        parameters.extend(values![self.progress.as_str()]);
        Statement::guarded(removal::ADVANCE_REMOVAL, parameters)
    }

    pub(crate) fn end(&self) -> Statement {
        Statement::unguarded(removal::DELETE_REMOVAL, self.key())
    }
}
