//! What remains to be done at Amazon.

use super::json;
use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::entity::FollowUp;
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::time::Timestamp;

pub(super) fn put(follow_up: &FollowUp) -> Result<Statement, StoreError> {
    let FollowUp { id, pool, username, work, due, attempts } = follow_up;
    let work = json("follow_ups", work)?;
    let attempts = i64::from(*attempts);
    let parameters = values![id.as_str(), pool.as_str(), username.as_str(), work, *due, attempts];
    Ok(Statement::unguarded(sql::PUT_FOLLOW_UP, parameters))
}

pub(super) fn note_attempt(id: &str, attempts: u32, due: Timestamp) -> Statement {
    Statement::guarded(sql::TRY_FOLLOW_UP, values![due, id, i64::from(attempts)])
}

pub(super) fn delete(id: &str) -> Statement {
    Statement::unguarded(sql::DELETE_FOLLOW_UP, values![id])
}
