//! `poolkeeper serve`: the server as a configuration file describes it.

use super::Failure;
use crate::config::Config;
use crate::wire;
use clap::Args;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// Runs the server that the configuration file describes, until Ctrl-C or SIGTERM.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        block_on(wire::serve(config))
    }
}

/// Runs a server on as many threads as there are cores.
pub(super) fn block_on(server: impl Future<Output = anyhow::Result<()>>) -> Result<(), Failure> {
    Ok(Runtime::new()?.block_on(server)?)
}
