//! What an engine has to do for the store.

use crate::rows::{Parsed, Row};
use crate::statement::{Query, Statement};
use poolkeeper_pool::error::{CommitError, StoreError};

/// A database that runs the texts of `sql`. It cannot be named, and so not implemented, outside.
pub trait Database: Send + Sync + 'static {
    /// Whether other processes may use the database at the same time.
    const IS_SHARED: bool;

    /// All rows of a query, parsed. It sees every commit that was answered before.
    fn all<T: Send>(
        &self,
        query: Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> impl Future<Output = Parsed<Vec<T>>> + Send;

    /// Runs the statements of a list of changes in one transaction, none of them if one finds fewer
    /// rows than it must. When this returns, they are durable. It runs to its end even if nobody
    /// waits for the answer any more. Says how many rows each statement has changed or found.
    fn commit(
        &self,
        changes: Vec<Vec<Statement>>,
    ) -> impl Future<Output = Result<Vec<u64>, CommitError>> + Send;

    /// Gives space that records no longer take up back to the system, a portion of it. Whether more is
    /// left.
    fn shrink(&self) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
