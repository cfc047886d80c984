//! What resource servers need to check tokens: per pool, the OpenID Connect discovery document and
//! the public keys, at the paths where Cognito has them.

use crate::kit::{Endpoints, Mount, json, report_fault};
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use poolkeeper_pool::error::{Error, Refusal, Result};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

const DISCOVERY: &str = "/{pool}/.well-known/openid-configuration";
const JWKS: &str = "/{pool}/.well-known/jwks.json";

/// What describes a pool to those who check its tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum DiscoveryDocument {
    /// One that is made here: the pool's keys are served here, and its tokens have this issuer.
    Made {
        /// The issuer.
        issuer: String,
    },
    /// One that is published where the pool lives.
    Published(Value),
}

/// Describes pools and hands out public keys.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The discovery document of a pool; `None` if there is no such pool.
    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>>;

    /// The public keys of a pool as a JWK set; `None` if there is no such pool.
    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>>;
}

#[async_trait]
impl KeySource for Local {
    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>> {
        let keys = KeySource::jwks(self, pool).await?;
        Ok(keys.map(|_| DiscoveryDocument::Made { issuer: self.issuer(pool) }))
    }

    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>> {
        match Self::jwks(self, pool).await {
            Err(Error::Refused(Refusal::PoolNotFound(_))) => Ok(None),
            keys => keys.map(Some),
        }
    }
}

/// Where discovery documents and keys come from.
#[derive(Clone)]
pub struct WellKnownMount {
    /// The keys.
    pub keys: Arc<dyn KeySource>,
    /// The address under which clients reach this server, without a slash at its end. Issuers may
    /// be elsewhere; keys are served here.
    pub public_url: String,
}

/// The members that OpenID Connect requires, as far as there is something to name: endpoints for
/// authorization and tokens are left out until there are any.
#[derive(Serialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 2],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
}

impl WellKnownMount {
    pub(crate) fn mount(self) -> Mount {
        let endpoints = Endpoints::new(not_found, method_not_allowed)
            .at(Method::GET, DISCOVERY, open(get(discovery)))
            .at(Method::GET, JWKS, open(get(jwks)));
        let claim = |path: &str| pool_of(path).map(|_| path.to_owned());
        Mount::new(claim, endpoints.routes(), endpoints.finish(Arc::new(self)))
    }
}

/// How long caches keep a document: `PUBLIC_KEYS_KEPT` of the engine, where new keys wait for longer than
/// that before they sign.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Both documents are public: pages of any origin may read them, and caches keep them a while.
fn open(methods: MethodRouter<Arc<WellKnownMount>>) -> MethodRouter<Arc<WellKnownMount>> {
    const ANY: (HeaderName, HeaderValue) =
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let preflight =
        || async { (StatusCode::NO_CONTENT, [(header::ACCESS_CONTROL_ALLOW_METHODS, "GET")]) };
    methods.options(preflight).layer(map_response(|mut response: Response| async move {
        response.headers_mut().insert(ANY.0, ANY.1);
        if response.status() == StatusCode::OK {
            response.headers_mut().insert(header::CACHE_CONTROL, KEEP);
        }
        response
    }))
}

/// The pool in `/<pool>/.well-known/…`. Ids of pools need no escapes, so none are undone.
fn pool_of(path: &str) -> Option<PoolId> {
    let (pool, rest) = path.strip_prefix('/')?.split_once('/')?;
    let is_well_known = rest.split('/').next() == Some(".well-known");
    (is_well_known && !pool.is_empty()).then(|| PoolId::from(pool))
}

async fn discovery(State(mount): State<Arc<WellKnownMount>>, request: Request) -> Response {
    let Some(pool) = pool_of(request.uri().path()) else { return not_found() };
    match mount.keys.discovery(&pool).await {
        Ok(Some(DiscoveryDocument::Made { issuer })) => {
            json(StatusCode::OK, &describe(&mount, &pool, issuer))
        }
        // Unread: its members are for those to understand who ask for it.
        Ok(Some(DiscoveryDocument::Published(document))) => json(StatusCode::OK, &document),
        Ok(None) => not_found(),
        Err(error) => failure(error),
    }
}

fn describe(mount: &WellKnownMount, pool: &PoolId, issuer: String) -> Discovery {
    Discovery {
        issuer,
        jwks_uri: format!("{}/{pool}/.well-known/jwks.json", mount.public_url),
        response_types_supported: ["code", "token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
    }
}

async fn jwks(State(mount): State<Arc<WellKnownMount>>, request: Request) -> Response {
    let Some(pool) = pool_of(request.uri().path()) else { return not_found() };
    match mount.keys.jwks(&pool).await {
        Ok(Some(keys)) => json(StatusCode::OK, &keys),
        Ok(None) => not_found(),
        Err(error) => failure(error),
    }
}

fn failure(error: Error) -> Response {
    match error {
        Error::Refused(_) => not_found(),
        Error::Fault(fault) => crate::plain(report_fault(&fault)),
    }
}

fn not_found() -> Response {
    crate::plain(StatusCode::NOT_FOUND)
}

fn method_not_allowed() -> Response {
    crate::plain(StatusCode::METHOD_NOT_ALLOWED)
}
