//! `poolkeeper operations`: the operations of Cognito's protocol.

mod differences;

use super::Failure;
use clap::Args;
use differences::known_difference;
use poolkeeper_cognito_api::{Auth, Kind, Operation};
use poolkeeper_faces::cognito::is_offered;
use std::io::Write;

/// What stands before the table in `docs/operations.md`.
const INTRODUCTION: &str = "\
# Operations of Amazon Cognito's protocol

Every operation that Cognito's protocol has, who may call it, and whether this release carries it
out. One that is not offered answers `UnknownOperationException` to whoever may call it. The last
column says where an operation knowingly differs from Cognito.

| caller | proves itself by |
|---|---|
| access key | a signature of the request (AWS Signature Version 4) |
| access token | the `AccessToken` in the request: users who act on themselves |
| access token or session | either, since it is also a step of signing in |
| anyone | nothing but what the operation itself asks for, such as a password or a code |

This page is generated. When a test says that it is out of date, write it again:

    cargo run -- operations --markdown > docs/operations.md

";

/// Lists the operations of Cognito's protocol, who may call them, and which are offered.
#[derive(Debug, Args)]
pub(super) struct Operations {
    /// Prints the page `docs/operations.md` instead.
    #[arg(long)]
    markdown: bool,
}

impl Operations {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        if self.markdown { page(out) } else { list(out) }
    }
}

fn list(out: &mut impl Write) -> Result<(), Failure> {
    for &operation in Operation::ALL {
        let (name, caller) = (operation.name(), caller(operation));
        writeln!(out, "{name:<42} {caller:<24} {}", status(operation))?;
    }
    writeln!(out, "{}", count())?;
    Ok(())
}

fn page(out: &mut impl Write) -> Result<(), Failure> {
    write!(out, "{INTRODUCTION}{}:\n\n", count())?;
    writeln!(out, "| operation | caller | status | known difference |\n|---|---|---|---|")?;
    for &operation in Operation::ALL {
        let (name, caller) = (operation.name(), caller(operation));
        // An operation that is not offered differs in all it does.
        let difference = known_difference(operation).filter(|_| is_offered(operation));
        let (status, difference) = (status(operation), difference.unwrap_or_default());
        writeln!(out, "| `{name}` | {caller} | {status} | {difference} |")?;
    }
    Ok(())
}

fn caller(operation: Operation) -> &'static str {
    match operation.auth() {
        Auth::SigV4 => "access key",
        Auth::None if takes(operation, "AccessToken") && takes(operation, "Session") => {
            "access token or session"
        }
        Auth::None if takes(operation, "AccessToken") => "access token",
        Auth::None => "anyone",
    }
}

/// Whether a request has this member, required or not.
fn takes(operation: Operation, name: &str) -> bool {
    match operation.input().kind {
        Kind::Structure(members) => members.iter().any(|member| member.name == name),
        _ => false,
    }
}

fn status(operation: Operation) -> &'static str {
    if is_offered(operation) { "offered" } else { "not offered" }
}

fn count() -> String {
    let offered = Operation::ALL.iter().filter(|operation| is_offered(**operation)).count();
    format!("{offered} of {} operations are offered", Operation::ALL.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(markdown: bool) -> String {
        let mut out = Vec::new();
        Operations { markdown }.run(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn line<'a>(text: &'a str, name: &str) -> &'a str {
        let of_this = |line: &&str| line.split(' ').next() == Some(name);
        text.lines().find(of_this).unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn every_operation_has_a_line_and_the_last_line_counts_them() {
        let text = print(false);
        let lines: Vec<_> = text.lines().collect();
        let (last, rows) = lines.split_last().unwrap();
        assert_eq!(rows.len(), Operation::ALL.len());
        let offered = rows.iter().filter(|row| !row.ends_with(" not offered")).count();
        assert_eq!(*last, format!("{offered} of 141 operations are offered"));
    }

    #[test]
    fn a_line_says_who_may_call_and_whether_it_is_offered() {
        let text = print(false);
        let shown = [
            line(&text, "AdminCreateUser"),
            line(&text, "AssociateSoftwareToken"),
            line(&text, "GetDerivedToken"),
            line(&text, "GetUser"),
            line(&text, "InitiateAuth"),
        ];
        insta::assert_snapshot!(shown.join("\n"), @r"
        AdminCreateUser                            access key               offered
        AssociateSoftwareToken                     access token or session  offered
        GetDerivedToken                            access key               not offered
        GetUser                                    access token             offered
        InitiateAuth                               anyone                   offered
        ");
    }

    #[test]
    fn columns_are_wide_enough() {
        let text = print(false);
        let statuses: Vec<_> = Operation::ALL
            .iter()
            .map(|operation| {
                let line = line(&text, operation.name());
                line.strip_suffix(status(*operation)).unwrap().chars().count()
            })
            .collect();
        assert!(statuses.iter().all(|start| Some(start) == statuses.first()), "{text}");
    }

    #[test]
    fn the_page_in_docs_is_what_the_command_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            committed == print(true),
            "docs/operations.md is out of date: run \
             `cargo run -- operations --markdown > docs/operations.md`"
        );
    }
}
