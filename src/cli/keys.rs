//! `poolkeeper keys`: the keys that sign a pool's tokens.

use super::database::PoolChoice;
use super::{Failure, told};
use crate::system::operator;
use anyhow::anyhow;
use clap::{Args, Subcommand};
use poolkeeper_pool::entity::KeyUse;
use poolkeeper_pool::ids::{KeyId, PoolId};
use poolkeeper_pool::local::{KeyRevocation, KeyRotation, ListedKey, Local};
use std::io::Write;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Lists, rotates and revokes the keys that sign a pool's tokens. Servers can keep running; they
/// use a change within a second.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(flatten)]
    pool: PoolChoice,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the keys, oldest first.
    List,
    /// Creates new keys. They are published now and sign later; the old keys stay published until
    /// their tokens expire.
    Rotate {
        /// Minutes for which the new keys are published before they sign. Must be longer than any
        /// service that verifies tokens caches the public keys.
        #[arg(
            long,
            value_name = "MINUTES",
            default_value_t = 10,
            value_parser = clap::value_parser!(u64).range(10..=43_200)
        )]
        lead_minutes: u64,
    },
    /// Removes a leaked key. All tokens that it signed become invalid. If it was the signing key,
    /// another one takes over at once.
    Revoke {
        /// Key id (`kid`), as shown by `list`.
        kid: String,
    },
}

impl Keys {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (pool, engine) = self.pool.open_embedded().await?;
            self.action.run(&engine, &pool, out).await
        })
    }
}

impl Action {
    async fn run(self, engine: &Local, pool: &PoolId, out: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::List => list(engine, pool, out).await,
            Self::Rotate { lead_minutes } => rotate(engine, pool, lead_minutes, out).await,
            Self::Revoke { kid } => revoke(engine, pool, &KeyId::new(kid), out).await,
        }
    }
}

async fn list(engine: &Local, pool: &PoolId, out: &mut impl Write) -> Result<(), Failure> {
    let keys = engine.list_keys(&operator(), pool).await.map_err(told)?;
    for key in &keys {
        writeln!(out, "{}", line(key))?;
    }
    Ok(writeln!(out, "{} keys", keys.len())?)
}

fn line(key: &ListedKey) -> String {
    let usage = match key.usage {
        KeyUse::Id => "id",
        KeyUse::Access => "access",
    };
    let (id, state) = (&key.id, key.state.as_str());
    let (made, from) =
        (key.created_at.whole_seconds().iso_text(), key.signs_from.whole_seconds().iso_text());
    let until =
        key.verifies_until.map(|at| format!(", verifies until {}", at.whole_seconds().iso_text()));
    let until = until.unwrap_or_default();
    format!("{id}  {usage}  {state}  made {made}, signs from {from}{until}")
}

/// Not a matter of the command line: the same command succeeds later.
async fn rotate(
    engine: &Local,
    pool: &PoolId,
    lead_minutes: u64,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let lead = Duration::from_mins(lead_minutes);
    match engine.rotate_keys(&operator(), pool, lead).await.map_err(told)? {
        KeyRotation::Made(_) => list(engine, pool, out).await,
        KeyRotation::Pending(from) => {
            let from = from.whole_seconds().iso_text();
            Err(anyhow!("nothing was changed: new keys exist already and sign from {from}").into())
        }
    }
}

async fn revoke(
    engine: &Local,
    pool: &PoolId,
    id: &KeyId,
    out: &mut impl Write,
) -> Result<(), Failure> {
    match engine.revoke_key(&operator(), pool, id).await.map_err(told)? {
        KeyRevocation::Unknown => Err(Failure::Usage(format!("there is no key {id}"))),
        KeyRevocation::Done { successor } => {
            writeln!(out, "{id} is revoked")?;
            if let Some(successor) = successor {
                writeln!(out, "{successor} signs in its place")?;
            }
            Ok(())
        }
    }
}
