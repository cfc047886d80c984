//! What commands that work on a database have in common. A server may be running meanwhile: what
//! they change, its next request sees.

use super::Failure;
use crate::config::{AmazonConfig, Backend, Config};
use crate::pools::Pools;
use crate::wire;
use anyhow::anyhow;
use clap::Args;
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::local::Local;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which database.
#[derive(Debug, Args)]
pub(super) struct Database {
    /// The configuration file.
    #[arg(
        long,
        value_name = "FILE",
        env = "POOLKEEPER_CONFIG",
        default_value = "poolkeeper.toml",
        global = true
    )]
    config: PathBuf,
}

impl Database {
    /// The engine over the database that the configuration names, which must be there.
    pub(super) async fn open(&self) -> Result<(Config, Arc<Local>), Failure> {
        let config = Config::load(&self.config);
        let config = config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))?;
        if let Some(path) = wire::database_file(&config).filter(|path| !path.exists()) {
            return Err(no_database(&path));
        }
        let keys = wire::master_keys(&config).map_err(|error| Failure::Usage(error.to_string()))?;
        let engine = wire::open(&config, keys.sealer()).await?;
        Ok((config, engine))
    }

    /// The same, and the pools of all places. Those that live elsewhere need not be there.
    pub(super) async fn open_pools(&self) -> Result<(Arc<Local>, Arc<Pools>), Failure> {
        let (config, engine) = self.open().await?;
        let pools = wire::pools(&engine, &config).await?;
        Ok((engine, pools))
    }
}

/// That the database file is not there, and how it comes to be.
pub(super) fn no_database(path: &Path) -> Failure {
    let path = path.display();
    anyhow!("there is no database {path}: start the server once, which creates it").into()
}

/// How a pool that lives at Amazon is reached.
pub(super) struct AtAmazon {
    /// The pools of all places.
    pub(super) pools: Arc<Pools>,
    /// The group of users who are programs.
    pub(super) service_group: GroupName,
}

fn at_amazon<'a>(config: &'a Config, pool: &PoolId) -> Option<&'a AmazonConfig> {
    let declared = config.pools.iter().find(|declared| declared.id == *pool)?;
    match &declared.backend {
        Backend::Amazon(amazon) => Some(amazon),
        Backend::Embedded => None,
    }
}

/// Which pool, for commands about what is in one.
#[derive(Debug, Args)]
pub(super) struct PoolChoice {
    #[command(flatten)]
    database: Database,
    /// The user pool. Default: the pool of the partner API.
    #[arg(long, value_name = "ID", global = true)]
    pool: Option<String>,
}

impl PoolChoice {
    pub(super) async fn open(&self) -> Result<(PoolId, Arc<Local>), Failure> {
        let (config, engine) = self.database.open().await?;
        Ok((self.named(&config)?, engine))
    }

    /// The same, and how the pool is reached if it lives at Amazon.
    pub(super) async fn open_anywhere(
        &self,
    ) -> Result<(PoolId, Arc<Local>, Option<AtAmazon>), Failure> {
        let (config, engine) = self.database.open().await?;
        let pool = self.named(&config)?;
        let at_amazon = match at_amazon(&config, &pool) {
            None => None,
            Some(amazon) => Some(AtAmazon {
                pools: wire::pools(&engine, &config).await?,
                service_group: amazon.service_group.clone(),
            }),
        };
        Ok((pool, engine, at_amazon))
    }

    /// The same for what a pool that lives at Amazon has nothing of here.
    pub(super) async fn open_embedded(&self) -> Result<(PoolId, Arc<Local>), Failure> {
        let (config, engine) = self.database.open().await?;
        let pool = self.named(&config)?;
        if at_amazon(&config, &pool).is_some() {
            return Err(Failure::Usage(format!("pool {pool} is at Amazon, which keeps its keys")));
        }
        Ok((pool, engine))
    }

    fn named(&self, config: &Config) -> Result<PoolId, Failure> {
        let named = self.pool.as_deref().map(PoolId::from);
        let pool = named.or_else(|| config.partner_api.as_ref().map(|api| api.pool.clone()));
        let missing = "choose a pool with --pool: the configuration has no partner_api to take it \
                       from";
        pool.ok_or_else(|| Failure::Usage(missing.into()))
    }
}
