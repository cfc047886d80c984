use poolkeeper_pool::error::StoreError;
use std::io;
use std::path::PathBuf;

/// Why records were not copied, or not all of them.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Somebody else has the file open.
    #[error(
        "the source {} is in use: stop the server, and use no command on it until the copy is done",
        .0.display()
    )]
    InUse(PathBuf),
    /// The file cannot be read, or is of another release.
    #[error("the source {}: {problem}", .path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The database cannot be used.
    #[error("the destination cannot be used: {0}")]
    Destination(StoreError),
    /// Somebody copies to the same database at the same time.
    #[error("another copy to this destination is under way")]
    Busy,
    /// The database has been in use.
    #[error(
        "the destination holds records that are not from this copy (table {0}): copy to an empty database"
    )]
    NotEmpty(String),
    /// The database holds other records that were copied to it, or a part of them.
    #[error(
        "the destination holds a copy of other records (table {0}): the source has changed since \
         that copy began, or is a different database. Copy to an empty database"
    )]
    OtherSource(String),
    /// What arrived is not what was sent.
    #[error(
        "table {table} differs: {source_rows} rows in the source, {rows} in the destination, with \
         different contents. Servers refuse to start on the destination: copy to an empty database"
    )]
    Differs {
        /// The table.
        table: String,
        /// Rows in the file.
        source_rows: u64,
        /// Rows in the database.
        rows: u64,
    },
    /// The progress could not be told.
    #[error("cannot report the progress: {0}")]
    Report(io::Error),
}

// Neither is a source besides: whoever prints an error with all its sources would print it twice.
impl From<StoreError> for CopyError {
    fn from(error: StoreError) -> Self {
        Self::Destination(error)
    }
}

impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> Self {
        Self::Report(error)
    }
}
