//! Where the server and the bare commits keep their records: files in a folder, or schemas of the
//! PostgreSQL database that `POOLKEEPER_TEST_DATABASE` names (`scripts/postgres` sets it).

use anyhow::Result;
use poolkeeper::system::SystemRng;
use poolkeeper_pool::ports::Store;
use poolkeeper_store::{PostgresAddress, PostgresSettings, PostgresStore, SqliteStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{env, process};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};

/// A database of the benchmark's own, which goes when this is dropped.
pub(crate) struct Database {
    folder: TempDir,
    postgres: Option<Postgres>,
}

/// Two schemas of a PostgreSQL database, `name` and `name_bare`.
pub(crate) struct Postgres {
    address: String,
    name: String,
    runtime: Handle,
}

impl Database {
    pub(crate) fn create(runtime: &Handle) -> Result<Self> {
        // Beside the build and not in the folder for temporary files, which may be in memory:
        // there a durable commit would cost nothing.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let address = env::var("POOLKEEPER_TEST_DATABASE").ok();
        let postgres = address.map(|address| {
            let name = format!("bench_{}", process::id());
            Postgres { address, name, runtime: runtime.clone() }
        });
        if let Some(postgres) = &postgres {
            runtime.block_on(postgres.make())?;
        }
        Ok(Self { folder, postgres })
    }

    pub(crate) fn folder(&self) -> &TempDir {
        &self.folder
    }

    pub(crate) fn postgres(&self) -> Option<&Postgres> {
        self.postgres.as_ref()
    }

    pub(crate) fn name(&self) -> &'static str {
        if self.postgres.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// The server's database, as its configuration file says it.
    pub(crate) fn setting(&self) -> String {
        match &self.postgres {
            Some(postgres) => format!("database = {:?}\n", postgres.schema("")),
            None => "data = \"data\"\n".to_owned(),
        }
    }

    /// Another database in the same place.
    pub(crate) async fn bare(&self) -> Result<Arc<dyn Store>> {
        self.open("_bare", &self.folder.path().join("bare.db")).await
    }

    /// A store on one of the schemas, or on a file.
    pub(crate) async fn open(&self, schema: &str, file: &Path) -> Result<Arc<dyn Store>> {
        let Some(postgres) = &self.postgres else {
            return Ok(Arc::new(SqliteStore::open(file)?));
        };
        let settings = settings(&postgres.schema(schema))?;
        Ok(Arc::new(PostgresStore::open(&settings, Arc::new(SystemRng)).await?))
    }
}

impl Postgres {
    async fn make(&self) -> Result<()> {
        for schema in ["", "_bare"] {
            let name = format!("{}{schema}", self.name);
            self.client().await?.batch_execute(&format!("CREATE SCHEMA {name}")).await?;
            PostgresStore::migrate(&settings(&self.schema(schema))?).await?;
        }
        Ok(())
    }

    /// The address with a schema, whose name connections have.
    fn schema(&self, which: &str) -> String {
        let Self { address, name, .. } = self;
        let mark = if address.contains('?') { '&' } else { '?' };
        format!(
            "{address}{mark}application_name={name}{which}&options=-csearch_path%3D{name}{which}"
        )
    }

    /// The name of the server's schema and connections.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// A connection that belongs to neither.
    pub(crate) async fn client(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.address, NoTls).await?;
        tokio::spawn(async move { connection.await.ok() });
        Ok(client)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Self { name, runtime, .. } = &*self;
        let sql = format!("DROP SCHEMA IF EXISTS {name}, {name}_bare CASCADE");
        runtime.block_on(async {
            if let Ok(client) = self.client().await {
                client.batch_execute(&sql).await.ok();
            }
        });
    }
}

fn settings(address: &str) -> Result<PostgresSettings> {
    Ok(PostgresSettings {
        address: PostgresAddress::parse(address).map_err(anyhow::Error::msg)?,
        password: None,
        connections: 16,
        connect_timeout: Duration::from_secs(5),
        statement_timeout: Duration::from_secs(10),
    })
}
