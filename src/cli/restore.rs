//! `poolkeeper restore`: a backup put into the place of the database file, or looked at.

use super::Failure;
use super::backup::file_of;
use super::sum::Sum;
use crate::config::Config;
use crate::master_key::MasterKeys;
use crate::system::operator;
use crate::wire;
use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Args;
use poolkeeper_pool::local::Local;
use poolkeeper_store::SqliteStore;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// Restores a backup. The database file must not exist yet. First checks that the backup matches
/// its `.sum` file, that this release can use it, and that the master key opens it.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "POOLKEEPER_CONFIG", default_value = "poolkeeper.toml")]
    config: PathBuf,
    /// Only checks the backup. The database file may exist.
    #[arg(long)]
    check: bool,
    /// Accepts a backup without a `.sum` file, as older releases made them.
    #[arg(long)]
    without_sum: bool,
    /// The backup file.
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
}

impl Restore {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        let path = file_of(&config)?;
        if !self.backup.exists() {
            return Err(anyhow!("there is no backup {}", self.backup.display()).into());
        }
        if !self.without_sum {
            Sum::check(&self.backup)?;
        }
        let keys = wire::master_keys(&config).map_err(|error| Failure::Usage(error.to_string()))?;
        wire::make_folder(&config.data)?;
        // A server may hold the place of a database that was moved away under it.
        let _hold = if self.check { None } else { wire::hold(&config, "poolkeeper restore")? };
        if !self.check {
            refuse_remains(&path)?;
        }
        let trial = tempfile_in(&config.data)?;
        let outcome = self.run_in(&trial, &Config { data: trial.clone(), ..config }, &keys, &path);
        fs::remove_dir_all(&trial)?;
        let (pools, users) = outcome?;
        let (backup, path) = (self.backup.display(), path.display());
        if self.check {
            writeln!(out, "{backup} can be restored: pools: {pools}, users: {users}")?;
        } else {
            writeln!(out, "{path} is restored: pools: {pools}, users: {users}")?;
        }
        Ok(())
    }

    /// Tries the backup in a folder of its own, so that neither it nor the database changes.
    fn run_in(
        &self,
        trial: &Path,
        config: &Config,
        keys: &MasterKeys,
        path: &Path,
    ) -> Result<(usize, i64)> {
        let copy = trial.join(path.file_name().unwrap_or_default());
        SqliteStore::back_up(&self.backup, &copy)
            .with_context(|| format!("cannot use {}", self.backup.display()))?;
        let counts = Runtime::new()?.block_on(async {
            let engine = wire::open(config, keys.sealer()).await?;
            // Opens every sealed value.
            engine.master_key_rotation().walk().await?;
            count(&engine).await
        })?;
        if !self.check {
            fs::rename(&copy, path)?;
            fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(counts)
    }
}

/// Refuses to restore beside what is left of another database. SQLite would take that one's log for
/// this one's, and damage what was restored.
fn refuse_remains(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let remains = Path::new(&name);
        ensure!(
            !remains.exists(),
            "{} exists: move the database away first, with its -wal and -shm",
            remains.display()
        );
    }
    Ok(())
}

/// The pools and users in the database. Opens every pool's keys, which needs the right master key.
async fn count(engine: &Local) -> Result<(usize, i64)> {
    let (mut pools, mut users) = (0, 0);
    let mut cursor: Option<String> = None;
    loop {
        let page = engine.list_pools(cursor.as_deref(), PAGE).await?;
        for pool in &page.entries {
            let keys = engine.jwks(&pool.id).await;
            keys.with_context(|| format!("cannot open the keys of pool {}", pool.id))?;
            users += engine.describe_pool(&operator(), &pool.id).await?.1;
        }
        pools += page.entries.len();
        cursor = page.next;
        if cursor.is_none() {
            return Ok((pools, users));
        }
    }
}

/// Pools read at a time.
const PAGE: usize = 60;

