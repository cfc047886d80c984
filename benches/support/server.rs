//! The server that is measured.

use super::codes::{Codes, Factors};
use super::database::Database;
use super::serving;
use anyhow::Result;
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper::workers::HashingSettings;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use tokio::runtime::{Handle, Runtime};

pub(crate) const POOL: &str = "us-east-1_Benchmark";
pub(crate) const CLIENT: &str = "benchmark";
pub(crate) const USER: &str = "user@example.com";
pub(crate) const TENANT: &str = "Benchmark";

/// Everything open, and the rest at its default but the port, which the system chooses; to follow the
/// database.
const CONFIG: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"

[[pool]]
id = "us-east-1_Benchmark"
mfa = "OPTIONAL"
username_attributes = ["email"]
auto_verified_attributes = ["email"]
self_sign_up = true

[[pool.client]]
id = "benchmark"
flows = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]

[[pool.client]]
id = "partner"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "portal"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "tenants"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.group]]
name = "partner-id-benchmark"

[[partner]]
pool = "us-east-1_Benchmark"
id = "partner-id-benchmark"
client_id = 1
name = "Benchmark"
domain = "example.com"
currency = "EUR"
vertical = "sports"
pricing_tier = "gold"
campaign_pricing_model = "flat"

[cognito]
attempts_per_address = 0

[partner_api]
pool = "us-east-1_Benchmark"
client = "partner"
attempts_per_address = 0
reads_per_partner = 0
writes_per_partner = 0

[portal_api]
pool = "us-east-1_Benchmark"
client = "portal"
attempts_per_address = 0

[tenant_api]
attempts_per_address = 0

[[tenant]]
name = "Benchmark"
id = "benchmark"
pool = "us-east-1_Benchmark"
client = "tenants"
group = "tenant-benchmark"

[messages]
per_pool = 1_000_000
"#;

/// A running server with users.
pub(crate) struct Server {
    // Before `runtime`, which its removal needs: fields are dropped in this order.
    database: Database,
    runtime: Runtime,
    address: SocketAddr,
    hashing: HashingSettings,
    engine: Arc<Local>,
    factors: Arc<Factors>,
}

impl Server {
    /// With one user, and so many others who have an authenticator app.
    pub(crate) fn start(with_apps: usize) -> Result<Self> {
        let runtime = Runtime::new()?;
        let database = Database::create(runtime.handle())?;
        let file = database.folder().path().join("poolkeeper.toml");
        let config = Config::parse(&file, &format!("{}{CONFIG}", database.setting()))?;
        let (engine, address) = runtime.block_on(serve(&config))?;
        let factors = runtime.block_on(Factors::create(&engine, &POOL.into(), with_apps))?;
        let (hashing, factors) = (config.hashing, Arc::new(factors));
        Ok(Self { database, runtime, address, hashing, engine, factors })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn hashing(&self) -> HashingSettings {
        self.hashing
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    pub(crate) fn factors(&self) -> &Arc<Factors> {
        &self.factors
    }

    pub(crate) fn codes(&self) -> Codes {
        Codes::new(Arc::clone(&self.engine), self.runtime().clone())
    }
}

/// How many threads the machine runs at a time.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

async fn serve(config: &Config) -> Result<(Arc<Local>, SocketAddr)> {
    let pool = PoolId::from(POOL);
    let engine = serving::open(config, &pool, USER).await?;
    for group in ["partner-id-benchmark", "tenant-benchmark"] {
        engine.add_to_group(&operator(), &pool, USER, &group.into()).await?;
    }
    let address = serving::serve(&engine, config).await?;
    Ok((engine, address))
}
