//! What the server answers: the faces that a configuration asks for, each with what it calls.

use super::administrators;
use crate::config::{CognitoConfig, Config, TenantApiConfig};
use crate::observer::LogObserver;
use crate::pools::Pools;
use crate::system::{SystemClock, SystemRng};
use anyhow::Result;
use axum::Router;
use axum::http::Uri;
use axum::http::uri::Authority;
use poolkeeper_faces::cognito::{self, CognitoMount};
use poolkeeper_faces::{
    Counting, Faces, Hosts, PartnerMount, PortalMount, TenantMount, WellKnownMount,
};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use poolkeeper_pool::system::{Clock, Rng};
use std::net::SocketAddr;
use std::sync::Arc;

/// Everything the server answers.
///
/// # Errors
///
/// If Cognito's protocol is forwarded and TLS cannot be set up for that.
pub fn faces(
    engine: &Arc<Local>,
    pools: &Arc<Pools>,
    config: &Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<Router> {
    let mut faces = Faces::new(Arc::clone(&clock), rng, engine.observer());
    let nodes = engine.has_other_nodes().then(|| Arc::clone(engine) as _);
    let counting = Counting { clock, nodes };
    faces.proxies = config.trusted_proxies.clone();
    faces.hosts = hosts(config, config.listen);
    let tenants = config.tenant_api.as_ref();
    faces.tenant = tenants.map(|api| tenant_mount(api, engine, pools, counting.clone()));
    faces.cognito = match &config.cognito {
        Some(protocol) => {
            let known_hosts = known_hosts(config);
            Some(cognito_router(protocol, engine, pools, counting.clone(), known_hosts)?)
        }
        None => None,
    };
    faces.well_known = Some(WellKnownMount {
        keys: Arc::clone(pools) as _,
        public_url: config.public_url.clone(),
    });
    faces.partner = config.partner_api.as_ref().map(|api| PartnerMount {
        pool: Arc::clone(pools) as _,
        self_service: Arc::clone(pools) as _,
        administration: Arc::clone(pools) as _,
        directory: Arc::clone(engine) as _,
        pool_id: api.pool.clone(),
        pool_name: pool_name(&api.pool, config),
        client: api.client.clone(),
        groups: api.groups.clone(),
        prefix: api.prefix.clone(),
        first_party_apps: api.first_party_apps.clone(),
        limits: api.limits,
        counting: counting.clone(),
    });
    faces.portal = config.portal_api.as_ref().map(|api| PortalMount {
        pool: Arc::clone(pools) as _,
        self_service: Arc::clone(pools) as _,
        administration: Arc::clone(pools) as _,
        pool_id: api.pool.clone(),
        client: api.client.clone(),
        prefix: api.prefix.clone(),
        texts: api.texts.clone(),
        administrators: administrators(api),
        cors_origins: api.cors_origins.clone(),
        expose_unknown_users: !api.hide_unknown_users,
        registration: api.registration,
        second_factors: api.second_factors,
        attempts_per_address: api.attempts_per_address,
        counting,
    });
    faces.inbox = config.inbox.then(|| Arc::clone(engine) as _);
    faces.api_docs = config.openapi;
    Ok(faces.router())
}

/// What operators are answered.
pub(super) fn for_operators(config: &Config, listen: SocketAddr) -> Router {
    let mut faces = Faces::new(Arc::new(SystemClock), Arc::new(SystemRng), Arc::new(LogObserver));
    faces.proxies = config.trusted_proxies.clone();
    faces.hosts = hosts(config, listen);
    faces.operator = true;
    faces.router()
}

/// The hosts under which requests may ask for what is served at an address.
fn hosts(config: &Config, listen: SocketAddr) -> Hosts {
    let public = config.public_url.parse::<Uri>().ok();
    let public = public.as_ref().and_then(Uri::host).map(str::to_owned);
    Hosts::known(config.hosts.iter().cloned().chain(public), listen)
}

/// The hosts that clients know the server by: that of `public_url`, with its port, and others.
fn known_hosts(config: &Config) -> Vec<Authority> {
    let public = config.public_url.parse::<Uri>().ok().and_then(|url| url.authority().cloned());
    let others = config.hosts.iter().filter_map(|host| host.parse().ok());
    public.into_iter().chain(others).collect()
}

/// What a pool of this configuration is called.
fn pool_name(id: &PoolId, config: &Config) -> String {
    let pool = config.pools.iter().find(|pool| pool.id == *id);
    pool.map_or_else(|| id.to_string(), |pool| pool.name.clone())
}

fn tenant_mount(
    api: &TenantApiConfig,
    engine: &Arc<Local>,
    pools: &Arc<Pools>,
    counting: Counting,
) -> TenantMount {
    TenantMount {
        pool: Arc::clone(pools) as _,
        directory: Arc::clone(engine) as _,
        tenancy: Arc::clone(pools) as _,
        counting,
        prefix: api.prefix.clone(),
        flat_tokens: api.flat_tokens,
        cors_origins: api.cors_origins.clone(),
        attempts_per_address: api.attempts_per_address,
    }
}

/// Cognito's protocol: answered here, or by Amazon.
#[cfg_attr(
    not(feature = "aws"),
    expect(clippy::unnecessary_wraps, reason = "only what is forwarded can fail to be set up")
)]
fn cognito_router(
    protocol: &CognitoConfig,
    engine: &Arc<Local>,
    pools: &Arc<Pools>,
    counting: Counting,
    known_hosts: Vec<Authority>,
) -> Result<Router> {
    #[cfg(feature = "aws")]
    if let Some(to) = &protocol.forward {
        return super::forward::router(to);
    }
    Ok(cognito::router(CognitoMount {
        engine: Arc::clone(engine),
        self_service: Arc::clone(pools) as _,
        counting,
        attempts_per_address: protocol.attempts_per_address,
        known_hosts,
    }))
}