/// A new folder beside the database, so that renaming from it is possible.
fn tempfile_in(data: &Path) -> Result<PathBuf> {
    let folder = data.join(format!("restore-{}", std::process::id()));
    wire::make_folder(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::super::backup;
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::master_key::MasterKey;
    use crate::system::SystemRng;
    use clap::Parser as _;
    use insta::assert_snapshot;

    const CONFIG: &str = include_str!("../../tests/it/support/program.toml");

    /// What a command says in a folder, without the folder's name.
    fn say(folder: &Path, command: &[&str]) -> String {
        let config = folder.join("poolkeeper.toml");
        let line = ["poolkeeper"].iter().chain(command).map(|word| match word.strip_prefix('@') {
            Some(file) => folder.join(file).into_os_string(),
            None => word.into(),
        });
        let line = line.chain(["--config".into(), config.into_os_string()]);
        let mut out = Vec::new();
        let outcome = match Cli::try_parse_from(line).unwrap().command {
            Command::Backup(command) => backup::Backup::run(command, &mut out),
            Command::Restore(command) => command.run(&mut out),
            other => panic!("{other:?}"),
        };
        let said = match outcome {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(failure) => failure.to_string(),
        };
        said.replace(folder.to_str().unwrap(), "")
    }

    #[test]
    fn a_backup_of_a_running_server_is_restored() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("poolkeeper.toml"), CONFIG).unwrap();
        let key = MasterKey::create(&folder.join("master.key"), &SystemRng).unwrap();
        assert_snapshot!(say(folder, &["backup", "--to", "@copy"]), @"there is no database /data/poolkeeper.db: start the server once, which creates it");
        let config = Config::load(&folder.join("poolkeeper.toml")).unwrap();
        let runtime = Runtime::new().unwrap();
        let engine = runtime.block_on(async {
            let engine = wire::open(&config, key.sealer()).await.unwrap();
            wire::declare(&engine, &config).await.unwrap();
            engine
        });
        let said = say(folder, &["backup", "--to", "@copy"]);
        assert!(said.starts_with("wrote the backup /copy: "), "{said}");
        assert_snapshot!(say(folder, &["backup", "--to", "@copy"]), @"cannot back up /data/poolkeeper.db: the database is unavailable: /copy already exists");
        assert_snapshot!(say(folder, &["restore", "--check", "@copy"]), @"/copy can be restored: pools: 1, users: 0");
        assert_snapshot!(say(folder, &["restore", "@copy"]), @"/data/poolkeeper.db exists: move the database away first, with its -wal and -shm");
        drop(engine);
        fs::remove_dir_all(folder.join("data")).unwrap();
        // A log that a crashed server left behind belongs to the database that was there.
        fs::create_dir(folder.join("data")).unwrap();
        for remains in ["poolkeeper.db-wal", "poolkeeper.db-shm"] {
            fs::write(folder.join("data").join(remains), "of another database").unwrap();
            let said = say(folder, &["restore", "@copy"]);
            assert!(said.starts_with(&format!("/data/{remains} exists: ")), "{said}");
            fs::remove_file(folder.join("data").join(remains)).unwrap();
        }
        assert_snapshot!(say(folder, &["restore", "@nothing"]), @"there is no backup /nothing");
        assert_snapshot!(say(folder, &["restore", "@copy"]), @"/data/poolkeeper.db is restored: pools: 1, users: 0");
        let left: Vec<_> = fs::read_dir(folder.join("data")).unwrap().collect();
        assert_eq!(left.len(), 2, "the database and its lock");

        let mut damaged = fs::read(folder.join("copy")).unwrap();
        let middle = damaged.len() / 2;
        damaged.get_mut(middle..).unwrap().fill(7);
        fs::write(folder.join("damaged"), damaged).unwrap();
        assert_snapshot!(say(folder, &["restore", "--check", "@damaged"]), @"cannot read /damaged.sum; without it (--without-sum), nobody can tell whether the backup has changed: No such file or directory (os error 2)");
        let said = say(folder, &["restore", "--check", "--without-sum", "@damaged"]);
        assert!(said.starts_with("cannot use /damaged: the database is unavailable: "), "{said}");
        fs::remove_file(folder.join("master.key")).unwrap();
        MasterKey::create(&folder.join("master.key"), &SystemRng).unwrap();
        let said = say(folder, &["restore", "--check", "@copy"]);
        assert!(said.starts_with("this is not the master key that the database is"), "{said}");
    }

    /// SQLite finds none of these by itself: a bit in a text, a table cut short, an empty file.
    #[test]
    fn a_backup_that_is_not_what_it_was_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("poolkeeper.toml"), CONFIG).unwrap();
        let key = MasterKey::create(&folder.join("master.key"), &SystemRng).unwrap();
        let config = Config::load(&folder.join("poolkeeper.toml")).unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let engine = wire::open(&config, key.sealer()).await.unwrap();
            wire::declare(&engine, &config).await.unwrap();
            engine.jwks(&config.pools[0].id).await.unwrap();
        });
        say(folder, &["backup", "--to", "@copy"]);
        let whole = fs::read(folder.join("copy")).unwrap();
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = whole.clone();
            change(&mut bytes);
            fs::write(folder.join("copy"), bytes).unwrap();
            say(folder, &["restore", "--check", "@copy"])
        };
        assert!(changed(&|_| {}).starts_with("/copy can be restored: "));
        for at in (100..whole.len()).step_by(whole.len() / 50) {
            let said = changed(&|bytes| *bytes.get_mut(at).unwrap() ^= 1);
            assert_eq!(said, "/copy has changed since it was made", "{at}");
        }
        for left in [0, 1, 4096, whole.len() - 4096, whole.len() - 1] {
            let said = changed(&|bytes| bytes.truncate(left));
            let expected =
                format!("/copy has {left} bytes, but had {} when it was made", whole.len());
            assert_eq!(said, expected);
        }
        // Without the sum, every sealed value must open all the same.
        let pages = (3500..whole.len()).step_by(4096).map(|at| {
            let mut bytes = whole.clone();
            *bytes.get_mut(at).unwrap() ^= 1;
            fs::write(folder.join("copy"), bytes).unwrap();
            say(folder, &["restore", "--check", "--without-sum", "@copy"])
        });
        let sealed = pages.filter(|said| said.contains("a value in table signing_keys (pool"));
        assert_ne!(sealed.count(), 0);
        // Nor is one that notes nothing anything but a database of ours.
        fs::write(folder.join("empty"), "").unwrap();
        assert_snapshot!(say(folder, &["restore", "--check", "--without-sum", "@empty"]), @"cannot use /empty: the database is unavailable: it is not a database of Poolkeeper");
    }
}
