//! `poolkeeper operations`: the operations of Cognito's protocol.

use super::Failure;
use clap::Args;
use poolkeeper_cognito_api::{Auth, Operation};
use std::io::Write;

/// Lists the operations of Cognito's protocol, and which of them need an access key.
#[derive(Debug, Args)]
pub(super) struct Operations {}

impl Operations {
    #[expect(clippy::unused_self, reason = "every command runs alike, with options or without")]
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        for operation in Operation::ALL {
            let caller = match operation.auth() {
                Auth::SigV4 => "access key",
                Auth::None => "anyone",
            };
            writeln!(out, "{:<40} {caller}", operation.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_line() {
        let mut out = Vec::new();
        Operations {}.run(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), Operation::ALL.len());
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("AdminCreateUser ").ends_with(" access key"));
        assert!(line("InitiateAuth ").ends_with(" anyone"));
    }
}
