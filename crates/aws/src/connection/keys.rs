//! The pool's public keys: fetched when they are needed, kept, and fetched again for a key that is
//! not known, but not more often than once in a while.

use crate::connection::connect::SetupError;
use crate::connection::settings::Settings;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Fault, Refusal, Result};
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::token::{ForeignClaims, PublicKeys, check_foreign_token, key_of};
use reqwest::redirect::Policy;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// The shortest time between two attempts to fetch: anybody can make up names of keys.
const FLOOR: Duration = Duration::from_secs(10);

/// After which keys are fetched again, so that those that were withdrawn are forgotten.
const LIFE: Duration = Duration::from_hours(1);

/// The largest key set that is read.
const MAX_BYTES: usize = 64 * 1024;

/// Fetches and keeps the keys.
pub(crate) struct Keys {
    url: String,
    issuer: String,
    http: reqwest::Client,
    kept: RwLock<Option<Kept>>,
    /// Held while fetching; when that was last tried.
    last_try: Mutex<Option<Timestamp>>,
}

#[derive(Clone)]
struct Kept {
    keys: Arc<PublicKeys>,
    at: Timestamp,
}

impl Keys {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SetupError> {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // It would be closed long before it is of use again.
            .pool_max_idle_per_host(0)
            .connect_timeout(settings.limits.connect)
            .timeout(settings.limits.connect + settings.limits.answer)
            .user_agent(concat!("poolkeeper/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| SetupError("cannot set up TLS".to_owned()))?;
        Ok(Self {
            url: settings.keys_url.clone(),
            issuer: settings.issuer.clone(),
            http,
            kept: RwLock::new(None),
            last_try: Mutex::new(None),
        })
    }

    /// The claims of an access token of this pool that has not expired.
    pub(crate) async fn check(&self, token: &Secret, now: Timestamp) -> Result<ForeignClaims> {
        // A token that is none is no reason to fetch anything.
        let id = key_of(token.expose()).ok_or(Refusal::AccessTokenInvalid)?;
        let fits = |kept: &Kept| kept.keys.has(&id) && now.since(kept.at) < LIFE;
        let keys = match self.kept().filter(fits) {
            Some(kept) => kept.keys,
            None => self.fetched(&fits, now).await?,
        };
        Ok(check_foreign_token(&keys, &self.issuer, token, now)?)
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest keys that there are. Old ones serve while new ones cannot be had.
    async fn fetched(
        &self,
        fits: &(dyn Fn(&Kept) -> bool + Sync),
        now: Timestamp,
    ) -> Result<Arc<PublicKeys>> {
        let mut last_try = self.last_try.lock().await;
        let kept = self.kept();
        let is_early = last_try.is_some_and(|at| now.since(at) < FLOOR);
        if is_early || kept.as_ref().is_some_and(fits) {
            let missing = || Fault::Unavailable("its public keys could not be fetched".to_owned());
            return Ok(kept.ok_or_else(missing)?.keys);
        }
        *last_try = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                let fresh = Kept { keys: Arc::clone(&keys), at: now };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
                Ok(keys)
            }
            Err(problem) => {
                tracing::warn!(url = %self.url, problem, "cannot fetch the pool's public keys");
                let problem = || Fault::Unavailable(problem.to_owned());
                Ok(kept.ok_or_else(problem)?.keys)
            }
        }
    }

    async fn fetch(&self) -> Result<PublicKeys, &'static str> {
        let mut answer = self.http.get(&self.url).send().await.map_err(|error| {
            if error.is_timeout() { "no answer in time" } else { "no connection" }
        })?;
        if !answer.status().is_success() {
            return Err("the answer has an error status");
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| "the answer broke off")? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                return Err("the answer is too long");
            }
        }
        PublicKeys::parse(&body).ok_or("the answer is not a set of RSA keys")
    }
}
