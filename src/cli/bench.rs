//! `poolkeeper bench`: how many users can sign in on this machine.

mod measure;
mod report;

use super::Failure;
use crate::config::Config;
use crate::workers::HashingSettings;
use clap::{Args, value_parser};
use report::{Peak, Report};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Measures this machine: how many users can sign in per second, how many users that is enough for,
/// and what stronger password hashes would cost. It keeps all hashing threads busy meanwhile, so do not
/// run it next to a busy server. It needs no database and no configuration file, and leaves nothing
/// behind.
#[derive(Debug, Args)]
pub(super) struct Bench {
    /// The configuration file, for its hashing settings and its database folder. Default:
    /// poolkeeper.toml if it exists; otherwise the default settings and the current folder.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG")]
    config: Option<PathBuf>,
    /// About how long to measure.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Percentage of the users who sign in during the busiest time.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = value_parser!(u32).range(1..=100))]
    peak_percent: u32,
    /// How long the busiest time is.
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = value_parser!(u32).range(1..=1440))]
    peak_minutes: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let subject = self.subject()?;
        let extent = Duration::from_secs(self.seconds);
        let measured = Runtime::new()?.block_on(measure::measure(&subject, extent))?;
        let peak = Peak { percent: self.peak_percent, minutes: self.peak_minutes };
        let report = Report::of(&measured, peak);
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &report).map_err(anyhow::Error::from)?;
            writeln!(out)?;
        } else {
            out.write_all(report.text().as_bytes())?;
        }
        Ok(())
    }

    /// What the configuration file says about what is measured, if there is one.
    fn subject(&self) -> Result<Subject, Failure> {
        let standard = Path::new("poolkeeper.toml");
        let file = self.config.as_deref().or_else(|| standard.exists().then_some(standard));
        let Some(file) = file else {
            let (hashing, folder) = (HashingSettings::default(), PathBuf::from("."));
            return Ok(Subject { hashing, folder: Some(folder) });
        };
        let config = Config::load(file).map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        let folder = config.database.is_none().then_some(config.data);
        Ok(Subject { hashing: config.hashing, folder })
    }
}

/// What is measured.
struct Subject {
    hashing: HashingSettings,
    /// Where the database is, if it is a file.
    folder: Option<PathBuf>,
}
