//! The engine's [`Store`] port over embedded SQLite.
//!
//! Reads run on the caller's thread, a few microseconds each. Writes go to one thread that commits
//! all that is waiting in one durable transaction, so that many callers share the cost of a sync.
//! A commit is answered after it is durable, and every read that begins after the answer sees it.
//!
//! [`Store`]: poolkeeper_pool::ports::Store

mod changes;
mod database;
mod listing;
mod rows;
mod sql;
mod sqlite;
mod statement;
mod store;

pub use sqlite::SqliteStore;
