//! The pools of all places as one: every verb goes to where its pool lives.

mod administration;
mod self_service;
mod tenancy;
mod user_pool;
mod well_known;

use async_trait::async_trait;
use poolkeeper_faces::{DiscoveryDocument, KeySource};
use poolkeeper_pool::backend::administration::Administration;
use poolkeeper_pool::backend::self_service::SelfService;
use poolkeeper_pool::backend::tenancy::Tenancy;
use poolkeeper_pool::backend::user_pool::UserPool;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::{ClientId, PoolId};
use poolkeeper_pool::local::Local;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::token::{pool_of_issuer, unverified_issuer};
use serde_json::Value;
use std::sync::Arc;

/// Where a pool lives: all that the sign-in APIs ask of it, and those who check its tokens.
#[async_trait]
pub trait PoolBackend: UserPool + SelfService + Administration + Tenancy {
    /// The app client of a refresh token that was made there and says so itself.
    fn client_of(&self, refresh_token: &Secret) -> Option<ClientId>;

    /// Whether the session of a challenge was made there and says so itself.
    fn asked(&self, session: &Secret) -> bool;

    /// Tries what remains to be done there.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    async fn catch_up(&self, request: &RequestContext) -> Result<()>;

    /// The discovery document of a pool that may live there; `None` if it does not.
    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>>;

    /// The public keys of a pool that may live there, as a JWK set; `None` if it does not.
    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>>;
}

#[async_trait]
impl PoolBackend for Local {
    /// The engine finds out by itself.
    fn client_of(&self, _: &Secret) -> Option<ClientId> {
        None
    }

    fn asked(&self, _: &Secret) -> bool {
        false
    }

    /// What is done here is done in one commit.
    async fn catch_up(&self, _: &RequestContext) -> Result<()> {
        Ok(())
    }

    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>> {
        KeySource::discovery(self, pool).await
    }

    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>> {
        KeySource::jwks(self, pool).await
    }
}

/// A pool that lives elsewhere.
pub struct RemotePool {
    /// Its id.
    pub pool: PoolId,
    /// The app clients through which it is used here.
    pub clients: Vec<ClientId>,
    /// The `iss` of its tokens, if the configuration says so.
    pub token_issuer: Option<String>,
    /// Where it lives.
    pub backend: Arc<dyn PoolBackend>,
}

/// All pools: those that live elsewhere, and the engine's.
pub struct Pools {
    engine: Arc<Local>,
    remote: Vec<RemotePool>,
}

impl Pools {
    /// The engine's pools, and these.
    pub fn new(engine: Arc<Local>, remote: Vec<RemotePool>) -> Self {
        Self { engine, remote }
    }

    /// Tries what remains to be done where pools live elsewhere.
    pub async fn catch_up(&self, request: &RequestContext) {
        for RemotePool { pool, backend, .. } in &self.remote {
            if let Err(error) = backend.catch_up(request).await {
                tracing::warn!(%error, %pool, "cannot read or record follow-up calls");
            }
        }
    }

    fn of_pool(&self, pool: &PoolId) -> &dyn PoolBackend {
        self.find(|remote| remote.pool == *pool)
    }

    fn of_client(&self, client: &ClientId) -> &dyn PoolBackend {
        self.find(|remote| remote.clients.contains(client))
    }

    /// The backend that checks a token, by the `iss` that the token claims. The backend itself then checks
    /// whether that issuer is the pool's.
    fn of_token(&self, token: &Secret) -> &dyn PoolBackend {
        let issuer = unverified_issuer(token);
        let pool = issuer.as_deref().and_then(pool_of_issuer);
        self.find(|remote| match &remote.token_issuer {
            Some(only) => issuer.as_ref() == Some(only),
            None => pool.as_ref() == Some(&remote.pool),
        })
    }

    fn of_session(&self, session: &Secret) -> &dyn PoolBackend {
        self.find(|remote| remote.backend.asked(session))
    }

    fn find(&self, fits: impl Fn(&RemotePool) -> bool) -> &dyn PoolBackend {
        let found = self.remote.iter().find(|remote| fits(remote));
        found.map_or(&*self.engine as &dyn PoolBackend, |remote| &*remote.backend)
    }
}
