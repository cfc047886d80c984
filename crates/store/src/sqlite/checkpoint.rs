//! Checkpoints: copying the write-ahead log into the database, so that the log can start over.
//!
//! The bulk is copied by a thread of its own while commits go on. But a log under constant writes
//! is never copied to its end that way, so the writer copies the rest itself, between two commits:
//! few pages, and its next commit finds the log done with and starts it over.

use super::unavailable;
use poolkeeper_pool::error::StoreError;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Rows written between two checkpoints: a log of up to some 40 MB.
const ROWS_BETWEEN: usize = 2_000;

pub(super) struct Checkpoints {
    wake: SyncSender<()>,
    bulk_copied: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    rows: usize,
}

impl Checkpoints {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        // Without a buffer, waking succeeds only while the thread waits.
        let (wake, woken) = sync_channel(0);
        let bulk_copied = Arc::new(AtomicBool::new(false));
        let copied = Arc::clone(&bulk_copied);
        let thread = thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || copy_when_woken(&connection, &woken, &copied))
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self { wake, bulk_copied, thread, rows: 0 })
    }

    /// To be called by the writer after each transaction.
    pub(super) fn wrote(&mut self, rows: usize, writer: &Connection) {
        if self.bulk_copied.swap(false, Ordering::Relaxed) {
            report(run(writer, "PASSIVE"));
        }
        self.rows = self.rows.saturating_add(rows);
        if self.rows >= ROWS_BETWEEN && self.wake.try_send(()).is_ok() {
            self.rows = 0;
        }
    }

    /// Ends the thread and leaves an empty log behind.
    pub(super) fn finish(self, writer: &Connection) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the checkpoint thread has failed");
        }
        report(run(writer, "TRUNCATE"));
    }
}

fn copy_when_woken(connection: &Connection, woken: &Receiver<()>, bulk_copied: &AtomicBool) {
    for () in woken {
        report(run(connection, "PASSIVE"));
        bulk_copied.store(true, Ordering::Relaxed);
    }
}

/// Copies what no reader holds back.
pub(super) fn run(connection: &Connection, mode: &str) -> Result<(), StoreError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    connection.query_row(&sql, [], |_| Ok(())).map_err(unavailable)
}

/// A checkpoint that fails loses nothing: the log keeps growing, and the next one copies it.
fn report(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a checkpoint of the database has failed");
    }
}
