//! `poolkeeper amazon`: pools that live at Amazon.

#[cfg(feature = "aws")]
mod report;

use super::Failure;
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// Works with pools at Amazon Cognito.
#[derive(Debug, Args)]
pub(super) struct AmazonCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(Check),
}

/// Checks whether the pools at Amazon match the configuration file, and prints how to fix what does not.
/// Changes nothing.
#[derive(Debug, Args)]
struct Check {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl AmazonCommand {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let Action::Check(check) = self.action;
        check.run(out)
    }
}

#[cfg(not(feature = "aws"))]
impl Check {
    fn run(self, _: &mut impl Write) -> Result<(), Failure> {
        let Self { config: _, json: _ } = self;
        let missing = "this program was built without support for pools at Amazon";
        Err(Failure::Usage(missing.to_owned()))
    }
}

#[cfg(feature = "aws")]
impl Check {
    fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        use crate::config::Config;
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        if config.pools_at_amazon().next().is_none() {
            let file = self.config.display();
            return Err(Failure::Usage(format!("{file}: there is no pool with backend = \"aws\"")));
        }
        let pools = tokio::runtime::Runtime::new()?.block_on(report::checked(&config))?;
        if self.json {
            report::json(&pools, out)?;
        } else {
            report::text(&pools, out)?;
        }
        report::verdict(&pools)
    }
}

#[cfg(all(test, not(feature = "aws")))]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_support_says_so() {
        let check = Check { config: PathBuf::new(), json: false };
        let failure = AmazonCommand { action: Action::Check(check) }.run(&mut Vec::new());
        assert!(matches!(failure, Err(Failure::Usage(text)) if text.contains("without support")));
    }
}
