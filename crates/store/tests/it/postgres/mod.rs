//! The PostgreSQL store. `scripts/postgres` starts a database for these tests.

mod copying;
mod failures;
mod lanes;
mod migrations;
mod neighbours;
mod server;
mod waits;

use crate::contract::{AnyStore, contract_of};
use crate::schema::TestSchema;
use std::sync::Arc;

contract_of!([ignore = "needs POOLKEEPER_TEST_DATABASE"] fresh().await);

async fn fresh() -> (TestSchema, AnyStore) {
    let schema = TestSchema::migrated().await;
    let store = schema.open().await;
    (schema, Arc::new(store))
}
