//! `poolkeeper backup`: a copy of the database file.

use super::Failure;
use super::database::no_database;
use super::sum::Sum;
use crate::config::Config;
use crate::wire;
use anyhow::Context as _;
use clap::Args;
use poolkeeper_store::SqliteStore;
use std::io::Write;
use std::path::PathBuf;

/// Copies the database file while the server runs, and writes a description of the copy to
/// FILE.sum. The copy does not contain the master key: keep the two apart. Back up a PostgreSQL
/// database with its own tools.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
    /// Where to write the copy. The file must not exist.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        let path = file_of(&config)?;
        if !path.exists() {
            return Err(no_database(&path));
        }
        SqliteStore::back_up(&path, &self.to)
            .with_context(|| format!("cannot back up {}", path.display()))?;
        Sum::of(&self.to)?.note(&self.to)?;
        let bytes = self.to.metadata()?.len();
        writeln!(out, "wrote the backup {}: {bytes} bytes", self.to.display())?;
        Ok(())
    }
}

/// The database file, which a PostgreSQL database has none of.
pub(super) fn file_of(config: &Config) -> Result<PathBuf, Failure> {
    let none = "this is a PostgreSQL database: back it up and restore it with PostgreSQL's own \
                tools";
    wire::database_file(config).ok_or_else(|| Failure::Usage(none.to_owned()))
}
