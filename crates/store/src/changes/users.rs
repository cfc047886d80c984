//! Users and the names that lead to them.

use super::{json, name};
use crate::listing::lower;
use crate::statement::{Statement, Value, values};
use crate::{keys, sql};
use poolkeeper_pool::entity::{AliasKey, User};
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::ids::{PoolId, Sub};
use poolkeeper_pool::ports::SearchableAttribute;

pub(super) fn create(user: &User, username_key: &str) -> Result<Vec<Statement>, StoreError> {
    let mut parameters =
        values![user.pool.as_str(), user.sub.as_str(), user.username.as_str(), username_key];
    parameters.extend(settings(user)?);
    parameters.push(user.version.into());
    let missing = Statement::unguarded(sql::ADD_MISSING_SEARCH, searchable(user));
    Ok(vec![Statement::guarded(sql::CREATE_USER, parameters), missing])
}

/// The username stays: it never changes, and the form in which it is looked up hangs on it. Of the
/// searchable values only those that changed are written.
pub(super) fn update(user: &User) -> Result<Vec<Statement>, StoreError> {
    let mut parameters = settings(user)?;
    parameters.extend(values![user.pool.as_str(), user.sub.as_str(), user.version]);
    let searchable = searchable(user);
    Ok(vec![
        Statement::guarded(sql::UPDATE_USER, parameters),
        Statement::unguarded(sql::REMOVE_STALE_SEARCH, searchable.clone()),
        Statement::unguarded(sql::ADD_MISSING_SEARCH, searchable),
    ])
}

/// Messages stay: they are few, sealed, and gone within a week.
pub(super) fn delete(pool: &PoolId, sub: &Sub, version: i64) -> Vec<Statement> {
    let user = || values![pool.as_str(), sub.as_str()];
    let dependants = [
        sql::DELETE_ALIASES_OF,
        sql::DELETE_SEARCH_OF,
        sql::DELETE_MEMBERSHIPS_OF,
        sql::DELETE_CREDENTIAL_OF,
        sql::DELETE_SUSPENSION_OF,
        sql::DELETE_SESSIONS_OF,
        sql::DELETE_DEVICES_OF,
        sql::DELETE_TRUSTED_DEVICE,
        sql::DELETE_CODES_OF,
        sql::DELETE_QUOTAS_OF,
        sql::DELETE_LOCKOUT_OF,
        sql::DELETE_SIGN_UP_OF,
    ];
    let parameters = values![pool.as_str(), sub.as_str(), version];
    let delete = Statement::guarded(sql::DELETE_USER, parameters);
    let dependants = dependants.into_iter().map(|sql| Statement::unguarded(sql, user()));
    [delete].into_iter().chain(dependants).collect()
}

/// What an update replaces, in the order of the columns.
fn settings(user: &User) -> Result<Vec<Value>, StoreError> {
    Ok(values![
        user.status.as_str(),
        if user.enabled { "Enabled" } else { "Disabled" },
        name("users", user.kind)?,
        user.password.as_ref(),
        user.password_set_at,
        json("users", &user.attributes)?,
        json("users", &user.mfa)?,
        json("users", &user.provenance)?,
        user.signed_out_at,
        user.created_at,
        user.modified_at,
    ])
}

/// An attribute the user does not have is the empty text, which no attribute's value is.
fn searchable(user: &User) -> Vec<Value> {
    let mut parameters = values![user.pool.as_str(), user.sub.as_str()];
    let values = SearchableAttribute::ALL
        .into_iter()
        .map(|attribute| user.attributes.get(attribute.name()).unwrap_or_default());
    parameters.extend(values.map(|value| Value::from(keys::beginning(&lower(value)))));
    parameters
}

pub(super) fn expect(pool: &PoolId, sub: &Sub, version: i64) -> Statement {
    Statement::guarded(sql::EXPECT_USER, values![pool.as_str(), sub.as_str(), version])
}

pub(super) fn look_for(pool: &PoolId) -> Statement {
    Statement::unguarded(sql::EXPECT_USER, values![pool.as_str(), Sub::nobody().as_str(), 0_i64])
}

pub(super) fn add_alias(pool: &PoolId, sub: &Sub, key: &AliasKey) -> Statement {
    Statement::guarded(
        sql::ADD_ALIAS,
        values![pool.as_str(), &*keys::whole(key.as_str()), sub.as_str()],
    )
}

pub(super) fn take_alias(pool: &PoolId, sub: &Sub, key: &AliasKey) -> Statement {
    Statement::unguarded(
        sql::TAKE_ALIAS,
        values![pool.as_str(), &*keys::whole(key.as_str()), sub.as_str()],
    )
}

pub(super) fn remove_alias(pool: &PoolId, sub: &Sub, key: &AliasKey) -> Statement {
    Statement::unguarded(
        sql::REMOVE_ALIAS,
        values![pool.as_str(), &*keys::whole(key.as_str()), sub.as_str()],
    )
}
