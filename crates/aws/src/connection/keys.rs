//! The pool's public documents, i.e. its keys and the discovery document: fetched when they are needed,
//! kept, and fetched again for a key or an issuer that is not known, but not more often than once in a
//! while.

use crate::connection::connect::SetupError;
use crate::connection::issuers::{Issuers, learn};
use crate::connection::settings::Settings;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Fault, Refusal, Result};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::token::{
    ForeignClaims, PUBLIC_KEYS_KEPT, PublicKeys, check_foreign_token, key_of, unverified_issuer,
};
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// The shortest time between two attempts to fetch: anybody can make up names of keys.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// After which keys are fetched again, so that those that were withdrawn are forgotten.
const MAX_AGE: Duration = Duration::from_hours(1);

/// The largest document that is read.
const MAX_BYTES: usize = 64 * 1024;

const NO_DISCOVERY: &str = "its discovery document could not be fetched";

/// Fetches and keeps the documents.
pub(crate) struct Keys {
    pool: PoolId,
    documents: String,
    issuers: Issuers,
    http: reqwest::Client,
    kept: RwLock<Option<Arc<Kept>>>,
    /// Held while fetching; when that was last tried.
    last_try: Mutex<Option<Timestamp>>,
}

/// The documents as they were at a time.
struct Kept {
    keys: PublicKeys,
    /// The keys as they were published.
    set: Value,
    /// The discovery document. Not all who stand in for Amazon have one.
    discovery: Option<Value>,
    /// When that was fetched.
    discovery_at: Option<Timestamp>,
    /// The issuers that it has named, the newest first.
    learned: Vec<String>,
    at: Timestamp,
}

impl Kept {
    /// Whether the discovery document is as the pool publishes it now. If it is older, it could not be
    /// fetched again.
    fn is_current(&self, now: Timestamp) -> bool {
        self.discovery_at.is_some_and(|at| now.since(at) < MIN_INTERVAL)
    }
}

impl Keys {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SetupError> {
        let http = settings
            .proxies
            .client(&settings.limits)?
            // It would be closed long before it is of use again.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("poolkeeper/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| SetupError("cannot set up TLS".to_owned()))?;
        Ok(Self {
            pool: settings.pool.clone(),
            documents: settings.documents.clone(),
            issuers: settings.issuers.clone(),
            http,
            kept: RwLock::new(None),
            last_try: Mutex::new(None),
        })
    }

