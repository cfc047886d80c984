//! Pools and what is configured in them.

use super::removals::Removal;
use super::{json, name};
use crate::sql::{self, removal};
use crate::statement::{Statement, Value, values};
use poolkeeper_pool::entity::{AccessKey, AppClient, Grant, Partner, SealedKey, UserPoolRecord};
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::ids::{ClientId, KeyId, PartnerId, PoolId};

pub(super) fn create(pool: &UserPoolRecord) -> Result<Vec<Statement>, StoreError> {
    let settings = json("user_pools", pool)?;
    let parameters = values![pool.id.as_str(), settings, pool.version];
    let create = Statement::guarded(sql::CREATE_POOL, parameters);
    Ok(vec![create, Removal::of_pool(&pool.id).expect_none()])
}

pub(super) fn update(pool: &UserPoolRecord) -> Result<Statement, StoreError> {
    let settings = json("user_pools", pool)?;
    let parameters = values![settings, pool.id.as_str(), pool.version];
    Ok(Statement::guarded(sql::UPDATE_POOL, parameters))
}

pub(super) fn delete(pool: &PoolId, version: i64) -> Vec<Statement> {
    let delete = Statement::guarded(sql::DELETE_POOL, values![pool.as_str(), version]);
    let closed = removal::CLOSE_POOL.iter();
    let closed = closed.map(|sql| Statement::unguarded(sql, values![pool.as_str()]));
    [delete].into_iter().chain(closed).chain([Removal::of_pool(pool).note()]).collect()
}

pub(super) fn create_client(client: &AppClient) -> Result<Vec<Statement>, StoreError> {
    let settings = json("app_clients", client)?;
    let parameters = values![client.pool.as_str(), client.id.as_str(), settings, client.version];
    let create = Statement::guarded(sql::CREATE_CLIENT, parameters);
    Ok(vec![create, Removal::of_client(&client.pool, &client.id).expect_none()])
}

pub(super) fn update_client(client: &AppClient) -> Result<Statement, StoreError> {
    let settings = json("app_clients", client)?;
    let parameters = values![settings, client.pool.as_str(), client.id.as_str(), client.version];
    Ok(Statement::guarded(sql::UPDATE_CLIENT, parameters))
}

pub(super) fn delete_client(pool: &PoolId, id: &ClientId) -> Vec<Statement> {
    let client = values![pool.as_str(), id.as_str()];
    vec![Statement::guarded(sql::DELETE_CLIENT, client), Removal::of_client(pool, id).note()]
}

pub(super) fn create_signing_key(key: &SealedKey) -> Result<Statement, StoreError> {
    let usage = name("signing_keys", key.usage)?;
    let parameters = values![
        key.pool.as_str(),
        key.id.as_str(),
        usage,
        &key.private,
        key.created_at,
        key.signs_from,
        key.expires_at,
    ];
    Ok(Statement::guarded(sql::CREATE_SIGNING_KEY, parameters))
}

pub(super) fn update_signing_key(key: &SealedKey) -> Statement {
    let parameters = values![key.signs_from, key.expires_at, key.pool.as_str(), key.id.as_str()];
    Statement::guarded(sql::UPDATE_SIGNING_KEY, parameters)
}

pub(super) fn delete_signing_key(pool: &PoolId, id: &KeyId) -> Statement {
    Statement::guarded(sql::DELETE_SIGNING_KEY, values![pool.as_str(), id.as_str()])
}

pub(super) fn create_partner(partner: &Partner) -> Result<Statement, StoreError> {
    let settings = json("partners", partner)?;
    let parameters = values![partner.pool.as_str(), partner.id.as_str(), settings];
    Ok(Statement::guarded(sql::CREATE_PARTNER, parameters))
}

/// A partner has no version of its own: what it was takes its place.
pub(super) fn update_partner(before: &Partner, after: &Partner) -> Result<Statement, StoreError> {
    let (old, new) = (json("partners", before)?, json("partners", after)?);
    let parameters = values![new, before.pool.as_str(), before.id.as_str(), old];
    Ok(Statement::guarded(sql::UPDATE_PARTNER, parameters))
}

/// A permission that outlived its group would come to life with the next group of that name.
pub(super) fn grant(grant: &Grant) -> Vec<Statement> {
    let group = values![grant.pool.as_str(), grant.group.as_str()];
    vec![
        Statement::guarded(sql::EXPECT_GROUP, group),
        Statement::unguarded(sql::GRANT, granted(grant)),
    ]
}

pub(super) fn revoke_grant(grant: &Grant) -> Statement {
    Statement::unguarded(sql::REVOKE_GRANT, granted(grant))
}

fn granted(grant: &Grant) -> Vec<Value> {
    let partner = grant.partner.as_ref().map_or("", PartnerId::as_str);
    values![grant.pool.as_str(), grant.group.as_str(), partner, grant.permission.as_str()]
}

pub(super) fn put_access_key(key: &AccessKey) -> Result<Statement, StoreError> {
    let operations = json("access_keys", &key.operations)?;
    let pools = json("access_keys", &key.pools)?;
    let parameters = values![key.id.as_str(), &key.secret, operations, pools];
    Ok(Statement::unguarded(sql::PUT_ACCESS_KEY, parameters))
}
