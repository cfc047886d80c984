//! The threads on which passwords are hashed and keys are generated.
//!
//! A sign-in costs what its password hash costs, so this work has threads of its own and a bounded
//! queue: when more is asked than the machine can do, the excess is refused at once and everything
//! else goes on. Each thread keeps one arena for its hashes, mapped and resident, as long as there are
//! hashes to compute.
//!
//! An RSA key takes as long as several sign-ins. So that no sign-in waits for one, keys are made one
//! after the other on another thread, which yields to those that hash.

mod crew;

use argon2_rust::params::{Memory, TagLen};
use argon2_rust::{Algorithm, Argon2, Decoded, Hasher, Params, Version};
use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use crew::{Crew, Tool};
use poolkeeper_pool::crypto::secret::{Secret, same_bytes};
use poolkeeper_pool::error::WorkerError;
use poolkeeper_pool::ports::{Verified, Workers};
use poolkeeper_pool::system::Rng;
use std::sync::Arc;
use std::{fmt, io, num::NonZero, thread};
use zeroize::{Zeroize as _, Zeroizing};

/// Lengths of what this release writes, in bytes.
const SALT_LEN: usize = 16;
const TAG_LEN: usize = 32;

/// The costliest hash that is compared: a stored one asking for more is refused rather than
/// allowed to take the machine down.
pub const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// The most passes a hash may ask for.
pub const MAX_ITERATIONS: u32 = 32;
const MAX_LANES: u32 = 16;

/// How many RSA keys may be waited for.
const MOST_KEYS_AWAITED: usize = 64;

/// How much the thread that makes keys yields to others ("nice"). More, and on a busy machine a key
/// would take for ever.
const NICENESS: i32 = 5;

/// How passwords are hashed, and by how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingSettings {
    /// Memory of one hash in KiB (`m`).
    pub memory_kib: u32,
    /// Passes over that memory (`t`).
    pub iterations: u32,
    /// How many hashes are computed at a time.
    pub threads: usize,
    /// How many more may wait.
    pub queue: usize,
}

impl Default for HashingSettings {
    /// The parameters OWASP recommends, on every core.
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        Self { memory_kib: 19_456, iterations: 2, threads, queue: 64 }
    }
}

/// Why the threads were not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Argon2 is not defined for these parameters, or they exceed what would be compared again.
    #[error("argon2id cannot be used with m={0} KiB and t={1}")]
    Parameters(u32, u32),
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

/// Computes argon2id hashes and RSA keys on threads of its own. Dropping it ends them.
pub struct HashingPool {
    argon2: Argon2,
    rng: Arc<dyn Rng>,
    decoy: Secret,
    hashing: Crew<Hasher>,
    keys: Crew<KeyTool>,
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { argon2, hashing, .. } = self;
        f.debug_struct("HashingPool")
            .field("argon2", argon2)
            .field("threads", &hashing.len())
            .finish_non_exhaustive()
    }
}

impl HashingPool {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// If argon2id cannot be used with these settings, or the system refuses a thread.
    pub fn start(settings: &HashingSettings, rng: Arc<dyn Rng>) -> Result<Self, StartError> {
        let argon2 = configure(settings)?;
        let decoy = decoy(&argon2, &*rng)
            .map_err(|_| StartError::Parameters(settings.memory_kib, settings.iterations))?;
        let size = (settings.threads.max(1), settings.queue);
        let hashing = Crew::start("hashing", size, move || argon2.hasher())?;
        let keys = Crew::start("keys", (1, MOST_KEYS_AWAITED), yield_to_others)?;
        Ok(Self { argon2, rng, decoy, hashing, keys })
    }
}

#[async_trait]
impl Workers for HashingPool {
    async fn hash(&self, password: Secret) -> Result<Secret, WorkerError> {
        let mut salt = [0; SALT_LEN];
        self.rng.fill(&mut salt);
        let hash = move |hasher: &mut Hasher| {
            let encoded = hasher.hash_encoded(password.expose().as_bytes(), &salt);
            encoded.map(Secret::new).map_err(|_| WorkerError::Failed("argon2 failed"))
        };
        self.hashing.run(hash).await
    }

    async fn verify(&self, password: Secret, hash: Secret) -> Result<Verified, WorkerError> {
        let today = self.argon2;
        self.hashing.run(move |hasher| verify(hasher, &today, &password, &hash)).await
    }

