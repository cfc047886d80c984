use async_trait::async_trait;
use poolkeeper::system::SystemRng;
use poolkeeper::workers::{HashingPool, HashingSettings};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::WorkerError;
use poolkeeper_pool::ports::{Verified, Workers};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// How many RSA keys all tests of a process share. Two pools of one test never share one.
const KEYS: usize = 12;

static MADE: [OnceLock<Vec<u8>>; KEYS] = [const { OnceLock::new() }; KEYS];

/// The real hashing pool with parameters that cost nothing, and RSA keys made once. It counts
/// hashes and comparisons, so that tests can see that work was done.
pub(crate) struct TestWorkers {
    pool: HashingPool,
    next_key: AtomicUsize,
    pub(crate) comparisons: AtomicUsize,
    pub(crate) hashes: AtomicUsize,
}

impl TestWorkers {
    pub(crate) fn new() -> Self {
        let settings = HashingSettings { memory_kib: 64, iterations: 1, threads: 1, queue: 1024 };
        Self {
            pool: HashingPool::start(&settings, Arc::new(SystemRng)).unwrap(),
            next_key: AtomicUsize::new(0),
            comparisons: AtomicUsize::new(0),
            hashes: AtomicUsize::new(0),
        }
    }

    /// The private keys that were made so far.
    pub(crate) fn keys() -> impl Iterator<Item = &'static [u8]> {
        MADE.iter().filter_map(OnceLock::get).map(Vec::as_slice)
    }
}

#[async_trait]
impl Workers for TestWorkers {
    async fn hash(&self, password: Secret) -> Result<Secret, WorkerError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        self.pool.hash(password).await
    }

    async fn verify(&self, password: Secret, hash: Secret) -> Result<Verified, WorkerError> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        self.pool.verify(password, hash).await
    }

    fn decoy(&self) -> Secret {
        self.pool.decoy()
    }

    async fn generate_rsa_key(&self) -> Result<Vec<u8>, WorkerError> {
        let slot = &MADE[self.next_key.fetch_add(1, Ordering::SeqCst) % KEYS];
        if let Some(key) = slot.get() {
            return Ok(key.clone());
        }
        let key = self.pool.generate_rsa_key().await?;
        Ok(slot.get_or_init(|| key).clone())
    }
}
