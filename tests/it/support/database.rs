#[path = "../../../crates/store/tests/it/schema.rs"]
#[expect(dead_code, reason = "the store's own tests use more of it")]
mod schema;

use poolkeeper_pool::ports::Store;
use poolkeeper_store::{SqliteStore, copy};
use schema::TestSchema;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_postgres::Client;

const FILE: &str = "test.db";

/// A database of a test's own: a file, or a schema in the PostgreSQL database that
/// `POOLKEEPER_TEST_DATABASE` names.
pub(crate) enum TestDatabase {
    File(TempDir),
    Schema(TestSchema),
}

impl TestDatabase {
    pub(crate) async fn new() -> Self {
        if TestSchema::database().is_some() {
            return Self::Schema(Box::pin(TestSchema::migrated()).await);
        }
        Self::file()
    }

    /// A file, whatever the other tests use.
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// Another database, with all records of a file that nobody has open.
    pub(crate) async fn copied(&self) -> Self {
        let Self::File(folder) = self else { panic!("it is no file") };
        let schema = TestSchema::empty().await;
        let (from, to) = (folder.path().join(FILE), schema.settings());
        Box::pin(copy(&from, &to, 5, &mut |_| Ok(()))).await.unwrap();
        Self::Schema(schema)
    }

    /// A connection of the test's own, which only PostgreSQL gives.
    pub(crate) async fn client(&self) -> Client {
        match self {
            Self::File(_) => panic!("a file has no connections"),
            Self::Schema(schema) => schema.client().await,
        }
    }

    /// A store on it, as every node has one.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::File(folder) => Arc::new(SqliteStore::open(&folder.path().join(FILE)).unwrap()),
            Self::Schema(schema) => Arc::new(Box::pin(schema.open()).await),
        }
    }
}
