//! The commands, one file each.

mod amazon;
mod backup;
mod bench;
mod config;
mod copy;
mod database;
mod dev;
mod keys;
mod master_key;
mod migrate;
mod openapi;
mod operations;
mod outbox;
mod partner;
mod permission;
mod restore;
mod serve;
mod sum;
mod tenant;
mod user;

use crate::master_key::MasterKeyError;
use clap::{Parser, Subcommand, ValueEnum};
use poolkeeper_pool::crypto::master_keys::MasterKeyProblem;
use poolkeeper_pool::{Error, Refusal};
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// What is logged, unless `POOLKEEPER_LOG` or `RUST_LOG` says otherwise.
const DEFAULT_LOG: &str = "info";

/// A sign-in server that speaks Amazon Cognito's protocol and three sign-in APIs, with its own user
/// pools.
#[derive(Debug, Parser)]
#[command(name = "poolkeeper", version)]
pub struct Cli {
    /// Format of the log. `POOLKEEPER_LOG` or `RUST_LOG` sets the log level, e.g. `debug`; the
    /// default is `info`.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::Dev),
    Serve(serve::Serve),
    Config(config::Config),
    Amazon(amazon::AmazonCommand),
    Operations(operations::Operations),
    Openapi(openapi::OpenApi),
    Keys(keys::Keys),
    MasterKey(master_key::MasterKeyCommand),
    Outbox(outbox::Outbox),
    Partner(partner::PartnerCommand),
    Permission(permission::Permission),
    Tenant(tenant::Tenant),
    User(user::User),
    Migrate(migrate::Migrate),
    Bench(bench::Bench),
    Backup(backup::Backup),
    Copy(copy::Copy),
    Restore(restore::Restore),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The command line or the configuration is wrong: the same command will never succeed.
    #[error("{0}")]
    Usage(String),
    /// Something went wrong on the way.
    #[error("{0:#}")]
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    /// A wrong master key is a mistake of the configuration, wherever it shows.
    fn from(error: anyhow::Error) -> Self {
        let is_of_the_key = match error.downcast_ref::<MasterKeyProblem>() {
            Some(MasterKeyProblem::Wrong | MasterKeyProblem::Unfinished) => true,
            Some(_) => false,
            None => error.is::<MasterKeyError>(),
        };
        if is_of_the_key { Self::Usage(format!("{error:#}")) } else { Self::Failed(error) }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure {
    /// 2 as for mistakes that the argument parser finds, 1 for all others.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let outcome = start_log(self.log_format).and_then(|()| self.command.run());
        let Err(failure) = outcome else { return ExitCode::SUCCESS };
        // There is nobody left to tell if this fails.
        writeln!(io::stderr().lock(), "{failure}").ok();
        failure.exit_code()
    }
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Dev(command) => command.run(&mut io::stdout()),
            Self::Serve(command) => command.run(),
            Self::Config(command) => command.run(&mut io::stdout().lock()),
            Self::Amazon(command) => command.run(&mut io::stdout().lock()),
            Self::Operations(command) => command.run(&mut io::stdout().lock()),
            Self::Openapi(command) => command.run(&mut io::stdout().lock()),
            Self::Keys(command) => command.run(&mut io::stdout().lock()),
            Self::MasterKey(command) => command.run(&mut io::stdout().lock()),
            Self::Outbox(command) => command.run(&mut io::stdout().lock()),
            Self::Partner(command) => command.run(&mut io::stdout().lock()),
            Self::Permission(command) => command.run(&mut io::stdout().lock()),
            Self::Tenant(command) => command.run(&mut io::stdout().lock()),
            Self::User(command) => command.run(&mut io::stdout().lock()),
            Self::Migrate(command) => command.run(&mut io::stdout().lock()),
            Self::Bench(command) => command.run(&mut io::stdout().lock()),
            Self::Copy(command) => command.run(&mut io::stdout().lock()),
            Self::Backup(command) => command.run(&mut io::stdout().lock()),
            Self::Restore(command) => command.run(&mut io::stdout().lock()),
        }
    }
}

/// What the engine refuses is a matter of the command line: the same command will not succeed.
fn told(error: Error) -> Failure {
    match error {
        Error::Refused(refusal) => Failure::Usage(format!("{refusal}{}", advice(&refusal))),
        fault @ Error::Fault(_) => Failure::Failed(fault.into()),
    }
}

/// What to do about a refusal, if it may be only that the server has not been started yet.
const fn advice(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::PoolNotFound(_) | Refusal::ClientNotFound(_) => {
            ": if the configuration file declares it, start the server with that file once, which \
             creates it"
        }
        _ => "",
    }
}

fn start_log(format: LogFormat) -> Result<(), Failure> {
    let variable = ["POOLKEEPER_LOG", "RUST_LOG"].into_iter().find_map(|name| {
        std::env::var(name).ok().filter(|text| !text.is_empty()).map(|text| (name, text))
    });
    let (name, filter) = variable.unwrap_or(("", DEFAULT_LOG.to_owned()));
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::Usage(format!("{name} is not a log filter: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// `poolkeeper serve` too looks for the file that all other commands look for.
    #[test]
    fn every_command_finds_the_same_configuration_file() {
        let served = Cli::try_parse_from(["poolkeeper", "serve"]).unwrap();
        let served = format!("{:?}", served.command);
        assert!(served.contains("\"poolkeeper.toml\""), "{served}");
    }

    #[test]
    fn what_the_next_start_creates_comes_with_that_advice() {
        let told = |refusal: Refusal| told(refusal.into()).to_string();
        let advice = ": if the configuration file declares it, start the server with that file once, \
                      which creates it";
        let missing = Refusal::PoolNotFound("us-east-1_a".into());
        assert_eq!(told(missing), format!("there is no user pool us-east-1_a{advice}"));
        let missing = Refusal::ClientNotFound("app".into());
        assert_eq!(told(missing), format!("there is no app client app{advice}"));
        // The start creates no groups in pools at Amazon.
        let missing = Refusal::GroupNotFound("admin".into());
        assert_eq!(told(missing), "there is no group admin");
        assert_eq!(told(Refusal::UsernameExists), "the username is taken");
    }

    #[test]
    fn mistakes_and_failures_have_different_exit_codes() {
        assert_eq!(Failure::Usage(String::new()).exit_code(), ExitCode::from(2));
        assert_eq!(Failure::from(io::Error::other("disk")).exit_code(), ExitCode::from(1));
        let nested = anyhow::anyhow!("no space").context("the database cannot be opened");
        let shown = Failure::from(nested).to_string();
        assert_eq!(shown, "the database cannot be opened: no space");
    }
}
