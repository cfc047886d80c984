//! `poolkeeper dev`: everything at once, to try it out.

use super::Failure;
use super::serve::block_on;
use crate::demo::{self, DevOptions};
use clap::Args;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Runs a server with demo pools, users and keys, on this machine only. It needs no configuration.
#[derive(Debug, Args)]
pub(super) struct Dev {
    /// Folder for the database and the keys. It is created if it does not exist.
    #[arg(long, value_name = "DIR", default_value = "./poolkeeper-data")]
    data: PathBuf,
    /// Address to listen on. It must be a loopback address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The portal API asks users for the second factor that they have, as with `second_factors = true` in
    /// a configuration file. Otherwise they cannot sign in to it.
    #[arg(long, conflicts_with = "print_env")]
    second_factors: bool,
    /// Prints the shell commands that point AWS's tools at the demo running with this folder, and starts
    /// nothing: `eval "$(poolkeeper dev --print-env)"`.
    #[arg(long, conflicts_with = "listen")]
    print_env: bool,
}

impl Dev {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        if self.print_env {
            out.write_all(demo::environment(&self.data)?.as_bytes())?;
            return Ok(());
        }
        let options = self.options()?;
        block_on(demo::run(options))
    }

    fn options(self) -> Result<DevOptions, Failure> {
        let Self { data, listen, second_factors, .. } = self;
        if !listen.ip().is_loopback() {
            return Err(Failure::Usage(format!(
                "{listen} can be reached from other machines, and everyone knows the passwords of \
                 the demo: use 127.0.0.1 or [::1] here, and `poolkeeper serve` for other machines"
            )));
        }
        Ok(DevOptions { data, listen, second_factors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn options(arguments: &[&str]) -> Result<DevOptions, Failure> {
        let line = ["poolkeeper", "dev"].iter().chain(arguments);
        match Cli::try_parse_from(line).unwrap().command {
            Command::Dev(dev) => dev.options(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_listens_on_this_machine_by_default() {
        let options = options(&[]).unwrap();
        assert_eq!(options.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(options.data, PathBuf::from("./poolkeeper-data"));
        assert!(
            !options.second_factors && self::options(&["--second-factors"]).unwrap().second_factors
        );
    }

    #[test]
    fn it_refuses_addresses_that_others_can_reach() {
        for listen in ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080"] {
            let refused = options(&["--listen", listen]).unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!(
                    "{listen} can be reached from other machines, and everyone knows the \
                     passwords of the demo: use 127.0.0.1 or [::1] here, and `poolkeeper serve` \
                     for other machines"
                )
            );
            assert!(matches!(refused, Failure::Usage(_)));
        }
        for listen in ["[::1]:8080", "127.0.0.2:0"] {
            assert!(options(&["--listen", listen]).is_ok(), "{listen}");
        }
    }
}
