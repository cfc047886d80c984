//! The pools that live at Amazon, as the configuration says.

use crate::config::{AmazonConfig, Backend, ClientConfig, Config, PoolConfig, SecretSource};
use crate::pools::{PoolBackend, RemotePool};
use crate::wire::{administrators, partner_groups};
use anyhow::Result;
use async_trait::async_trait;
use poolkeeper_aws::{
    Amazon, AppClient, Expected, ExpectedGroup, Flow, Issuers, Limits, Need, Parts, Proxies,
    Settings,
};
use poolkeeper_faces::DiscoveryDocument;
use poolkeeper_pool::backend::administrators::ADMINISTRATORS;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{AuthFlow, SignInName};
use poolkeeper_pool::error::Result as PoolResult;
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use poolkeeper_pool::request::RequestContext;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::time::Duration;

#[async_trait]
impl PoolBackend for Amazon {
    fn client_of(&self, refresh_token: &Secret) -> Option<ClientId> {
        Self::client_of(self, refresh_token)
    }

    fn asked(&self, session: &Secret) -> bool {
        Self::asked(self, session)
    }

    async fn catch_up(&self, request: &RequestContext) -> PoolResult<()> {
        Self::catch_up(self, request).await
    }

    async fn discovery(&self, _: &PoolId) -> PoolResult<Option<DiscoveryDocument>> {
        Ok(Some(DiscoveryDocument::Published(self.published_discovery().await?)))
    }

    async fn jwks(&self, _: &PoolId) -> PoolResult<Option<Value>> {
        self.published_keys().await.map(Some)
    }
}

/// Every pool that lives at Amazon. Nothing is connected: Amazon need not be there.
///
/// # Errors
///
/// If the secret of an app client cannot be read, or TLS cannot be set up.
pub async fn remote_pools(config: &Config, parts: &Parts) -> Result<Vec<RemotePool>> {
    let mut all = Vec::new();
    for pool in &config.pools {
        if let Backend::Amazon(amazon) = &pool.backend {
            let backend = Amazon::new(settings(pool, amazon, config)?, parts.clone()).await?;
            all.push(RemotePool {
                pool: pool.id.clone(),
                clients: pool.clients.iter().map(|client| client.id.clone()).collect(),
                token_issuer: amazon.token_issuer.clone(),
                backend: Arc::new(backend),
            });
        }
    }
    Ok(all)
}

/// The proxies between this machine and Amazon, which the SDK finds in the environment by itself.
pub(super) fn proxies() -> Proxies {
    Proxies::read(&|name| env::var(name).ok())
}

fn has_partners(config: &Config, pool: &PoolId) -> bool {
    config.partner_api.as_ref().is_some_and(|api| api.pool == *pool)
}

/// How a pool is reached, and with what.
///
/// # Errors
///
/// If the secret of an app client cannot be read.
pub fn settings(pool: &PoolConfig, amazon: &AmazonConfig, config: &Config) -> Result<Settings> {
    let id = &pool.id;
    let portal = config.portal_api.as_ref().filter(|api| api.pool == *id);
    Ok(Settings {
        pool: id.clone(),
        region: amazon.region.clone(),
        clients: pool.clients.iter().map(client).collect::<Result<_>>()?,
        mfa: pool.mfa,
        endpoint: amazon.addresses.endpoint.clone(),
        named_endpoint: amazon.named_endpoint.clone(),
        documents: amazon.addresses.documents.clone(),
        issuers: match &amazon.token_issuer {
            Some(issuer) => Issuers::Only(issuer.clone()),
            None => Issuers::Known(amazon.addresses.issuers.clone()),
        },
        proxies: proxies(),
        check_revocation: amazon.check_revocation,
        group_life: amazon.group_life,
        address_usernames: pool.username_attributes.contains(&SignInName::Email),
        has_partners: has_partners(config, id),
        suspended_group: partner_groups(config).suspended,
        service_group: amazon.service_group.clone(),
        administrators: portal.map(administrators),
        access_key: None,
        fresh_proof: minutes(pool.rules.fresh_proof.sign_in_apis_minutes),
        limits: Limits {
            connect: amazon.connect_timeout,
            answer: amazon.answer_timeout,
            attempts: amazon.attempts,
            failures: amazon.failures,
            rest: amazon.rest,
            ..Limits::default()
        },
    })
}

