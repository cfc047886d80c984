//! Connections for reading. A read takes one and gives it back, so there are as many as there have
//! been reads at the same moment: about one per thread of the runtime, and one per listing.

use super::{connect, full, unavailable};
use crate::rows::{Cell, Columns, Parsed, Row};
use crate::statement::Query;
use poolkeeper_pool::error::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// One for each listing at a time: half as many as processors, so that the others are left for
    /// look-ups.
    places: Semaphore,
    /// Whether the disk had no space when the file was opened, nor at any read since.
    is_full: AtomicBool,
}

impl Readers {
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let first = connect::reader(&path)?;
        Ok(Self { idle: Mutex::new(vec![first]), ..Self::without_connections(path, false) })
    }

    /// Reads the file as it stands until there is space.
    pub(super) fn of_a_full_disk(path: PathBuf) -> Self {
        Self::without_connections(path, true)
    }

    fn without_connections(path: PathBuf, is_full: bool) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let places = Semaphore::new((processors / 2).max(1));
        Self { path, idle: Mutex::default(), places, is_full: AtomicBool::new(is_full) }
    }

    /// Runs what may take long. It keeps the caller's thread, and the runtime goes on with another one.
    /// If all places are taken, it waits for its turn.
    pub(super) async fn apart<T>(&self, read: impl FnOnce() -> T) -> T {
        // It is never closed, so that there is a place.
        let _place = self.places.acquire().await;
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => task::block_in_place(read),
            // A runtime of one thread has no other.
            _ => read(),
        }
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        query: &Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.with_connection(|connection| {
            let mut statement = connection.prepare_cached(query.sql).map_err(unavailable)?;
            let parameters = params_from_iter(&query.parameters);
            let mut rows = statement.query(parameters).map_err(unavailable)?;
            let mut parsed = Vec::new();
            while let Some(row) = rows.next().map_err(unavailable)? {
                parsed.push(parse(&mut Row::new(query.table, row))?);
            }
            Ok(parsed)
        })
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn with_connection<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.is_full.load(Ordering::Acquire) {
            if full::is_full(&self.path) {
                return read(&connect::as_it_stands(&self.path)?);
            }
            self.is_full.store(false, Ordering::Release);
        }
        let idle = self.idle().pop();
        let connection = idle.map_or_else(|| connect::reader(&self.path), Ok)?;
        let result = read(&connection);
        // After a failure of the database the next read shall start afresh.
        if !matches!(result, Err(StoreError::Unavailable(_))) {
            self.idle().push(connection);
        }
        result
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Columns for rusqlite::Row<'_> {
    fn cell(&self, index: usize) -> Option<Cell<'_>> {
        match self.get_ref(index).ok()? {
            ValueRef::Null => Some(Cell::Null),
            ValueRef::Integer(integer) => Some(Cell::Integer(integer)),
            ValueRef::Text(text) => str::from_utf8(text).ok().map(|text| Cell::Text(text.into())),
            ValueRef::Blob(bytes) => Some(Cell::Blob(bytes)),
            ValueRef::Real(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::tests::migrated;
    use super::*;
    use crate::database::Database as _;
    use crate::statement::Effort;
    use std::pin::pin;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;
    use tempfile::TempDir;
    use tokio::sync::Notify;

    fn opened() -> (TempDir, Arc<SqliteStore>) {
        let (folder, connection) = migrated();
        drop(connection);
        let store = SqliteStore::open(&folder.path().join("pool.db")).unwrap();
        (folder, Arc::new(store))
    }

    /// Reads one row, and looks at it like this.
    async fn read(store: &SqliteStore, effort: Effort, look: impl Fn() -> bool + Send) -> bool {
        let query = Query { table: "none", sql: "SELECT 1", effort, parameters: Vec::new() };
        store.0.all(query, move |_| Ok(look())).await.unwrap() == [true]
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_lookup_does_not_wait_for_a_listing() {
        let (_folder, store) = opened();
        let begun = Arc::new(Notify::new());
        let (end, ended) = mpsc::channel();
        let listing = tokio::spawn({
            let (store, begun) = (Arc::clone(&store), Arc::clone(&begun));
            async move {
                let look = move || {
                    begun.notify_one();
                    ended.recv_timeout(Duration::from_secs(10)).is_ok()
                };
                read(&store, Effort::Listing, look).await
            }
        });
        begun.notified().await;
        // On the only thread of the runtime, where the listing has begun.
        let lookup = tokio::spawn(async move { read(&store, Effort::Lookup, || true).await });
        assert!(lookup.await.unwrap());
        end.send(()).unwrap();
        assert!(listing.await.unwrap(), "the look-up waited for the listing");
    }

    #[tokio::test]
    async fn a_listing_waits_for_a_place() {
        let (_folder, store) = opened();
        let places = &store.0.readers.places;
        let taken = places.acquire_many(places.available_permits().try_into().unwrap()).await;
        let mut listing = pin!(read(&store, Effort::Listing, || true));
        tokio::select! {
            biased;
            _ = &mut listing => panic!("it has no place"),
            is_read = read(&store, Effort::Lookup, || true) => assert!(is_read),
        }
        drop(taken);
        assert!(listing.await);
    }
}
