//! Who may serve a file: one process at a time. And whether it is to be served at all.
//!
//! SQLite would let any number of processes in, and commands do work beside a server. Two servers
//! would each keep limits, keys and messages of their own. So a server holds a lock on a file beside
//! the database, which the operating system lets go when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Longest text read about who holds a file.
const MAX_TEXT: u64 = 200;

/// The right to serve a database file; held until it is dropped.
#[derive(Debug)]
pub struct FileHold(#[expect(dead_code, reason = "it is held")] File);

/// Why a file may not be served.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Somebody else holds it.
    #[error("the database {path} is in use by {by}: stop it first")]
    Held {
        /// The database.
        path: PathBuf,
        /// Who, as they wrote it.
        by: String,
    },
    /// Its records were copied elsewhere.
    #[error(
        "the records of {path} were copied to a PostgreSQL database, which replaces this file: \
         anything written here would be missing there. To use the file anyway, remove {mark}",
        path = .path.display(),
        mark = mark_of(.path).display()
    )]
    Copied {
        /// The database.
        path: PathBuf,
    },
    /// The lock cannot be taken.
    #[error("cannot lock the file {path}: {source}")]
    Io {
        /// The file that is locked.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl FileHold {
    /// Takes hold of a database file, which need not exist; `who` is told to whoever comes next.
    ///
    /// # Errors
    ///
    /// If another process holds it, or the lock file cannot be opened or locked.
    pub fn take(database: &Path, who: &str) -> Result<Self, HoldError> {
        let path = database.with_added_extension("lock");
        let failed = |source| HoldError::Io { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.create(true).read(true).write(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut by = String::new();
                // Whoever holds it may just be writing.
                let read = (&mut file).take(MAX_TEXT).read_to_string(&mut by);
                let by = by.lines().next().filter(|by| read.is_ok() && !by.is_empty());
                let by = by.unwrap_or("another process").to_owned();
                return Err(HoldError::Held { path: database.to_owned(), by });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // On a disk without space nobody can be told who; the lock holds all the same.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{who}"));
        Ok(Self(file))
    }
}

/// Refuses a database whose records were copied elsewhere.
///
/// # Errors
///
/// If the mark that a copy leaves is beside it.
pub fn check_not_copied(database: &Path) -> Result<(), HoldError> {
    if mark_of(database).exists() {
        return Err(HoldError::Copied { path: database.to_owned() });
    }
    Ok(())
}

/// Notes that the records of a database were copied elsewhere, so that nobody goes on with it by
/// mistake.
pub(crate) fn mark_copied(database: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    options.open(mark_of(database))?.sync_all()
}

fn mark_of(database: &Path) -> PathBuf {
    database.with_added_extension("copied")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_by_one_who_is_named_to_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let first = FileHold::take(&path, "serve, process 1").unwrap();
        let second = FileHold::take(&path, "serve, process 2").unwrap_err().to_string();
        let expected = "is in use by serve, process 1: stop it first";
        assert!(second.ends_with(expected), "{second}");
        drop(first);
        let _third = FileHold::take(&path, "copy").unwrap();
        let fourth = FileHold::take(&path, "serve").unwrap_err().to_string();
        assert!(fourth.ends_with("is in use by copy: stop it first"), "{fourth}");
    }

    #[test]
    fn a_copied_file_is_closed_until_its_mark_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        check_not_copied(&path).unwrap();
        mark_copied(&path).unwrap();
        let closed = check_not_copied(&path).unwrap_err().to_string();
        assert!(closed.ends_with("/test.db.copied"), "{closed}");
        std::fs::remove_file(mark_of(&path)).unwrap();
        check_not_copied(&path).unwrap();
    }
}