/// What the configuration expects of a pool as it is set up at Amazon.
pub fn expected(pool: &PoolConfig, amazon: &AmazonConfig, config: &Config) -> Expected {
    let names = |names: &[SignInName]| names.iter().copied().map(SignInName::attribute).collect();
    let portal = config.portal_api.as_ref().filter(|api| api.pool == pool.id);
    let signs_up = has_partners(config, &pool.id) || portal.is_some_and(|api| api.registration);
    Expected {
        username_attributes: names(&pool.username_attributes),
        alias_attributes: names(&pool.alias_attributes),
        groups: expected_groups(pool, amazon, config),
        signs_up,
        makes_machines: config.tenants.iter().any(|tenant| tenant.pool == pool.id),
        shows_unknown_users: portal
            .filter(|api| !api.hide_unknown_users && !serves_others(&api.client, config))
            .map(|api| api.client.clone())
            .into_iter()
            .collect(),
    }
}

/// Whether an app client of the portal API is that of another API, too, which hides users.
fn serves_others(client: &ClientId, config: &Config) -> bool {
    config.partner_api.as_ref().is_some_and(|api| api.client == *client)
        || config.tenants.iter().any(|tenant| tenant.client == *client)
}

/// The groups that the configuration names, each once, by the strongest need.
fn expected_groups(
    pool: &PoolConfig,
    amazon: &AmazonConfig,
    config: &Config,
) -> Vec<ExpectedGroup> {
    let mut needs = BTreeMap::<GroupName, Need>::new();
    let tenants = config.tenants.iter().filter(|tenant| tenant.pool == pool.id);
    let mut has_tenants = false;
    for tenant in tenants {
        has_tenants = true;
        let groups = tenant.groups().cloned();
        needs.extend(groups.map(|group| (group, Need::MadeByServer)));
    }
    if has_tenants {
        let grants = config.tenant_api.iter().flat_map(|api| &api.grants);
        needs.extend(grants.map(|group| (group.clone(), Need::MadeByServer)));
    }
    let programs = if has_tenants { Need::MadeByServer } else { Need::ForPrograms };
    needs.insert(amazon.service_group.clone(), programs);
    let mut required: Vec<_> = pool.groups.iter().map(|group| group.name.clone()).collect();
    if has_partners(config, &pool.id) {
        let PartnerGroups { suspended, external, .. } = partner_groups(config);
        required.extend([suspended, external]);
    }
    let partners = config.partners.iter().map(|partner| &partner.partner);
    let partners = partners.filter(|partner| partner.pool == pool.id);
    required.extend(partners.map(|partner| GroupName::from(partner.id.as_str())));
    let portal = config.portal_api.as_ref().filter(|api| api.pool == pool.id);
    if portal.is_some_and(|api| api.admin_addresses.is_empty()) {
        required.push(GroupName::from(ADMINISTRATORS));
    }
    needs.extend(required.into_iter().map(|group| (group, Need::Required)));
    needs.into_iter().map(|(name, need)| ExpectedGroup { name, need }).collect()
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_mins(minutes.into())
}

fn client(client: &ClientConfig) -> Result<AppClient> {
    let by_admin = client.flows.contains(&AuthFlow::AdminUserPassword);
    Ok(AppClient {
        id: client.id.clone(),
        secret: client.secret.as_ref().map(SecretSource::read).transpose()?,
        flow: if by_admin { Flow::Admin } else { Flow::User },
    })
}
