//! What is noted beside a backup, so that its restoring can tell whether it is still what was backed
//! up: SQLite finds damage to its own structures and none to what is in them.

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest::{self, SHA256};
use data_encoding::HEXLOWER;
use poolkeeper_store::SqliteStore;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What a backup was when it was made.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    bytes: u64,
    /// Of the whole file, in lower-case hex.
    sha256: String,
    /// How many rows each table has.
    rows: BTreeMap<String, i64>,
}

impl Sum {
    /// Of a file as it is now.
    pub(super) fn of(backup: &Path) -> Result<Self> {
        let rows = SqliteStore::count_rows(backup)?.into_iter().collect();
        let (bytes, sha256) = hash(backup)?;
        Ok(Self { bytes, sha256, rows })
    }

    /// Writes it down beside the backup, durably.
    pub(super) fn note(&self, backup: &Path) -> Result<()> {
        let path = beside(backup);
        let text = serde_json::to_string_pretty(self)?;
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// Refuses a file that is not what was noted beside it.
    pub(super) fn check(backup: &Path) -> Result<()> {
        let path = beside(backup);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "cannot read {}; without it (--without-sum), nobody can tell whether the backup \
                 has changed",
                path.display()
            )
        })?;
        let noted: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a .sum file of a backup", path.display()))?;
        let backup_name = backup.display();
        let (bytes, sha256) = hash(backup)?;
        ensure!(
            bytes == noted.bytes,
            "{backup_name} has {bytes} bytes, but had {} when it was made",
            noted.bytes
        );
        ensure!(sha256 == noted.sha256, "{backup_name} has changed since it was made");
        let rows: BTreeMap<_, _> = SqliteStore::count_rows(backup)?.into_iter().collect();
        ensure!(
            rows == noted.rows,
            "{backup_name} does not have the rows that its .sum file lists"
        );
        Ok(())
    }
}

/// Where it is noted.
pub(super) fn beside(backup: &Path) -> PathBuf {
    backup.with_added_extension("sum")
}

fn hash(path: &Path) -> Result<(u64, String)> {
    let unreadable = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(unreadable)?;
    let (mut context, mut bytes) = (digest::Context::new(&SHA256), 0);
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut chunk).with_context(unreadable)?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else { break };
        context.update(part);
        bytes += u64::try_from(read)?;
    }
    Ok((bytes, HEXLOWER.encode(context.finish().as_ref())))
}
