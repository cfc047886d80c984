use crate::change::Change;
use crate::entity::{KeyUse, SealedKey, UserPoolRecord};
use crate::error::{CommitError, Fault, Refusal, Result};
use crate::ids::PoolId;
use crate::local::Local;
use crate::time::Timestamp;
use crate::token::{KeyRing, NODES_KEEP, SigningKey};
use futures_util::lock::Mutex;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How often the first keys of a pool are looked for and made.
const ATTEMPTS: usize = 4;

/// Parsed keys by pool, and when they were last known to be the pool's.
#[derive(Default)]
pub(in crate::local) struct Cache {
    rings: RwLock<HashMap<PoolId, (Arc<KeyRing>, Timestamp)>>,
    /// Held by whoever makes a pool's first keys, so that however many want them they are made once.
    first: Mutex<()>,
}

impl Cache {
    fn get(&self, pool: &PoolId) -> Option<(Arc<KeyRing>, Timestamp)> {
        self.rings.read().unwrap_or_else(PoisonError::into_inner).get(pool).cloned()
    }

    /// The keys, if they were the pool's a moment ago. Before the time they were noted at, a clock was
    /// set back: then nothing is known of their age.
    fn fresh(&self, pool: &PoolId, now: Timestamp) -> Option<Arc<KeyRing>> {
        let (ring, at) = self.get(pool)?;
        (at..at.after(NODES_KEEP)).contains(&now).then_some(ring)
    }

    /// So that what was changed here is known at once; a pool of the same id made later has keys of its
    /// own.
    pub(in crate::local) fn forget(&self, pool: &PoolId) {
        self.rings.write().unwrap_or_else(PoisonError::into_inner).remove(pool);
    }

    fn put(&self, pool: PoolId, ring: Arc<KeyRing>, now: Timestamp) {
        self.rings.write().unwrap_or_else(PoisonError::into_inner).insert(pool, (ring, now));
    }
}

impl Local {
    /// A pool's public keys as a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn jwks(&self, pool: &PoolId) -> Result<Value> {
        Ok(self.key_ring(pool).await?.jwks())
    }

    /// A certificate of the key that signs a pool's ID tokens now (`GetSigningCertificate`), DER.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn signing_certificate(&self, pool: &PoolId) -> Result<Vec<u8>> {
        Ok(self.key_ring(pool).await?.certificate(pool.as_str(), self.now())?)
    }

    /// The keys that a token of a pool is checked with, if there is such a pool. Anybody can name one in
    /// a token, so nothing is made for one that does not exist.
    pub(in crate::local) async fn keys_to_check(
        &self,
        pool: &PoolId,
    ) -> Result<Option<Arc<KeyRing>>> {
        if let Some(ring) = self.key_rings.fresh(pool, self.now()) {
            return Ok(Some(ring));
        }
        match self.store().pool(pool).await? {
            Some(_) => self.key_ring(pool).await.map(Some),
            None => Ok(None),
        }
    }

    pub(in crate::local) async fn key_ring(&self, pool: &PoolId) -> Result<Arc<KeyRing>> {
        let now = self.now();
        if let Some(ring) = self.key_rings.fresh(pool, now) {
            return Ok(ring);
        }
        let keys = self.stored_keys(pool).await?;
        let known = self.key_rings.get(pool).map(|(ring, _)| ring);
        let known = known.filter(|ring| ring.is_of(&keys));
        let ring = match known {
            Some(ring) => ring,
            None => Arc::new(KeyRing::open(&keys, self.sealer())?),
        };
        self.key_rings.put(pool.clone(), Arc::clone(&ring), now);
        Ok(ring)
    }

    /// A pool's keys, oldest first. The first are made when they are first needed: making them takes as
    /// long as many sign-ins, and there may be a thousand pools.
    pub(in crate::local) async fn stored_keys(&self, id: &PoolId) -> Result<Vec<SealedKey>> {
        let keys = self.store().signing_keys(id).await?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        let _alone = self.key_rings.first.lock().await;
        for _ in 0..ATTEMPTS {
            // Before the keys: whoever makes them after that changes it.
            let pool = self.store().pool(id).await?;
            let pool = pool.ok_or_else(|| Refusal::PoolNotFound(id.clone()))?;
            let keys = self.store().signing_keys(id).await?;
            if !keys.is_empty() {
                return Ok(keys);
            }
            self.make_first_keys(pool).await?;
        }
        Err(Fault::Contended.into())
    }

    /// Of several nodes that make them at once, one succeeds: the others find the pool changed.
    async fn make_first_keys(&self, pool: UserPoolRecord) -> Result<()> {
        let create = self.make_keys(&pool.id).await?.map(Change::CreateSigningKey);
        let guard = Change::UpdatePool(Box::new(pool));
        // Nobody has changed anything about the pool, so nothing is observed.
        match self.store().commit([guard].into_iter().chain(create).collect()).await {
            Ok(()) | Err(CommitError::Refused(_)) => Ok(()),
            Err(CommitError::Store(problem)) => Err(problem.into()),
        }
    }

    /// A fresh key of each use, sealed for storage.
    pub(in crate::local) async fn make_keys(&self, pool: &PoolId) -> Result<[SealedKey; 2]> {
        Ok([self.make_key(pool, KeyUse::Id).await?, self.make_key(pool, KeyUse::Access).await?])
    }

    /// A fresh key that signs at once.
    pub(in crate::local) async fn make_key(
        &self,
        pool: &PoolId,
        usage: KeyUse,
    ) -> Result<SealedKey> {
        let pkcs8 = zeroize::Zeroizing::new(self.parts.workers.generate_rsa_key().await?);
        let now = self.now();
        let key = SigningKey::parse(usage, now, &pkcs8)?;
        Ok(key.seal(pool, &pkcs8, self.sealer(), self.rng(), now))
    }
}