    /// The claims of an access token of this pool that has not expired.
    pub(crate) async fn check(&self, token: &Secret, now: Timestamp) -> Result<ForeignClaims> {
        // Nothing is fetched for a malformed token or one of another pool.
        let id = key_of(token.expose()).ok_or(Refusal::AccessTokenInvalid)?;
        let issuer = unverified_issuer(token)
            .filter(|issuer| self.issuers.may_accept(issuer, &self.pool))
            .ok_or(Refusal::AccessTokenInvalid)?;
        let is_ours = |kept: &Kept| self.issuers.accept(&issuer, &kept.learned);
        let fits =
            |kept: &Kept| kept.keys.has(&id) && is_ours(kept) && now.since(kept.at) < MAX_AGE;
        let serves = |kept: &Kept| kept.keys.has(&id) && is_ours(kept);
        let kept = self.fitting(&fits, &serves, now).await?;
        if !kept.keys.has(&id) && now.since(kept.at) >= MIN_INTERVAL {
            let problem = "its public keys could not be fetched for a new key";
            return Err(Fault::Unavailable(problem.to_owned()).into());
        }
        let claims = check_foreign_token(&kept.keys, &issuer, token, now)?;
        if is_ours(&kept) {
            return Ok(claims);
        }
        if kept.is_current(now) {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        // The pool signed it, and who issues the pool's tokens cannot be found out at the moment.
        Err(Fault::Unavailable(NO_DISCOVERY.to_owned()).into())
    }

    /// The keys as they were published: at most as old as caches may keep our own, unless Amazon is down.
    pub(crate) async fn set(&self, now: Timestamp) -> Result<Value> {
        let fits = |kept: &Kept| now.since(kept.at) < PUBLIC_KEYS_KEPT;
        Ok(self.fitting(&fits, &|_| true, now).await?.set.clone())
    }

    /// The discovery document as it was published.
    pub(crate) async fn discovery(&self, now: Timestamp) -> Result<Value> {
        let fits = |kept: &Kept| kept.discovery.is_some() && now.since(kept.at) < PUBLIC_KEYS_KEPT;
        let serves = |kept: &Kept| kept.discovery.is_some();
        let discovery = self.fitting(&fits, &serves, now).await?.discovery.clone();
        Ok(discovery.ok_or_else(|| Fault::Unavailable(NO_DISCOVERY.to_owned()))?)
    }

    fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Documents that fit, if there are any. Old ones that serve are given while another request
    /// fetches new ones, and while new ones cannot be had.
    async fn fitting(
        &self,
        fits: &(dyn Fn(&Kept) -> bool + Sync),
        serves: &(dyn Fn(&Kept) -> bool + Sync),
        now: Timestamp,
    ) -> Result<Arc<Kept>> {
        if let Some(kept) = self.kept().filter(|kept| fits(kept)) {
            return Ok(kept);
        }
        let mut last_try = match self.last_try.try_lock() {
            Ok(last_try) => last_try,
            Err(_) => match self.kept().filter(|kept| serves(kept)) {
                Some(kept) => return Ok(kept),
                None => self.last_try.lock().await,
            },
        };
        let kept = self.kept();
        let is_early = last_try.is_some_and(|at| now.since(at) < MIN_INTERVAL);
        if is_early || kept.as_ref().is_some_and(|kept| fits(kept)) {
            let missing = || Fault::Unavailable("its public keys could not be fetched".to_owned());
            return Ok(kept.ok_or_else(missing)?);
        }
        *last_try = Some(now);
        match self.fetch(kept.as_deref(), now).await {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(Arc::clone(&fresh));
                Ok(fresh)
            }
            Err(problem) => {
                let documents = &self.documents;
                tracing::warn!(%documents, problem, "cannot fetch the pool's public keys");
                let problem = || Fault::Unavailable(problem.to_owned());
                Ok(kept.ok_or_else(problem)?)
            }
        }
    }

    /// Fetches both documents. If the discovery document cannot be fetched, the previous one is kept.
    async fn fetch(&self, before: Option<&Kept>, now: Timestamp) -> Result<Kept, &'static str> {
        let (set, discovery) = tokio::join!(self.fetch_set(), self.fetch_discovery());
        let (keys, set) = set?;
        let (discovery, discovery_at) = match discovery {
            Ok(discovery) => (Some(discovery), Some(now)),
            Err(problem) => {
                let documents = &self.documents;
                tracing::warn!(%documents, problem, "cannot fetch the pool's discovery document");
                let before = before.map(|before| (before.discovery.clone(), before.discovery_at));
                before.unwrap_or_default()
            }
        };
        let learned = before.map_or(&[][..], |before| &before.learned);
        let learned = discovery.as_ref().map_or_else(Vec::new, |it| learn(learned, it, &self.pool));
        Ok(Kept { keys, set, discovery, discovery_at, learned, at: now })
    }

    /// The keys as they are now, and as they are published.
    pub(crate) async fn fetch_set(&self) -> Result<(PublicKeys, Value), &'static str> {
        let body = self.get("jwks.json").await?;
        let keys = PublicKeys::parse(&body).ok_or("the answer is not a set of RSA keys")?;
        let set = serde_json::from_slice(&body).map_err(|_| "the answer is not JSON")?;
        Ok((keys, set))
    }

    /// The discovery document as it is now.
    pub(crate) async fn fetch_discovery(&self) -> Result<Value, &'static str> {
        self.get("openid-configuration").await.and_then(|body| object(&body))
    }

    async fn get(&self, document: &str) -> Result<Vec<u8>, &'static str> {
        let url = format!("{}/{document}", self.documents);
        let mut answer = self.http.get(url).send().await.map_err(|error| {
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
        Ok(body)
    }
}

fn object(body: &[u8]) -> Result<Value, &'static str> {
    let value = serde_json::from_slice(body).ok().filter(Value::is_object);
    value.ok_or("the answer is not a JSON object")
}
