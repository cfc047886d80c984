use crate::connection::breaker::Breaker;
use crate::connection::connect::{SetupError, connect};
use crate::connection::keys::Keys;
use crate::connection::pace::Pace;
use crate::connection::settings::{AppClient, Settings};
use crate::sign_in::recent::Recent;
use aws_sdk_cognitoidentityprovider::Client;
use poolkeeper_pool::backend::follow_ups::FollowUps;
use poolkeeper_pool::backend::partners::SuspensionRecords;
use poolkeeper_pool::backend::tenancy::TenantRecords;
use poolkeeper_pool::backend::user_pool::Directory;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret_hash;
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::ids::{ClientId, PoolId};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::system::{Clock, Rng};
use poolkeeper_pool::time::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// What the pool stands on beside Amazon.
#[derive(Clone)]
pub struct Parts {
    /// Has the partners, which say who may come in.
    pub directory: Arc<dyn Directory>,
    /// Has what Amazon does not know of tenants.
    pub tenants: Arc<dyn TenantRecords>,
    /// Has what Amazon does not know of suspensions.
    pub suspensions: Arc<dyn SuspensionRecords>,
    /// Has what remains to be done at Amazon.
    pub follow_ups: Arc<dyn FollowUps>,
    /// Seals what callers hold for us: sessions and the proofs of devices.
    pub sealer: Arc<Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub rng: Arc<dyn Rng>,
}

/// A user pool of Amazon Cognito's.
pub struct Amazon {
    pub(crate) sdk: Client,
    pub(crate) settings: Settings,
    pub(crate) parts: Parts,
    pub(crate) breaker: Breaker,
    pub(crate) pace: Pace,
    pub(crate) keys: Keys,
    pub(crate) recent: Recent,
}

impl Amazon {
    /// The pool; nothing is connected yet, and Amazon need not be there.
    ///
    /// # Errors
    ///
    /// If TLS or a proxy cannot be set up, or FIPS is asked for in a way that would have no effect.
    pub async fn new(settings: Settings, parts: Parts) -> Result<Self, SetupError> {
        Ok(Self {
            sdk: connect(&settings, Arc::clone(&parts.clock)).await?,
            breaker: Breaker::new(&settings.limits),
            pace: Pace::default(),
            keys: Keys::new(&settings)?,
            recent: Recent::new(settings.group_life),
            settings,
            parts,
        })
    }

    /// The pool's public keys as a JWK set, as Amazon publishes them.
    ///
    /// # Errors
    ///
    /// If Amazon does not answer and never has.
    pub async fn published_keys(&self) -> Result<Value> {
        self.keys.set(self.now()).await
    }

    /// The pool's discovery document, as Amazon publishes it.
    ///
    /// # Errors
    ///
    /// If Amazon does not answer and never has.
    pub async fn published_discovery(&self) -> Result<Value> {
        self.keys.discovery(self.now()).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The pool's id in a call, if it is this pool.
    pub(crate) fn pool(&self, named: &PoolId) -> Result<&str> {
        if *named == self.settings.pool {
            Ok(self.settings.pool.as_str())
        } else {
            Err(Refusal::PoolNotFound(named.clone()).into())
        }
    }

    /// An app client, if it is one of ours.
    pub(crate) fn client(&self, request: &RequestContext, id: &ClientId) -> Result<&AppClient> {
        let client = self.settings.clients.iter().find(|client| client.id == *id);
        let client = client.ok_or_else(|| Refusal::ClientNotFound(id.clone()))?;
        request.note_client(&self.settings.pool, &client.id);
        Ok(client)
    }
}

impl AppClient {
    /// `SECRET_HASH` for a name, if the client has a secret.
    pub(crate) fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.secret.as_ref()?;
        Some(secret_hash::make(secret, &self.id, username))
    }
}
