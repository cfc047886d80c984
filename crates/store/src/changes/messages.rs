//! The outbox.

use super::name;
use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::entity::{DeliveryProgress, Message};
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::ids::{MessageId, PoolId};

/// A message's id is random, so one that is there already is this very message.
pub(super) fn enqueue(message: &Message) -> Result<Statement, StoreError> {
    let progress = &message.progress;
    let parameters = values![
        message.pool.as_str(),
        message.id.as_str(),
        message.sub.as_str(),
        name("outbox", message.channel)?,
        name("outbox", message.purpose)?,
        message.created_at,
        message.expires_at,
        &message.content,
        i64::from(progress.attempts),
        progress.next_attempt_at,
        progress.give_up_at,
        progress.last_error.as_deref(),
        progress.given_up_at,
        progress.delivered_at,
    ];
    Ok(Statement::unguarded(sql::ENQUEUE, parameters))
}

pub(super) fn advance(
    pool: &PoolId,
    id: &MessageId,
    attempts: u32,
    progress: &DeliveryProgress,
) -> Statement {
    let parameters = values![
        i64::from(progress.attempts),
        progress.next_attempt_at,
        progress.give_up_at,
        progress.last_error.as_deref(),
        progress.given_up_at,
        progress.delivered_at,
        pool.as_str(),
        id.as_str(),
        i64::from(attempts),
    ];
    Statement::guarded(sql::ADVANCE_MESSAGE, parameters)
}

pub(super) fn remove(pool: &PoolId, id: &MessageId) -> Statement {
    Statement::unguarded(sql::REMOVE_MESSAGE, values![pool.as_str(), id.as_str()])
}
