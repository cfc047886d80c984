//! The engine's [`Store`] port over embedded SQLite or PostgreSQL.
//!
//! `sql` has every text, in the dialect that both read alike; `changes` and `store` say which of them
//! answer the engine. A database runs them: `sqlite` reads on the caller's thread and has one thread
//! commit all that is waiting in one durable transaction; `postgres` sends reads over few shared
//! connections and gives a commit one of its own. With either, a commit is answered after it is
//! durable, and every read that begins after the answer sees it.
//!
//! [`Store`]: poolkeeper_pool::ports::Store

mod changes;
mod copy;
mod database;
mod keys;
mod listing;
#[cfg(test)]
mod plans;
mod postgres;
mod rate_limits;
mod removing;
mod rows;
mod sql;
mod sqlite;
mod statement;
mod store;

#[cfg(test)]
extern crate self as poolkeeper_store;
#[cfg(test)]
#[path = "../tests/it/schema.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod schema;
#[cfg(test)]
mod schema_parity;

pub use copy::error::CopyError;
pub use copy::{BATCH, Copied, CopyProgress, CopyStep, copy};
pub use postgres::{Migrated, PostgresAddress, PostgresSettings, PostgresStore};
pub use sqlite::SqliteStore;
pub use sqlite::hold::{FileHold, HoldError, check_not_copied};
