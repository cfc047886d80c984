//! `poolkeeper copy`: from a database file to a PostgreSQL database.

use super::Failure;
use crate::config::Keeper;
use crate::system::SystemClock;
use clap::Args;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::system::Clock as _;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_store::{BATCH, CopyProgress, CopyStep, PostgresAddress, PostgresSettings, copy};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How often the progress is told.
const INTERVAL: Duration = Duration::from_secs(2);

/// Copies all records of a database file to an empty PostgreSQL database, and compares them. No
/// server may use either database in the meantime. If the copy is interrupted, run the same command
/// again to continue.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database file to copy from: `sqlite:PATH`.
    // Whoever gives a password all the same shall not read it in what is printed.
    #[arg(long, value_name = "ADDRESS")]
    from: Secret,
    /// The database to copy to, without a password: `postgres://user@host/database`.
    #[arg(long, value_name = "ADDRESS")]
    to: Secret,
    /// The file that holds the database's password.
    #[arg(long, value_name = "FILE", conflicts_with = "password_env")]
    password_file: Option<PathBuf>,
    /// The environment variable that holds the database's password.
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,
    /// Allows an unencrypted connection (`sslmode=disable`) across a network.
    #[arg(long)]
    allow_cleartext: bool,
}

impl Copy {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let from = self.source()?;
        let settings = self.settings()?;
        let mut told = Told { begun: SystemClock.now(), last: SystemClock.now() };
        let mut report = |progress: CopyProgress<'_>| {
            told.tell(&mut io::stderr().lock(), progress, SystemClock.now())
        };
        let copied = Runtime::new()?.block_on(copy(&from, &settings, BATCH, &mut report));
        let copied = copied.map_err(|error| Failure::Failed(error.into()))?;
        let done =
            if copied.before { "already copied and compared" } else { "copied and compared" };
        writeln!(out, "{done}: tables: {}, rows: {}", copied.tables, copied.rows)?;
        Ok(())
    }

    fn source(&self) -> Result<PathBuf, Failure> {
        let path = self.from.expose().strip_prefix("sqlite:").filter(|path| !path.is_empty());
        let wrong = "--from must be sqlite:PATH: only a database file can be copied";
        path.map(PathBuf::from).ok_or_else(|| Failure::Usage(wrong.to_owned()))
    }

    fn settings(&self) -> Result<PostgresSettings, Failure> {
        let address = PostgresAddress::parse(self.to.expose());
        let address = address.map_err(|problem| Failure::Usage(format!("--to: {problem}")))?;
        if address.has_password() {
            let wrong = "do not write the password in --to: name the file or the variable that \
                         holds it with --password-file or --password-env";
            return Err(Failure::Usage(wrong.to_owned()));
        }
        if address.is_cleartext() && !self.allow_cleartext {
            let wrong = "everything would cross the network unencrypted: remove sslmode=disable, \
                         or add --allow-cleartext if that network is yours";
            return Err(Failure::Usage(wrong.to_owned()));
        }
        let file = self.password_file.clone().map(Keeper::File);
        let keeper = file.or_else(|| self.password_env.clone().map(Keeper::Variable));
        let password = keeper.map(|keeper| keeper.read()).transpose().map_err(Failure::Usage)?;
        Ok(PostgresSettings {
            address,
            password,
            connections: 2,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_mins(5),
        })
    }
}

/// When the progress was told.
struct Told {
    begun: Timestamp,
    last: Timestamp,
}

