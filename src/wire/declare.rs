//! What the configuration declares, brought about: what is missing is made, what differs is
//! changed, what is more is left alone. Doing it twice changes nothing the second time.

use crate::config::{
    Backend, ClientConfig, Config, GroupConfig, PartnerConfig, PoolConfig, SecretSource,
};
use crate::pools::Pools;
use crate::system::operator;
use anyhow::{Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use poolkeeper_pool::backend::administration::{Administration as _, NewGroup};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Partner, UserPoolRecord};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{Local, NewClient, NewPool, NewSecret};
use poolkeeper_pool::{Error, Refusal};
use std::borrow::Cow;
use std::sync::Arc;

/// Brings about what a configuration declares.
///
/// # Errors
///
/// If a secret cannot be read, the database already has a pool or app client that cannot become the
/// declared one, the engine refuses something, or the store fails.
pub async fn declare(engine: &Local, config: &Config) -> Result<()> {
    let pools = stream::iter(&config.pools).map(Ok);
    pools.try_for_each_concurrent(AT_ONCE, |pool| declare_whole_pool(engine, pool)).await?;
    for partner in &config.partners {
        again(|| declare_partner(engine, partner)).await?;
    }
    if let Some(api) = &config.partner_api {
        // Without these, nobody could be marked.
        for name in [&api.groups.suspended, &api.groups.external] {
            let group = GroupConfig { name: name.clone(), description: None, precedence: None };
            declare_group(engine, &api.pool, &group).await?;
        }
    }
    for grant in &config.permissions {
        again(|| async { Ok(engine.grant(&operator(), grant.clone()).await?) }).await?;
    }
    for tenant in &config.tenants {
        again(|| async { Ok(engine.put_tenant(&operator(), tenant.clone()).await?) }).await?;
    }
    for key in &config.access_keys {
        let (operations, pools) = (key.operations.clone(), key.pools.clone());
        engine
            .put_access_key(&operator(), key.id.clone(), &key.read_secret()?, operations, pools)
            .await?;
    }
    Ok(())
}

/// Nodes that start together declare the same: whoever comes second is refused, and finds it done when
/// it looks again.
async fn again<F: Future<Output = Result<()>>>(declare: impl Fn() -> F) -> Result<()> {
    for _ in 1..ATTEMPTS {
        match declare().await {
            Err(error) if error.is::<Error>() => {}
            outcome => return outcome,
        }
    }
    declare().await
}

const ATTEMPTS: usize = 4;

/// How many pools are declared at a time: commits that wait for the disk together share one wait.
const AT_ONCE: usize = 64;

async fn declare_whole_pool(engine: &Local, pool: &PoolConfig) -> Result<()> {
    again(|| declare_pool(engine, pool)).await?;
    for client in &pool.clients {
        let kept = kept_here(pool, client);
        again(|| declare_client(engine, &pool.id, &kept)).await?;
    }
    for group in &pool.groups {
        declare_group(engine, &pool.id, group).await?;
    }
    Ok(())
}

/// What our own store keeps of an app client. Of a pool that lives elsewhere it keeps the names that
/// partners, permissions and tenants refer to, and nobody can sign in to those.
fn kept_here<'a>(pool: &PoolConfig, client: &'a ClientConfig) -> Cow<'a, ClientConfig> {
    match pool.backend {
        Backend::Embedded => Cow::Borrowed(client),
        Backend::Amazon(_) => {
            Cow::Owned(ClientConfig { secret: None, flows: Vec::new(), ..client.clone() })
        }
    }
}

