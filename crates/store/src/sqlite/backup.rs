//! Copies of a database that is in use.

use super::{connect, unavailable};
use poolkeeper_pool::error::StoreError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{self, File};
use std::path::Path;

/// Copies a database into a new file, as it is at one moment. Whoever uses it goes on meanwhile.
/// When this returns, the copy is durable, and SQLite has found it sound.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |what: &str, error: std::io::Error| {
        StoreError::Unavailable(format!("{} cannot be {what}: {error}", to.display()))
    };
    if to.exists() {
        return Err(StoreError::Unavailable(format!("{} already exists", to.display())));
    }
    let source = connect::reader(from)?;
    let version: i64 =
        source.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unavailable)?;
    if version < 1 {
        return Err(StoreError::Unavailable("it is not a database of Poolkeeper".to_owned()));
    }
    // Under another name until it is complete.
    let draft = to.with_added_extension("part");
    fs::remove_file(&draft).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(failed("written", error)),
    })?;
    connect::create_file(&draft)?;
    fill(&source, &draft)?;
    File::open(&draft).and_then(|file| file.sync_all()).map_err(|error| failed("kept", error))?;
    fs::rename(&draft, to).map_err(|error| failed("written", error))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")));
    folder.and_then(|folder| folder.sync_all()).map_err(|error| failed("kept", error))
}

/// How many rows each table has, by name. A file that nobody writes to needs no log beside it, and
/// gets none.
pub(super) fn count_rows(path: &Path) -> Result<Vec<(String, i64)>, StoreError> {
    let connection = connect::reader(path)?;
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut names = connection.prepare(names).map_err(unavailable)?;
    let names = names.query_map([], |row| row.get::<_, String>(0)).map_err(unavailable)?;
    let mut counts = Vec::new();
    for name in names {
        let name = name.map_err(unavailable)?;
        let quoted = name.replace('"', "\"\"");
        let count = format!("SELECT COUNT(*) FROM \"{quoted}\"");
        let count = connection.query_row(&count, [], |row| row.get(0)).map_err(unavailable)?;
        counts.push((name, count));
    }
    Ok(counts)
}

/// All pages in one step: in several, every commit in between would have it begin again.
fn fill(source: &Connection, draft: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open(draft).map_err(unavailable)?;
    let step = Backup::new(source, &mut copy).and_then(|backup| backup.step(-1));
    if !matches!(step.map_err(unavailable)?, StepResult::Done) {
        return Err(StoreError::Unavailable("the database is busy: try again".to_owned()));
    }
    // A backup is one file: no log beside it.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(unavailable)?;
    let found: String =
        copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(unavailable)?;
    if found == "ok" {
        Ok(())
    } else {
        Err(StoreError::Unavailable(format!("it is damaged: {found}")))
    }
}
