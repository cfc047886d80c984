//! A disk without space. A log needs some, and so does the index of a log, so that SQLite would not even
//! read: then the file is read as it stands, and whether there is space by now is looked at each time.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// More than the index of a log has in the beginning.
const NEEDED: usize = 1 << 16;

/// Whether nothing can be written beside a file, though what is there can be read.
pub(super) fn is_full(file: &Path) -> bool {
    let probe = file.with_added_extension(format!("probe-{}", std::process::id()));
    let written = File::create(&probe).and_then(|mut file| {
        file.write_all(&vec![0; NEEDED])?;
        file.sync_all()
    });
    // One that was not made cannot be removed.
    let _ = fs::remove_file(&probe);
    let kinds = [
        ErrorKind::StorageFull,
        ErrorKind::QuotaExceeded,
        ErrorKind::FileTooLarge,
        ErrorKind::ReadOnlyFilesystem,
    ];
    written.is_err_and(|error| kinds.contains(&error.kind()))
}