impl Told {
    /// Tells the end of each table, and now and then how far it is.
    fn tell(
        &mut self,
        out: &mut impl Write,
        progress: CopyProgress<'_>,
        now: Timestamp,
    ) -> io::Result<()> {
        let CopyProgress { step, table, rows, of } = progress;
        if rows != of && now.since(self.last) < INTERVAL {
            return Ok(());
        }
        self.last = now;
        let what = match step {
            CopyStep::Read => "read",
            CopyStep::Copy => "copied",
            CopyStep::Compare => "compared",
        };
        let seconds = now.since(self.begun).as_secs();
        writeln!(out, "{table}: {what} {rows} of {of} rows, {seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;
    use insta::assert_snapshot;

    fn command(arguments: &[&str]) -> Copy {
        let line = ["poolkeeper", "copy"].iter().chain(arguments);
        match Cli::try_parse_from(line).unwrap().command {
            Command::Copy(command) => command,
            other => panic!("{other:?}"),
        }
    }

    /// Why a command line is wrong.
    fn mistake(from: &str, to: &str, more: &[&str]) -> String {
        let command = command(&[&["--from", from, "--to", to], more].concat());
        assert!(!format!("{command:?}").contains("hush"));
        match command.run(&mut Vec::new()).unwrap_err() {
            Failure::Usage(mistake) => mistake,
            Failure::Failed(error) => panic!("{error}"),
        }
    }

    #[test]
    fn mistakes_are_told_without_the_password() {
        let (file, far) = ("sqlite:data/poolkeeper.db", "postgres://pk@db.example.com/pk");
        for from in ["data/poolkeeper.db", "sqlite:", "postgres://pk:hush@db/pk"] {
            let wrong = "--from must be sqlite:PATH: only a database file can be copied";
            assert_eq!(mistake(from, far, &[]), wrong);
        }
        for to in ["sqlite:hush.db", "postgres://pk:hush@host:hush/pk"] {
            let wrong = "--to: not the address of a database: expected \
                postgres://user@host:port/database?sslmode=verify-full";
            assert_eq!(mistake(file, to, &[]), wrong);
        }
        for to in ["postgres://pk:hush@db/pk", "postgres://pk@db/pk?password=hush"] {
            let wrong = "do not write the password in --to: name the file or the variable that \
                holds it with --password-file or --password-env";
            assert_eq!(mistake(file, to, &[]), wrong);
        }
        let clear = format!("{far}?sslmode=disable");
        assert_snapshot!(mistake(file, &clear, &[]), @"everything would cross the network unencrypted: remove sslmode=disable, or add --allow-cleartext if that network is yours");
        let none = ["--allow-cleartext", "--password-env", "POOLKEEPER_TEST_NOT_SET"];
        assert_snapshot!(mistake(file, &clear, &none), @"the environment variable POOLKEEPER_TEST_NOT_SET is not set");
        assert_snapshot!(mistake(file, far, &["--password-file", "/no/file"]), @"/no/file cannot be read: No such file or directory (os error 2)");
    }

    #[test]
    fn the_end_of_each_table_is_told_and_now_and_then_how_far_it_is() {
        let at = Timestamp::from_millis;
        let mut told = Told { begun: at(0), last: at(0) };
        let mut out = Vec::new();
        let steps = [
            (CopyStep::Read, "turns", 7, 0),
            (CopyStep::Copy, "users", 1_000, 1_999),
            (CopyStep::Copy, "users", 1_500, 2_000),
            (CopyStep::Copy, "users", 2_000, 3_900),
            (CopyStep::Copy, "turns", 7, 3_900),
            (CopyStep::Compare, "users", 1_000, 5_899),
            (CopyStep::Compare, "users", 1_500, 5_900),
        ];
        for (step, table, rows, now) in steps {
            let of = if table == "turns" { 7 } else { 2_000 };
            told.tell(&mut out, CopyProgress { step, table, rows, of }, at(now)).unwrap();
        }
        assert_snapshot!(String::from_utf8(out).unwrap(), @"
        turns: read 7 of 7 rows, 0 s
        users: copied 1500 of 2000 rows, 2 s
        users: copied 2000 of 2000 rows, 3 s
        turns: copied 7 of 7 rows, 3 s
        users: compared 1500 of 2000 rows, 5 s
        ");
    }
}
