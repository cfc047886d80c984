#[path = "../../../crates/store/tests/it/schema.rs"]
#[expect(dead_code, reason = "the store's own tests use more of it")]
mod schema;

use poolkeeper_pool::ports::Store;
use poolkeeper_store::SqliteStore;
use schema::TestSchema;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_postgres::Client;

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
        Self::File(tempfile::tempdir().unwrap())
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
            Self::File(folder) => {
                Arc::new(SqliteStore::open(&folder.path().join("test.db")).unwrap())
            }
            Self::Schema(schema) => Arc::new(Box::pin(schema.open()).await),
        }
    }
}
