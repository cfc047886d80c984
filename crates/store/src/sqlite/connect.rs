//! Opening connections.

use super::unavailable;
use crate::sql::{self, removal};
use poolkeeper_pool::error::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// Another process, such as a command of the operator's, may hold the database for a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// Creates the database file, unless it exists, for nobody but its owner. SQLite gives the files
/// beside it the same permissions.
pub(super) fn create_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened.map(drop).map_err(|error| {
        StoreError::Unavailable(format!("cannot open {}: {error}", path.display()))
    })
}

/// The connection that writes, also the kind that copies the log into the database.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Of a file that has pages it would change nothing, but take the lock and write one.
    let pages: i64 =
        connection.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(unavailable)?;
    if pages == 0 {
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL").map_err(unavailable)?;
    }
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(unavailable)?;
    if mode != "wal" {
        let reason = "the file system does not allow write-ahead logging".to_owned();
        return Err(StoreError::Unavailable(reason));
    }
    connection.execute_batch(WRITER_SETTINGS).map_err(unavailable)?;
    Ok(connection)
}

/// FULL and `fullfsync` make a commit wait until the log is on the medium itself. Checkpoints are
/// made elsewhere, see `checkpoint`. A log that a reader once kept from being reused shrinks back.
/// The cache survives this connection's own commits, and inserts by random key profit from it.
const WRITER_SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -65536;
    PRAGMA trusted_schema = OFF;
";

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF").map_err(unavailable)?;
    Ok(connection)
}

/// A connection to a file that nobody can write to, without a log and its index. Where there is a log
/// the file alone is not the database.
pub(super) fn as_it_stands(path: &Path) -> Result<Connection, StoreError> {
    let log = path.with_file_name({
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push("-wal");
        name
    });
    if log.metadata().is_ok_and(|log| log.len() > 0) {
        let reason = "the disk is full, and the log cannot be read without an index".to_owned();
        return Err(StoreError::Unavailable(reason));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let text = path.to_str().unwrap_or_default();
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let connection = open(Path::new(&format!("file:{escaped}?immutable=1")), flags)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF").map_err(unavailable)?;
    Ok(connection)
}

/// A connection that has the file for itself, to read it as it is. Every connection that is open
/// shares a lock on a file with a log; with `EXCLUSIVE` before the first read, SQLite takes this lock
/// alone. So it fails at once while anybody else has the file open, and keeps others out afterwards.
pub(super) fn alone(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;
         PRAGMA query_only = ON",
    )?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    // A connection is never used by two threads at a time, so SQLite need not lock it.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unavailable)?;
    connection.busy_timeout(PATIENCE).map_err(unavailable)?;
    connection.set_prepared_statement_cache_capacity(2 * (sql::ALL.len() + removal::ALL.len()));
    // Else a statement with a join is compiled anew at every use: returning it to the cache clears
    // its parameters, on which its plan might depend.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(unavailable)?;
    Ok(connection)
}
