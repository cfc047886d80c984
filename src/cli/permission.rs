//! `poolkeeper permission`: which groups carry which permissions.

use super::Failure;
use super::database::PoolChoice;
use crate::system::operator;
use anyhow::Error;
use clap::{Args, Subcommand};
use poolkeeper_pool::entity::Grant;
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId};
use poolkeeper_pool::local::Local;
use std::io::Write;
use tokio::runtime::Runtime;

/// Manages the permissions of groups. The server can keep running; changes take effect with its
/// next request.
///
/// When the server starts, it grants again what the configuration file grants.
#[derive(Debug, Args)]
pub(super) struct Permission {
    #[command(flatten)]
    pool: PoolChoice,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the granted permissions: group, partner (`*` for any) and permission.
    List,
    /// Grants a permission to a group.
    Grant(What),
    /// Revokes a permission from a group.
    Revoke(What),
}

#[derive(Debug, Args)]
struct What {
    /// The group.
    group: String,
    /// The permission, e.g. `event.read`.
    permission: String,
    /// Limits the permission to this partner.
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
            Self::Grant(what) => {
                engine.grant(&operator(), what.of(pool)).await.map_err(Error::from)?;
            }
            Self::Revoke(what) => {
                engine.revoke_grant(&operator(), what.of(pool)).await.map_err(Error::from)?;
            }
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
