//! `poolkeeper operations`: the operations of Cognito's protocol.

mod differences;

use super::Failure;
use clap::Args;
use differences::{Statement, known_differences};
use poolkeeper_cognito_api::{Auth, Kind, Operation};
use poolkeeper_faces::cognito::is_offered;
use std::io::Write;

/// What stands before the table in `docs/operations.md`. The table's last column comes from the run
/// of the real clients, which compares the page as a whole.
const INTRODUCTION: &str = "\
# Operations of Amazon Cognito's protocol

This page lists every operation of Cognito's protocol, who may call it, and whether this release
offers it. An operation that is not offered answers `UnknownOperationException` to callers who may
call it. Known differences from Cognito have a column of their own. Brackets say what Poolkeeper's
behaviour differs from: Amazon's page, or what somebody measured. `our decision` means that we found
neither. The last column names the unmodified clients that called the operation successfully in the
test run that generated this page.

| caller | proof |
|---|---|
| access key | a signature on the request (AWS Signature Version 4) |
| access token | the `AccessToken` in the request: users act on themselves |
| access token or session | either, since it is also a step of signing in |
| anyone | nothing but what the operation itself asks for, such as a password or a code |

This page is generated. When a test says that it is out of date, generate it again:

    ./scripts/test build clients -- --write-docs

";

/// Lists the operations of Cognito's protocol, who may call them, and which ones are supported.
#[derive(Debug, Args)]
pub(super) struct Operations {
    /// Prints the page `docs/operations.md`, without the column of clients that called each
    /// operation.
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
        let (status, differences) = (status(operation), differences(operation));
        writeln!(out, "| `{name}` | {caller} | {status} | {differences} |")?;
    }
    Ok(())
}

fn differences(operation: Operation) -> String {
    let statements: Vec<_> =
        known_differences(operation).iter().map(Statement::to_string).collect();
    statements.join(" ")
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
        assert_eq!(*last, format!("{offered} of 153 operations are offered"));
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

    /// The last column aside, which only the real clients can tell.
    #[test]
    fn the_page_in_docs_has_the_rows_that_the_command_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
        let committed = std::fs::read_to_string(path).unwrap();
        let without_callers = |row: &str| {
            let (row, _callers) = row.strip_suffix('|')?.rsplit_once('|')?;
            row.starts_with("| `").then(|| format!("{row}|"))
        };
        let committed: Vec<_> = committed.lines().filter_map(without_callers).collect();
        let printed = print(true);
        let printed: Vec<_> = printed.lines().filter(|line| line.starts_with("| `")).collect();
        assert!(
            committed == printed,
            "docs/operations.md is out of date: run `./scripts/test build clients -- --write-docs`"
        );
    }
}