    fn decoy(&self) -> Secret {
        self.decoy.clone()
    }

    async fn generate_rsa_key(&self) -> Result<Vec<u8>, WorkerError> {
        self.keys
            .run(|_| {
                let failed = |_| WorkerError::Failed("RSA key generation failed");
                let key = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let pkcs8: Pkcs8V1Der<'_> = key.as_der().map_err(failed)?;
                Ok(pkcs8.as_ref().to_vec())
            })
            .await
    }
}

fn configure(settings: &HashingSettings) -> Result<Argon2, StartError> {
    let HashingSettings { memory_kib, iterations, .. } = *settings;
    let impossible = StartError::Parameters(memory_kib, iterations);
    if memory_kib > MAX_MEMORY_KIB || iterations > MAX_ITERATIONS {
        return Err(impossible);
    }
    let params = Params::builder()
        .memory(Memory::kib(memory_kib.into()))
        .passes(iterations)
        .lanes(1)
        .tag_len(TagLen::bytes(TAG_LEN as u64))
        .build()
        .map_err(|_| impossible)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Random bytes in place of salt and hash: no password is known that leads there, nor will one be.
fn decoy(argon2: &Argon2, rng: &dyn Rng) -> Result<Secret, argon2_rust::Error> {
    let (mut salt, mut tag) = ([0; SALT_LEN], [0; TAG_LEN]);
    rng.fill(&mut salt);
    rng.fill(&mut tag);
    argon2_rust::encode_string_alloc(
        argon2.algorithm(),
        argon2.version(),
        argon2.params(),
        &salt,
        &tag,
    )
    .map(Secret::new)
}

fn verify(
    hasher: &mut Hasher,
    today: &Argon2,
    password: &Secret,
    hash: &Secret,
) -> Result<Verified, WorkerError> {
    let mut stored = argon2_rust::decode_string(hash.expose(), Algorithm::Argon2id)
        .map_err(|_| WorkerError::Failed("a stored hash is not a PHC string of argon2id"))?;
    let outcome = compare(hasher, today, password, &stored);
    stored.hash.zeroize();
    outcome
}

fn compare(
    hasher: &mut Hasher,
    today: &Argon2,
    password: &Secret,
    stored: &Decoded,
) -> Result<Verified, WorkerError> {
    if !is_sane(stored) {
        return Err(WorkerError::Failed("a stored hash asks for too much memory or time"));
    }
    hasher.set_argon2(Argon2::new(Algorithm::Argon2id, stored.version, stored.params));
    let mut tag = Zeroizing::new(vec![0; stored.hash.len()]);
    let computed = hasher.hash_into(password.expose().as_bytes(), &stored.salt, &mut tag);
    if stored.params.memory_kib() > today.params().memory_kib() {
        // Else this thread would keep the larger arena for good.
        hasher.clear();
    }
    hasher.set_argon2(*today);
    computed.map_err(|_| WorkerError::Failed("argon2 failed"))?;
    Ok(Verified { matches: same_bytes(&tag, &stored.hash), outdated: is_weaker(stored, today) })
}

/// Whether it is safe to compute the hash at all, and whether it is long enough to prove anything.
fn is_sane(stored: &Decoded) -> bool {
    stored.params.memory_kib() <= MAX_MEMORY_KIB
        && stored.params.passes() <= MAX_ITERATIONS
        && stored.params.lanes() <= MAX_LANES
        && (16..=64).contains(&stored.hash.len())
        && stored.salt.len() <= 64
}

fn is_weaker(stored: &Decoded, today: &Argon2) -> bool {
    stored.params.memory_kib() < today.params().memory_kib()
        || stored.params.passes() < today.params().passes()
        || stored.version != today.version()
        || stored.hash.len() < TAG_LEN
        || stored.salt.len() < SALT_LEN
}

impl Tool for Hasher {
    fn put_away(&mut self) {
        self.clear();
    }
}

/// What keys are made with: nothing.
struct KeyTool;

impl Tool for KeyTool {
    fn put_away(&mut self) {}
}

/// Lowers the priority of the thread that calls this. Where the system does not allow it, keys are
/// made all the same.
fn yield_to_others() -> KeyTool {
    rustix::process::setpriority_process(None, NICENESS).ok();
    KeyTool
}

#[cfg(test)]
mod tests;
