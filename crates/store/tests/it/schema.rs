//! A schema of its own for each test, in the database that `POOLKEEPER_TEST_DATABASE` names. The
//! tests of the program use this file, too.

use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::system::Rng;
use poolkeeper_store::{PostgresAddress, PostgresSettings, PostgresStore};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, process, thread};
use tokio_postgres::{Client, NoTls};

/// An empty schema that goes when this is dropped.
pub(crate) struct TestSchema {
    name: String,
    database: String,
}

impl TestSchema {
    /// The address of the database to test with, if there is one.
    pub(crate) fn database() -> Option<String> {
        env::var("POOLKEEPER_TEST_DATABASE").ok()
    }

    /// A schema without tables.
    pub(crate) async fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let database = Self::database().expect("POOLKEEPER_TEST_DATABASE: see scripts/postgres");
        let name = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let schema = Self { name, database };
        let Self { name, .. } = &schema;
        schema.run(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).await;
        schema
    }

    /// A schema with the tables of this release.
    pub(crate) async fn migrated() -> Self {
        let schema = Self::empty().await;
        PostgresStore::migrate(&schema.settings()).await.unwrap();
        schema
    }

    /// A node's own store.
    pub(crate) async fn open(&self) -> PostgresStore {
        self.open_with(&self.settings()).await
    }

    pub(crate) async fn open_with(&self, settings: &PostgresSettings) -> PostgresStore {
        self.try_open_with(settings).await.unwrap()
    }

    pub(crate) async fn try_open_with(
        &self,
        settings: &PostgresSettings,
    ) -> Result<PostgresStore, StoreError> {
        PostgresStore::open(settings, Arc::new(Still)).await
    }

    /// Few connections: many tests run at the same time.
    pub(crate) fn settings(&self) -> PostgresSettings {
        PostgresSettings {
            address: PostgresAddress::parse(&self.address()).unwrap(),
            password: None,
            connections: 4,
            connect_timeout: Duration::from_secs(20),
            statement_timeout: Duration::from_secs(20),
        }
    }

    /// The address of the database with this schema.
    pub(crate) fn address(&self) -> String {
        self.on(&self.database)
    }

    /// An address with this schema. Connections to it have its name.
    pub(crate) fn on(&self, address: &str) -> String {
        let (mark, name) = (if address.contains('?') { '&' } else { '?' }, &self.name);
        format!("{address}{mark}application_name={name}&options=-csearch_path%3D{name}")
    }

    /// A connection of the test's own.
    pub(crate) async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.address(), NoTls).await.unwrap();
        tokio::spawn(async move { connection.await.ok() });
        client
    }

    /// Runs SQL in the schema.
    pub(crate) async fn run(&self, sql: &str) {
        self.client().await.batch_execute(sql).await.unwrap();
    }

    /// How many rows of a view of the server's are about connections to this schema.
    pub(crate) async fn count(&self, rows: &str) -> i64 {
        self.count_through(&self.client().await, rows).await
    }

    async fn count_through(&self, client: &Client, rows: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {rows} AND application_name = $1");
        client.query_one(&sql, &[&self.name]).await.unwrap().get(0)
    }

    /// Waits until a connection to this schema waits for another one.
    pub(crate) async fn until_somebody_waits(&self) {
        let client = self.client().await;
        for _ in 0..20_000 {
            let waiting = "pg_stat_activity WHERE wait_event_type = 'Lock'";
            if self.count_through(&client, waiting).await > 0 {
                return;
            }
        }
        panic!("nobody waits");
    }

    /// Ends all connections to this schema but one of the test's own.
    pub(crate) async fn end_connections_but(&self, spared: &Client) {
        let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
            WHERE application_name = $1 AND pid <> pg_backend_pid()";
        spared.execute(sql, &[&self.name]).await.unwrap();
    }

    pub(crate) async fn end_connections(&self) {
        self.end_connections_but(&self.client().await).await;
    }
}

impl Drop for TestSchema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        // A runtime cannot wait inside another one, but on another thread it can.
        let drop = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(self.run(&sql));
        };
        thread::scope(|scope| scope.spawn(drop).join().ok());
    }
}

/// Spreads nothing: who has met may meet again.
struct Still;

impl Rng for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(127);
    }
}
