//! Measuring with the engine's own parts. Every number is the median of several samples.

use super::Subject;
use super::report::{Commits, HashCost, Measured, NotMeasured, Timing};
use crate::machine::Machine;
use crate::system::{SystemClock, SystemRng};
use crate::workers::{HashingPool, HashingSettings};
use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::srp::{
    Claim, ClientExchange, Exchange, Identity, Verifier, client_value,
};
use poolkeeper_pool::entity::{KeyUse, Spent};
use poolkeeper_pool::ids::{PoolId, SessionId};
use poolkeeper_pool::ports::{Store as _, Workers as _};
use poolkeeper_pool::system::{Clock as _, Rng as _};
use poolkeeper_pool::token::{KeyRing, SigningKey};
use poolkeeper_store::SqliteStore;
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, process};
use zeroize::Zeroizing;

/// Hashes to choose from, in KiB and iterations: two that OWASP recommends, then stronger ones.
const CHOICES: [(u32, u32); 5] = [(19_456, 2), (47_104, 1), (65_536, 2), (65_536, 3), (131_072, 3)];

/// The fewest samples of anything.
const FEWEST: usize = 5;

/// How much is measured: six hashes in two ways, a commit in two, and three kinds of arithmetic.
const MEASUREMENTS: u32 = 6 * 2 + 2 + 3;

const PASSWORD: &str = "Correct-Horse7!";
const POOL: &str = "us-east-1_Bench";

/// Measures all there is, within about this time.
pub(super) async fn measure(subject: &Subject, within: Duration) -> Result<Measured> {
    let (machine, slice) = (Machine::this(), within / MEASUREMENTS);
    let HashingSettings { memory_kib, iterations, .. } = subject.hashing;
    let configured = hash(subject.hashing, slice).await?;
    let mut choices = Vec::new();
    for (memory_kib, iterations) in CHOICES {
        let settings = HashingSettings { memory_kib, iterations, ..subject.hashing };
        choices.push(if settings == subject.hashing {
            configured.clone()
        } else if machine.free_bytes.is_none_or(|free| needs(settings) <= free / 2) {
            hash(settings, slice).await?
        } else {
            HashCost { memory_kib, iterations, times: None }
        });
    }
    if choices
        .iter()
        .all(|choice| (choice.memory_kib, choice.iterations) != (memory_kib, iterations))
    {
        choices.insert(0, configured.clone());
    }
    let keys = keys().await?;
    let commits = match &subject.folder {
        None => Err(NotMeasured::ElsewhereKept),
        Some(folder) => commits(folder, slice, 2 * subject.hashing.threads).await,
    };
    Ok(Measured {
        threads: subject.hashing.threads,
        configured,
        choices,
        signature: signature(&keys, slice).await?,
        verification: verification(&keys, slice).await?,
        srp: srp(slice).await?,
        commits,
        machine,
        is_debug: cfg!(debug_assertions),
    })
}

/// The memory of all hashing threads in bytes.
fn needs(settings: HashingSettings) -> u64 {
    let threads = u64::try_from(settings.threads).unwrap_or(u64::MAX);
    threads.saturating_mul(u64::from(settings.memory_kib)).saturating_mul(1024)
}

/// A comparison of a password with its hash, on the threads that the server would have.
async fn hash(settings: HashingSettings, slice: Duration) -> Result<HashCost> {
    let HashingSettings { memory_kib, iterations, threads, .. } = settings;
    let settings = HashingSettings { queue: threads, ..settings };
    let pool = HashingPool::start(&settings, Arc::new(SystemRng))?;
    let (password, hash) = (Secret::from(PASSWORD), pool.hash(Secret::from(PASSWORD)).await?);
    let verify = async || {
        let verified = pool.verify(password.clone(), hash.clone()).await?;
        ensure!(verified.matches, "a password does not match its own hash");
        Ok(())
    };
    // Maps the memory of each thread.
    together(Duration::ZERO, threads, &verify).await?;
    let (alone, together) =
        (alone(slice, &verify).await?, together(slice, threads, &verify).await?);
    Ok(HashCost { memory_kib, iterations, times: Some((alone, together)) })
}

/// A key that signs tokens, as the server keeps it.
async fn keys() -> Result<KeyRing> {
    let settings = HashingSettings { memory_kib: 8, iterations: 1, threads: 1, queue: 1 };
    let pkcs8 = HashingPool::start(&settings, Arc::new(SystemRng))?.generate_rsa_key().await?;
    let (pkcs8, now) = (Zeroizing::new(pkcs8), SystemClock.now());
    let mut master_key = Zeroizing::new([0; 32]);
    SystemRng.fill(&mut *master_key);
    let sealer = Sealer::new(&master_key);
    let key = SigningKey::parse(KeyUse::Access, now, &pkcs8)?;
    let sealed = key.seal(&PoolId::from(POOL), &pkcs8, &sealer, &SystemRng, now);
    Ok(KeyRing::open(&[sealed], &sealer)?)
}

