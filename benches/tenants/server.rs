//! A server with tenants.

use super::crowd::{Crowd, Original, fill};
use crate::serving;
use anyhow::{Context as _, Result};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper::wire;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_store::SqliteStore;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const POOL: &str = "us-east-1_Shared";
const USER: &str = "first@example.com";

/// Everything at its default but the port, which the system chooses, and the limit by address.
const CONFIG: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"
data = "data"

[[pool]]
id = "us-east-1_Shared"
username_attributes = ["email"]

[[pool.client]]
id = "shared"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[tenant_api]
attempts_per_address = 0
"#;

/// A running server.
pub(crate) struct Server {
    // Before the folder: what runs here has files open there, and fields are dropped in this order.
    _runtime: Runtime,
    pub(crate) address: SocketAddr,
    pub(crate) crowd: Crowd,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(crowd: Crowd) -> Result<Self> {
        // Beside the build and not in the folder for temporary files, which may be in memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let config = Config::parse(&folder.path().join("poolkeeper.toml"), CONFIG)?;
        let runtime = Runtime::new()?;
        let address = runtime.block_on(serve(&config, crowd))?;
        Ok(Self { _runtime: runtime, address, crowd, _folder: folder })
    }
}

async fn serve(config: &Config, crowd: Crowd) -> Result<SocketAddr> {
    let pool = PoolId::from(POOL);
    let engine = serving::open(config, &pool, USER).await?;
    let client = engine.app_client(&"shared".into()).await?.context("no client was declared")?;
    let (pool, user) =
        (engine.pool(&operator(), &pool).await?, engine.get_user(&operator(), &pool, USER).await?);
    {
        let file = wire::database_file(config).context("the records are in no file")?;
        let (store, sealer) = (SqliteStore::open(&file)?, Sealer::new(&serving::MASTER_KEY));
        let original = Original { pool, client, user };
        Box::pin(fill(&store, &sealer, &original, crowd)).await?;
    }
    serving::serve(&engine, config).await
}
