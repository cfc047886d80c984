//! `poolkeeper migrate`: brings the schema of the database up to date.

use super::Failure;
use crate::config::Config;
use crate::wire;
use anyhow::Context as _;
use clap::Args;
use poolkeeper_store::{PostgresStore, SqliteStore, check_not_copied};
use std::io::Write;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// Updates the database schema. On PostgreSQL, servers of the previous release can keep running.
/// `serve` also updates the schema of a database file.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
}

impl Migrate {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        let Some(postgres) = &config.database else {
            return file(&config, out);
        };
        let settings = wire::postgres_settings(postgres)?;
        let migrated = Runtime::new()?.block_on(PostgresStore::migrate(&settings));
        let migrated = migrated.context("cannot update the database")?;
        let (from, to) = (migrated.from, migrated.to);
        match from {
            _ if from == to => writeln!(out, "the schema has version {to}: nothing to do")?,
            0 => writeln!(out, "the schema was created: version {to}")?,
            _ => writeln!(out, "the schema was updated from version {from} to {to}")?,
        }
        Ok(())
    }
}

fn file(config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    wire::make_folder(&config.data)?;
    let path = wire::database_file(config).unwrap_or_default();
    check_not_copied(&path).map_err(anyhow::Error::from)?;
    SqliteStore::open(&path)
        .with_context(|| format!("cannot open the database {}", path.display()))?;
    writeln!(out, "{} is up to date", path.display())?;
    Ok(())
}
