//! Tenants and their machine credentials.

use crate::sql;
use crate::statement::{Statement, Value, values};
use poolkeeper_pool::backend::tenancy::MOST_CREDENTIALS;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::{GroupName, PoolId, Sub, TenantId};

pub(super) fn create(tenant: &Tenant) -> Statement {
    let mut parameters = values![Tenant::key(&tenant.name)];
    parameters.extend(settings(tenant));
    parameters.extend(values![tenant.id.as_str(), tenant.pool.as_str()]);
    Statement::guarded(sql::CREATE_TENANT, parameters)
}

/// A tenant has no version of its own: what it was takes its place.
pub(super) fn update(before: &Tenant, after: &Tenant) -> Statement {
    let mut parameters = values![Tenant::key(&after.name)];
    parameters.extend(settings(after));
    parameters.push(before.id.as_str().into());
    parameters.extend(settings(before));
    Statement::guarded(sql::UPDATE_TENANT, parameters)
}

pub(super) fn delete(tenant: &Tenant) -> Statement {
    let mut parameters = values![tenant.id.as_str()];
    parameters.extend(settings(tenant));
    Statement::guarded(sql::DELETE_TENANT, parameters)
}

fn settings(tenant: &Tenant) -> Vec<Value> {
    values![
        tenant.name.as_str(),
        tenant.client.as_str(),
        tenant.group.as_ref().map(GroupName::as_str),
        tenant.admin_group.as_ref().map(GroupName::as_str),
    ]
}

pub(super) fn remove_credential(pool: &PoolId, sub: &Sub) -> Statement {
    Statement::unguarded(sql::DELETE_CREDENTIAL_OF, values![pool.as_str(), sub.as_str()])
}

pub(super) fn add_credential(pool: &PoolId, sub: &Sub, tenant: &TenantId) -> Statement {
    let most = i64::from(MOST_CREDENTIALS);
    let parameters = values![pool.as_str(), sub.as_str(), tenant.as_str(), most];
    Statement::guarded(sql::ADD_CREDENTIAL, parameters)
}
