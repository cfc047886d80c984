//! `poolkeeper master-key`: the key under which everything secret in the database is sealed.

use super::Failure;
use super::database::Database;
use crate::system::SystemClock;
use clap::{Args, Subcommand};
use poolkeeper_pool::crypto::master_keys::{
    MasterKeyProblem, OBJECTION, Rotation, RotationState, SETTLED, Walk,
};
use poolkeeper_pool::local::Local;
use poolkeeper_pool::system::Clock as _;
use std::io::Write;
use tokio::runtime::Runtime;

/// Replaces the master key. Servers can keep running.
#[derive(Debug, Args)]
pub(super) struct MasterKeyCommand {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Encrypts everything in the database again, under `master_key_file` instead of
    /// `previous_master_key_file`. Every server must run with both keys. If the command is
    /// interrupted, run it again to continue. If you run it again after it has finished, it checks
    /// everything.
    Rotate {
        /// Also replaces the key for digests. Use this if somebody had both the master key and the
        /// database.
        #[arg(long)]
        new_digests: bool,
    },
}

impl MasterKeyCommand {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (_, engine) = self.database.open().await?;
            let Action::Rotate { new_digests } = self.action;
            rotate(&engine, new_digests, out).await
        })
    }
}

async fn rotate(engine: &Local, new_digests: bool, out: &mut impl Write) -> Result<(), Failure> {
    let rotation = engine.master_key_rotation();
    let mut standing = rotation.begin(new_digests, SystemClock.now()).await.map_err(failed)?;
    if let RotationState::Announced(announced) = standing {
        writeln!(out, "the new master key is announced; servers without it have 5 s to object")?;
        tokio::time::sleep(OBJECTION).await;
        rotation.switch(announced, SystemClock.now()).await.map_err(failed)?;
        standing = rotation.begin(false, SystemClock.now()).await.map_err(failed)?;
    }
    let RotationState::Sealing { since, is_unfinished } = standing else {
        return Err(failed(MasterKeyProblem::Contended));
    };
    writeln!(
        out,
        "the key in master_key_file has sealed since {}",
        since.whole_seconds().iso_text()
    )?;
    let mut walk = walk_once(&rotation, out).await?;
    if is_unfinished || walk.renewed > 0 {
        tokio::time::sleep(SETTLED).await;
        // What a server still sealed under the old key is found now.
        walk = walk_once(&rotation, out).await?;
        while walk.renewed > 0 {
            walk = walk_once(&rotation, out).await?;
        }
    }
    rotation.finish().await.map_err(failed)?;
    writeln!(out, "all {} sealed values are sealed under it", walk.values)?;
    if is_unfinished {
        writeln!(
            out,
            "refresh tokens and sessions from before stay valid as long as servers have the \
             previous key"
        )?;
    }
    Ok(())
}

async fn walk_once(rotation: &Rotation<'_>, out: &mut impl Write) -> Result<Walk, Failure> {
    let walk = rotation.walk().await.map_err(failed)?;
    writeln!(out, "sealed values: {}, rows sealed again: {}", walk.values, walk.renewed)?;
    Ok(walk)
}

fn failed(problem: MasterKeyProblem) -> Failure {
    anyhow::Error::from(problem).into()
}
