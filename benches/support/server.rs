//! The server that is measured.

use super::database::Database;
use super::serving;
use anyhow::Result;
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper::workers::HashingSettings;
use poolkeeper_pool::ids::PoolId;
use std::net::SocketAddr;
use std::num::NonZero;
use std::thread;
use tokio::runtime::{Handle, Runtime};

pub(crate) const POOL: &str = "us-east-1_Benchmark";
pub(crate) const CLIENT: &str = "benchmark";
pub(crate) const USER: &str = "user@example.com";

/// Everything at its default but the port, which the system chooses; to follow the database.
const CONFIG: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"

[[pool]]
id = "us-east-1_Benchmark"
username_attributes = ["email"]

[[pool.client]]
id = "benchmark"
flows = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]

[[pool.client]]
id = "partner"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.group]]
name = "partner-id-benchmark"

[cognito]
attempts_per_address = 0

[partner_api]
pool = "us-east-1_Benchmark"
client = "partner"
attempts_per_address = 0
reads_per_partner = 0
writes_per_partner = 0
"#;

/// A running server with one user.
pub(crate) struct Server {
    // Before `runtime`, which its removal needs: fields are dropped in this order.
    database: Database,
    runtime: Runtime,
    address: SocketAddr,
    hashing: HashingSettings,
}

impl Server {
    pub(crate) fn start() -> Result<Self> {
        let runtime = Runtime::new()?;
        let database = Database::create(runtime.handle())?;
        let file = database.folder().path().join("poolkeeper.toml");
        let config = Config::parse(&file, &format!("{}{CONFIG}", database.setting()))?;
        let address = runtime.block_on(serve(&config))?;
        Ok(Self { database, runtime, address, hashing: config.hashing })
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
}

/// How many threads the machine runs at a time.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

async fn serve(config: &Config) -> Result<SocketAddr> {
    let pool = PoolId::from(POOL);
    let engine = serving::open(config, &pool, USER).await?;
    engine.add_to_group(&operator(), &pool, USER, &"partner-id-benchmark".into()).await?;
    serving::serve(&engine, config).await
}
