//! The program: see the library for what it does.

use clap::Parser as _;
use poolkeeper::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run()
}
