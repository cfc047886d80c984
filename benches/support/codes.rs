//! Codes: those of authenticator apps, and those that users are sent.

use super::bench::clients;
use super::serving::{MASTER_KEY, add_user};
use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use poolkeeper::system::{SystemClock, SystemRng};
use poolkeeper_pool::crypto::seal::{Context, SealPurpose, Sealer};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::totp::{code, random_key};
use poolkeeper_pool::entity::{Totp, User};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use poolkeeper_pool::system::Clock as _;
use poolkeeper_pool::time::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// How long a code of an app is the current one, in seconds.
const STEP: i64 = 30;

/// How many users are made at a time.
const BATCH: usize = 16;

/// Users with an authenticator app, whose codes work once. All apps have the same key.
pub(crate) struct Factors {
    key: Secret,
    /// With the first step whose code is unused. Whoever was last used longest ago is first.
    users: Mutex<VecDeque<(String, i64)>>,
}

impl Factors {
    /// Makes so many.
    pub(crate) async fn create(engine: &Local, pool: &PoolId, count: usize) -> Result<Self> {
        let (key, sealer) = (random_key(&SystemRng), Sealer::new(&MASTER_KEY));
        let names: Vec<_> = (0..count).map(|number| format!("app{number}@example.com")).collect();
        let app = |user: &mut User| {
            let purpose = SealPurpose::Totp;
            let context = Context { purpose, pool: &user.pool, subject: user.sub.as_str() };
            let secret = sealer.seal_secret(context, &key, &SystemRng);
            let totp = Totp { secret, enabled: true, preferred: true, friendly_name: None };
            user.mfa.totp = Some(totp);
        };
        for names in names.chunks(BATCH) {
            try_join_all(names.iter().map(|name| add_user(engine, pool, name, app))).await?;
        }
        let users = names.into_iter().map(|name| (name, 0)).collect();
        Ok(Self { key, users: Mutex::new(users) })
    }

    /// A user, and a code that works now.
    pub(crate) fn next(&self) -> Result<(String, String)> {
        let now = SystemClock.now().seconds().div_euclid(STEP);
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let next = users.pop_front().filter(|(_, unused)| *unused <= now + 1);
        let (user, unused) =
            next.context("the machine is too fast for so few users with an app")?;
        // The code before the current one would work, too, but perhaps not for long enough.
        let step = unused.max(now);
        users.push_back((user.clone(), step + 1));
        let code = code(&self.key, Timestamp::from_seconds(step * STEP)).context("no code")?;
        Ok((user, code))
    }
}

/// What is sent to users who sign up.
pub(crate) struct Codes {
    engine: Arc<Local>,
    runtime: Handle,
}

impl Codes {
    pub(crate) fn new(engine: Arc<Local>, runtime: Handle) -> Self {
        Self { engine, runtime }
    }

    /// The code that was sent to an address a moment ago.
    pub(crate) fn of(&self, address: &str) -> Result<Secret> {
        // Nearly always among the newest.
        for limit in [clients(), 100 * clients()] {
            let newest = self.runtime.block_on(self.engine.outbox(limit))?;
            let sent = newest.into_iter().find(|message| message.to == address);
            if let Some(code) = sent.and_then(|message| message.code) {
                return Ok(code);
            }
        }
        anyhow::bail!("no code was sent to {address}")
    }
}
