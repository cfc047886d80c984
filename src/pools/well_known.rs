//! What clients that check tokens ask for.

use super::Pools;
use async_trait::async_trait;
use poolkeeper_faces::{DiscoveryDocument, KeySource};
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::PoolId;
use serde_json::Value;

#[async_trait]
impl KeySource for Pools {
    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>> {
        self.of_pool(pool).discovery(pool).await
    }

    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>> {
        self.of_pool(pool).jwks(pool).await
    }
}
