//! `poolkeeper config`: work on the configuration file.

use super::Failure;
use crate::{config, wire};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Checks the configuration file.
#[derive(Debug, Args)]
pub(super) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(Check),
}

/// Reports the mistakes in a configuration file, and where they are.
#[derive(Debug, Args)]
struct Check {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
    /// Skips the checks that the files and environment variables of secrets exist, and that the
    /// database folder is writable.
    #[arg(long)]
    without_secrets: bool,
}

impl Config {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let Action::Check(Check { config, without_secrets }) = self.action;
        check(&config, without_secrets, out)
    }
}

fn check(path: &Path, without_secrets: bool, out: &mut impl Write) -> Result<(), Failure> {
    let config =
        config::Config::load(path).map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
    if !without_secrets {
        check_surroundings(path, &config)?;
    }
    for warning in &config.warnings {
        writeln!(out, "{warning} (warning)")?;
    }
    let clients: usize = config.pools.iter().map(|pool| pool.clients.len()).sum();
    writeln!(
        out,
        "{}: no mistakes (pools: {}, app clients: {clients}, partners: {}, tenants: {}, access \
         keys: {})",
        path.display(),
        config.pools.len(),
        config.partners.len(),
        config.tenants.len(),
        config.access_keys.len(),
    )?;
    Ok(())
}

/// What the file relies on: secrets, and a folder for the database.
fn check_surroundings(path: &Path, config: &config::Config) -> Result<(), Failure> {
    let master_key = wire::master_keys(config).err();
    let master_key = master_key.map(|error| format!("{}: {error}", path.display()));
    let data = wire::unwritable_data(config);
    let data = data.map(|problem| format!("{}: data: {problem}", path.display()));
    let others = config.unusable_secrets().into_iter().map(|error| error.to_string());
    let mistakes: Vec<_> = master_key.into_iter().chain(data).chain(others).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Failure::Usage(mistakes.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master_key::MasterKey;
    use crate::system::SystemRng;
    use insta::assert_snapshot;
    use std::fs;

    /// What the command says, without the folder, which differs from run to run.
    fn say(folder: &Path, without_secrets: bool) -> String {
        let mut out = Vec::new();
        let outcome = check(&folder.join("poolkeeper.toml"), without_secrets, &mut out);
        let said = match outcome {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(Failure::Usage(text)) => text,
            Err(failure) => panic!("{failure}"),
        };
        said.replace(folder.to_str().unwrap(), "")
    }

    #[test]
    fn the_previous_master_key_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let text = "public_url = 'http://localhost:8080'
data = 'data'
master_key_file = 'master.key'
previous_master_key_file = 'old.key'
";
        fs::write(folder.path().join("poolkeeper.toml"), text).unwrap();
        MasterKey::create(&folder.path().join("master.key"), &SystemRng).unwrap();
        fs::copy(folder.path().join("master.key"), folder.path().join("old.key")).unwrap();
        assert_snapshot!(say(folder.path(), false), @"/poolkeeper.toml: the previous master key is the same as the current one, so nothing would be rotated: remove it, or make a new key");
        fs::remove_file(folder.path().join("old.key")).unwrap();
        MasterKey::create(&folder.path().join("old.key"), &SystemRng).unwrap();
        assert_eq!(say(folder.path(), false), say(folder.path(), true));
    }

    #[test]
    fn a_file_is_checked_with_its_secrets_or_without() {
        let folder = tempfile::tempdir().unwrap();
        let text = "public_url = 'http://localhost:8080'
data = 'data'
master_key_file = 'master.key'
[[access_key]]
id = 'PK000000000000000000'
secret_file = 'admin.secret'
operations = ['*']
pools = ['*']
";
        fs::write(folder.path().join("poolkeeper.toml"), text).unwrap();
        assert_snapshot!(say(folder.path(), true), @"/poolkeeper.toml: no mistakes (pools: 0, app clients: 0, partners: 0, tenants: 0, access keys: 1)");
        assert_snapshot!(say(folder.path(), false), @"
    /poolkeeper.toml: the master key cannot be read from /master.key: No such file or directory (os error 2)
    /poolkeeper.toml:6:15: access_key.secret_file: /admin.secret cannot be read: No such file or directory (os error 2)
    ");
        MasterKey::create(&folder.path().join("master.key"), &SystemRng).unwrap();
        fs::write(folder.path().join("admin.secret"), "s3cret").unwrap();
        assert_snapshot!(say(folder.path(), false), @"/poolkeeper.toml:6:15: access_key.secret_file: the secret has 6 characters: at least 32 are needed");
        fs::write(folder.path().join("admin.secret"), "s3cret".repeat(6)).unwrap();
        assert_eq!(say(folder.path(), false), say(folder.path(), true));
        // A folder that cannot be created, and one that is none.
        for data in ["admin.secret/data", "admin.secret"] {
            let text = text.replace("'data'", &format!("'{data}'"));
            fs::write(folder.path().join("poolkeeper.toml"), text).unwrap();
            let expected = "/poolkeeper.toml: data: cannot write to /admin.secret";
            assert!(
                say(folder.path(), false).starts_with(expected),
                "{}",
                say(folder.path(), false)
            );
        }
    }

    #[test]
    fn warnings_are_shown_before_the_sum() {
        let folder = tempfile::tempdir().unwrap();
        let text = "public_url = 'http://localhost:8080'
data = 'data'
[hashing]
memory_kib = 64
allow_weak = true
[[access_key]]
id = 'PK000000000000000000'
secret_file = 'admin.secret'
operations = ['*']
pools = ['us-east-1_a']
";
        fs::write(folder.path().join("poolkeeper.toml"), text).unwrap();
        assert_snapshot!(say(folder.path(), true), @r#"
    /poolkeeper.toml:4:14: hashing.memory_kib: weaker than OWASP recommends, so stolen hashes are easier to crack: 2 iterations need memory_kib = 19456 (warning)
    /poolkeeper.toml:10:10: access_key.pools: there is no pool "us-east-1_a" in this file: the key has no effect unless a call has created that pool (warning)
    /poolkeeper.toml: no mistakes (pools: 0, app clients: 0, partners: 0, tenants: 0, access keys: 1)
    "#);
    }

    #[test]
    fn mistakes_are_shown_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("poolkeeper.toml"), "listen = 8080\n").unwrap();
        assert_snapshot!(say(folder.path(), false), @"/poolkeeper.toml:1:10: listen: invalid type: integer `8080`, expected a string");
    }
}
