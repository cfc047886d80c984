//! An SQLite file.

mod backup;
mod checkpoint;
mod connect;
pub(crate) mod copying;
mod full;
pub(crate) mod hold;
pub(crate) mod migrations;
mod readers;
mod writer;

use crate::database::Database;
use crate::rows::{Parsed, Row};
use crate::statement::{Effort, Query, Statement};
use crate::store::SqlStore;
use checkpoint::Checkpoints;
use poolkeeper_pool::error::{CommitError, StoreError};
use readers::Readers;
use std::path::Path;
use tokio::sync::oneshot;
use writer::{Job, Writer};

/// Takes free pages away from the end of the file: a megabyte, which holds up other commits as little as
/// a portion of a sweep.
const SHRINK: &str = "PRAGMA incremental_vacuum(256)";
const FREE_PAGES: &str =
    "SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count";
/// Pages that stay free for new records.
const MOST_FREE: i64 = 4096;

/// Keeps the records in one SQLite file. It is meant to be opened once and shared; other processes
/// may use the file at the same time.
///
/// Dropping it waits until what was handed in for commit is done.
pub type SqliteStore = SqlStore<Sqlite>;

/// An SQLite file.
pub struct Sqlite {
    readers: Readers,
    /// Taken out only when the store is dropped.
    writer: Option<Writer>,
}

impl SqliteStore {
    /// Opens a database, creates it if there is none, and brings its schema up to date. Fails on
    /// one that a newer release has brought up to date already.
    ///
    /// If the disk has no space for that, one that is up to date is opened all the same: it is read,
    /// commits fail, and all is well again once there is space.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match Self::open_whole(path) {
            Err(error) if full::is_full(path) => {
                if !migrations::is_up_to_date(&connect::as_it_stands(path)?)? {
                    return Err(error);
                }
                tracing::error!(%error, "the disk is full: reads are served, writes wait for space");
                let readers = Readers::of_a_full_disk(path.to_owned());
                let writer = Some(Writer::of_a_full_disk(path.to_owned())?);
                Ok(Self(Sqlite { readers, writer }))
            }
            outcome => outcome,
        }
    }

    fn open_whole(path: &Path) -> Result<Self, StoreError> {
        connect::create_file(path)?;
        let mut connection = connect::writer(path)?;
        migrations::apply(&mut connection)?;
        // A process that was killed has left its log; it shall not grow over several such ends. On a
        // disk without space it may have to wait.
        if let Err(error) = checkpoint::run(&connection, "TRUNCATE")
            && !full::is_full(path)
        {
            return Err(error);
        }
        let checkpoints = Checkpoints::start(connect::writer(path)?)?;
        let readers = Readers::open(path.to_owned())?;
        let writer = Some(Writer::start(connection, checkpoints)?);
        Ok(Self(Sqlite { readers, writer }))
    }

    /// How many rows each table of a database file has, by name. Nothing is changed.
    pub fn count_rows(path: &Path) -> Result<Vec<(String, i64)>, StoreError> {
        backup::count_rows(path)
    }

    /// Copies a database into a new file, as it is at one moment, and has SQLite look whether the
    /// copy is sound. Whoever uses the database goes on meanwhile. Fails if the new file exists.
    pub fn back_up(from: &Path, to: &Path) -> Result<(), StoreError> {
        backup::copy(from, to)
    }
}

impl Database for Sqlite {
    const IS_SHARED: bool = false;

    /// Looks up on the caller's thread: it takes a few microseconds.
    async fn all<T: Send>(
        &self,
        query: Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Parsed<Vec<T>> {
        match query.effort {
            Effort::Lookup => self.readers.all(&query, parse),
            Effort::Listing => self.readers.apart(|| self.readers.all(&query, parse)).await,
        }
    }

    async fn commit(&self, changes: Vec<Vec<Statement>>) -> Result<Vec<u64>, CommitError> {
        let ended = || StoreError::Unavailable("the writer thread has ended".to_owned());
        let (answer, answered) = oneshot::channel();
        let writer = self.writer.as_ref().ok_or_else(ended)?;
        writer.queue.send(Job { changes, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Does nothing while so little is free that new records soon take it, and nothing at all in a file
    /// that an earlier release has made.
    async fn shrink(&self) -> Result<bool, StoreError> {
        let (table, effort) = ("pragma_freelist_count", Effort::Lookup);
        let query = Query { table, sql: FREE_PAGES, effort, parameters: Vec::new() };
        let counts =
            self.readers.all(&query, |row| Ok((row.integer("free")?, row.integer("all")?)));
        if !counts?.first().is_some_and(|(free, all)| *free > MOST_FREE && *free > all / 8) {
            return Ok(false);
        }
        match self.commit(vec![vec![Statement::unguarded(SHRINK, Vec::new())]]).await {
            Ok(pages) => Ok(pages != [0]),
            Err(CommitError::Store(error)) => Err(error),
            Err(CommitError::Refused(_)) => Ok(false),
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The connection closed last must be one that can write, or the log stays behind.
        self.readers.close();
        let Some(Writer { queue, thread }) = self.writer.take() else { return };
        drop(queue);
        if thread.join().is_err() {
            tracing::error!("the writer thread has failed");
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn unavailable(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[cfg(test)]
pub(crate) mod tests;