async fn declare_pool(engine: &Local, declared: &PoolConfig) -> Result<()> {
    let found = match engine.describe_pool(&operator(), &declared.id).await {
        Ok((found, _)) => found,
        Err(Error::Refused(Refusal::PoolNotFound(_))) => {
            engine.create_pool(&operator(), new_pool(declared)).await?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    // Users were made by these rules, and would not be found by others.
    ensure!(
        found.username_attributes == declared.username_attributes
            && found.alias_attributes == declared.alias_attributes
            && found.case_sensitive == declared.case_sensitive,
        "pool {}: username_attributes, alias_attributes and case_sensitive cannot be changed \
         once the pool exists",
        declared.id
    );
    let wanted = UserPoolRecord {
        name: declared.name.clone(),
        mfa: declared.mfa,
        password_policy: declared.password_policy,
        rules: declared.rules.clone(),
        ..found.clone()
    };
    if wanted != found {
        engine.replace_pool(&operator(), wanted).await?;
    }
    Ok(())
}

fn new_pool(declared: &PoolConfig) -> NewPool {
    NewPool {
        id: Some(declared.id.clone()),
        name: declared.name.clone(),
        mfa: declared.mfa,
        password_policy: declared.password_policy,
        username_attributes: declared.username_attributes.clone(),
        alias_attributes: declared.alias_attributes.clone(),
        case_sensitive: declared.case_sensitive,
        rules: declared.rules.clone(),
        ..NewPool::default()
    }
}

async fn declare_client(engine: &Local, pool: &PoolId, declared: &ClientConfig) -> Result<()> {
    let secret = declared.secret.as_ref().map(SecretSource::read).transpose()?;
    let Some(found) = engine.app_client(&declared.id).await? else {
        engine.create_client(&operator(), new_client(pool, declared, secret)).await?;
        return Ok(());
    };
    ensure!(found.pool == *pool, "client {} belongs to pool {}", declared.id, found.pool);
    let mut wanted = found.clone();
    wanted.name.clone_from(&declared.name);
    wanted.flows.clone_from(&declared.flows);
    wanted.validity = declared.validity;
    wanted.auth_session_validity = declared.auth_session_validity;
    wanted.hides_users = declared.hides_users;
    let changed_secret = secret.filter(|secret| {
        let kept = engine.reveal_client_secret(&found);
        !matches!(kept, Ok(Some(kept)) if kept == *secret)
    });
    if wanted != found || changed_secret.is_some() {
        engine.replace_client(&operator(), wanted, changed_secret.as_ref()).await?;
    }
    Ok(())
}

fn new_client(pool: &PoolId, declared: &ClientConfig, secret: Option<Secret>) -> NewClient {
    NewClient {
        id: Some(declared.id.clone()),
        secret: secret.map_or(NewSecret::None, NewSecret::Given),
        flows: declared.flows.clone(),
        validity: declared.validity,
        auth_session_validity: declared.auth_session_validity,
        hides_users: declared.hides_users,
        ..NewClient::named(pool.clone(), declared.name.clone())
    }
}

/// Creates missing groups of declared tenants whose pools live at Amazon. The server does not wait for
/// this: without its group, a tenant has no users. Amazon need not be reachable at the start, so failures
/// are only logged.
pub async fn groups_elsewhere(pools: Arc<Pools>, config: Config) {
    for tenant in &config.tenants {
        if !config.pools_at_amazon().any(|pool| pool.id == tenant.pool) {
            continue;
        }
        for name in tenant.groups() {
            let (pool, name) = (tenant.pool.clone(), name.clone());
            let new = NewGroup { pool, name, description: None, role_arn: None, precedence: None };
            let Err(error) = pools.create_group(&operator(), new.clone()).await else { continue };
            if !matches!(error, Error::Refused(Refusal::GroupExists)) {
                let NewGroup { pool, name: group, .. } = new;
                tracing::error!(
                    %error, %pool, %group,
                    "cannot create a tenant's group at Amazon; the server tries again at its next \
                     start, and `poolkeeper amazon check` says what is wrong"
                );
            }
        }
    }
}

async fn declare_partner(engine: &Local, declared: &PartnerConfig) -> Result<()> {
    let PartnerConfig { partner, keeps_status } = declared;
    let edit = |stored: &mut Partner| {
        let status = if *keeps_status { stored.status } else { partner.status };
        let mut features = stored.features.clone();
        features.extend(partner.features.clone());
        *stored = Partner { status, features, ..partner.clone() };
    };
    match engine.edit_partner(&operator(), &partner.pool, &partner.id, edit).await {
        Err(Error::Refused(Refusal::PartnerNotFound)) => {
            Ok(engine.create_partner(&operator(), partner.clone()).await?)
        }
        edited => Ok(edited.map(|_| ())?),
    }
}

async fn declare_group(engine: &Local, pool: &PoolId, declared: &GroupConfig) -> Result<()> {
    let new = NewGroup {
        pool: pool.clone(),
        name: declared.name.clone(),
        description: declared.description.clone(),
        role_arn: None,
        precedence: declared.precedence,
    };
    match engine.create_group(&operator(), new).await {
        Ok(_) | Err(Error::Refused(Refusal::GroupExists)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