/// Claims as many as those of an access token.
fn claims() -> Value {
    let id = SessionId::random(&SystemRng);
    let id = id.as_str();
    json!({
        "sub": id, "cognito:groups": ["example"], "iss": format!("https://auth.example.com/{POOL}"),
        "client_id": "1example23456789", "origin_jti": id, "event_id": id, "token_use": "access",
        "scope": "aws.cognito.signin.user.admin", "auth_time": 1_760_000_000,
        "exp": 1_760_003_600, "iat": 1_760_000_000, "jti": id, "username": id,
    })
}

async fn signature(keys: &KeyRing, slice: Duration) -> Result<Timing> {
    let claims = claims();
    let sign = async || {
        keys.sign(KeyUse::Access, &claims, SystemClock.now())?;
        Ok(())
    };
    alone(slice, sign).await
}

async fn verification(keys: &KeyRing, slice: Duration) -> Result<Timing> {
    let token = keys.sign(KeyUse::Access, &claims(), SystemClock.now())?;
    let verify = async || {
        keys.verify::<Value>(KeyUse::Access, token.expose())?;
        Ok(())
    };
    alone(slice, verify).await
}

/// What the server computes for a sign-in by SRP.
async fn srp(slice: Duration) -> Result<Timing> {
    let who = Identity { realm: "Bench", name: "user" };
    let verifier = Verifier::of_password(who, &Secret::from(PASSWORD), &SystemRng);
    let client = client_value(&ClientExchange::begin(&SystemRng).client_value());
    let client = client.context("an SRP client sent no value")?;
    // It takes as long to find a proof wrong as to find it right.
    let claim = Claim { signature: "", secret_block: &[], timestamp: "" };
    let serve = async || {
        let exchange = Exchange::begin(verifier.clone(), client.clone(), &SystemRng);
        black_box(exchange.is_proven_by(who, &claim));
        Ok(())
    };
    alone(slice, serve).await
}

/// Commits to a database of their own, on the disk of the folder.
async fn commits(folder: &Path, slice: Duration, callers: usize) -> Result<Commits, NotMeasured> {
    let problem = |error: anyhow::Error| NotMeasured::Failed(format!("{error:#}"));
    let scratch = Scratch::create(folder).map_err(problem)?;
    let store = SqliteStore::open(&scratch.0.join("bench.db"));
    let store = store.map_err(|error| problem(error.into()))?;
    let commit = async || {
        let spent = Spent::ChallengeSession(SessionId::random(&SystemRng).to_string());
        let (pool, until) = (PoolId::from(POOL), SystemClock.now());
        Ok(store.commit(vec![Change::Spend { pool, spent, until }]).await?)
    };
    let measured =
        async { Ok((alone(slice, &commit).await?, together(slice, callers, &commit).await?)) };
    let (alone, together) = measured.await.map_err(problem)?;
    Ok(Commits { alone, together })
}

/// A folder that goes when this is dropped.
struct Scratch(PathBuf);

impl Scratch {
    /// In this folder, or where this folder would be created.
    fn create(folder: &Path) -> Result<Self> {
        let existing = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        let path = existing.join(format!(".poolkeeper-bench-{}", process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot write to {}", existing.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// One after the other, for this long.
async fn alone(slice: Duration, work: impl AsyncFn() -> Result<()>) -> Result<Timing> {
    let (begin, mut samples) = (now(), Vec::new());
    while samples.len() < FEWEST || begin.elapsed() < slice {
        let begin = now();
        work().await?;
        samples.push(begin.elapsed());
    }
    Ok(Timing::of(samples))
}

/// So many at a time, for this long: the time in which one more is done.
async fn together(
    slice: Duration,
    callers: usize,
    work: &impl AsyncFn() -> Result<()>,
) -> Result<Duration> {
    let caller = |_| async {
        let (begin, mut done) = (now(), 0_u32);
        while done == 0 || begin.elapsed() < slice {
            work().await?;
            done += 1;
        }
        // Each caller's own pace, since they do not end at the same moment.
        anyhow::Ok(f64::from(done) / begin.elapsed().as_secs_f64())
    };
    let paces = try_join_all((0..callers.max(1)).map(caller)).await?;
    Ok(Duration::from_secs_f64(paces.iter().sum::<f64>().recip()))
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn now() -> Instant {
    Instant::now()
}
