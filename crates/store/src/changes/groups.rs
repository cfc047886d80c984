//! Groups, who is in them, and who put somebody into the one of suspended users.

use super::removals::Removal;
use crate::sql;
use crate::statement::{Statement, Value, values};
use poolkeeper_pool::entity::{Group, Suspension};
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId, Sub};

pub(super) fn create(group: &Group) -> Vec<Statement> {
    let mut parameters = values![group.pool.as_str(), group.name.as_str()];
    parameters.extend(settings(group));
    let create = Statement::guarded(sql::CREATE_GROUP, parameters);
    vec![create, Removal::of_group(&group.pool, &group.name).expect_none()]
}

/// A group has no version of its own: what it was takes its place.
pub(super) fn update(before: &Group, after: &Group) -> Statement {
    let mut parameters = settings(after);
    parameters.extend(values![before.pool.as_str(), before.name.as_str()]);
    parameters.extend(settings(before));
    Statement::guarded(sql::UPDATE_GROUP, parameters)
}

fn settings(group: &Group) -> Vec<Value> {
    values![
        group.description.as_deref(),
        group.role_arn.as_deref(),
        group.precedence,
        group.created_at,
        group.modified_at,
    ]
}

pub(super) fn delete(pool: &PoolId, name: &GroupName) -> Vec<Statement> {
    let group = || values![pool.as_str(), name.as_str()];
    vec![
        Statement::guarded(sql::DELETE_GROUP, group()),
        Statement::unguarded(sql::DELETE_GRANTS_OF, group()),
        Removal::of_group(pool, name).note(),
    ]
}

/// A membership that outlived its group would come to life with the next group of that name.
pub(super) fn add(pool: &PoolId, sub: &Sub, group: &GroupName) -> Vec<Statement> {
    let membership = values![pool.as_str(), sub.as_str(), group.as_str()];
    vec![
        Statement::guarded(sql::EXPECT_GROUP, values![pool.as_str(), group.as_str()]),
        Statement::unguarded(sql::ADD_TO_GROUP, membership),
    ]
}

pub(super) fn join(pool: &PoolId, sub: &Sub, group: &GroupName) -> Vec<Statement> {
    let membership = values![pool.as_str(), sub.as_str(), group.as_str()];
    vec![
        Statement::guarded(sql::EXPECT_GROUP, values![pool.as_str(), group.as_str()]),
        Statement::guarded(sql::ADD_TO_GROUP, membership),
    ]
}

pub(super) fn remove(pool: &PoolId, sub: &Sub, group: &GroupName) -> Statement {
    let parameters = values![pool.as_str(), sub.as_str(), group.as_str()];
    Statement::unguarded(sql::REMOVE_FROM_GROUP, parameters)
}

pub(super) fn put_suspension(suspension: &Suspension) -> Statement {
    let parameters = values![
        suspension.pool.as_str(),
        suspension.sub.as_str(),
        suspension.partner.as_str(),
        suspension.administrator.as_str(),
        suspension.suspended_at,
    ];
    Statement::unguarded(sql::PUT_SUSPENSION, parameters)
}

pub(super) fn lift_suspension(pool: &PoolId, sub: &Sub, partner: &PartnerId) -> Statement {
    let parameters = values![pool.as_str(), sub.as_str(), partner.as_str()];
    Statement::guarded(sql::LIFT_SUSPENSION, parameters)
}

pub(super) fn forget_suspension(pool: &PoolId, sub: &Sub) -> Statement {
    Statement::unguarded(sql::DELETE_SUSPENSION_OF, values![pool.as_str(), sub.as_str()])
}
