//! `poolkeeper permission`: which groups carry which permissions.

use super::Failure;
use super::database::PoolChoice;
use anyhow::Error;
use clap::{Args, Subcommand};
use poolkeeper_pool::entity::Grant;
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId};
use poolkeeper_pool::local::Local;
use std::io::Write;
use tokio::runtime::Runtime;

/// Works on permissions. The server may be running: what changes counts from its next request on.
///
/// What the configuration file grants is granted again when the server starts.
#[derive(Debug, Args)]
pub(super) struct Permission {
    #[command(flatten)]
    pool: PoolChoice,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists group, partner (`*` for any) and permission.
    List,
    /// Lets a group carry a permission.
    Grant(What),
    /// Takes a permission from a group.
    Revoke(What),
}

#[derive(Debug, Args)]
struct What {
    /// The group.
    group: String,
    /// The permission, e.g. `event.read`.
    permission: String,
    /// Only for work for this partner.
    #[arg(long, value_name = "ID")]
    partner: Option<PartnerId>,
}

impl Permission {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (pool, engine) = self.pool.open().await?;
            self.action.run(&engine, &pool, out).await
        })
    }
}

impl Action {
    async fn run(self, engine: &Local, pool: &PoolId, out: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::List => {
                for grant in engine.all_grants(pool).await.map_err(Error::from)? {
                    let partner = grant.partner.as_ref().map_or("*", PartnerId::as_str);
                    writeln!(out, "{}  {partner}  {}", grant.group, grant.permission)?;
                }
            }
            Self::Grant(what) => engine.grant(what.of(pool)).await.map_err(Error::from)?,
            Self::Revoke(what) => engine.revoke_grant(what.of(pool)).await.map_err(Error::from)?,
        }
        Ok(())
    }
}

impl What {
    fn of(self, pool: &PoolId) -> Grant {
        let Self { group, permission, partner } = self;
        Grant { pool: pool.clone(), group: GroupName::new(group), partner, permission }
    }
}
