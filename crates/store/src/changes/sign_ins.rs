//! What sign-ins leave behind: sessions, spent values, codes, quotas, failed attempts.

use super::name;
use crate::rate_limits;
use crate::sql::{self, removal};
use crate::statement::{Statement, values};
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::{Session, Spent, VerificationCode};
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::ids::{DeviceKey, PoolId, SessionId, Sub, TenantId};
use poolkeeper_pool::limits::lockout::{self, Lockout};
use poolkeeper_pool::limits::quota::{self, Use};
use poolkeeper_pool::local::LONGEST_PAUSE;
use poolkeeper_pool::message;
use poolkeeper_pool::time::{CLOCK_SKEW, CLOCKS_DIFFER, Timestamp};
use std::time::Duration;

pub(super) fn create_session(session: &Session) -> Result<Statement, StoreError> {
    let parameters = values![
        session.pool.as_str(),
        session.id.as_str(),
        session.sub.as_str(),
        session.client.as_str(),
        session.auth_time,
        session.expires_at,
        session.rotation,
        session.rotated_at,
        session.revoked_at,
        session.address.as_deref(),
        session.device_key.as_ref().map(DeviceKey::as_str),
        session.tenant.as_ref().map(TenantId::as_str),
        session.face.map(|face| name("sessions", face)).transpose()?,
    ];
    Ok(Statement::guarded(sql::CREATE_SESSION, parameters))
}

pub(super) fn rotate_session(
    pool: &PoolId,
    id: &SessionId,
    rotation: i64,
    at: Timestamp,
) -> Statement {
    let parameters = values![at, pool.as_str(), id.as_str(), rotation];
    Statement::guarded(sql::ROTATE_SESSION, parameters)
}

pub(super) fn revoke_session(pool: &PoolId, id: &SessionId, at: Timestamp) -> Statement {
    Statement::unguarded(sql::REVOKE_SESSION, values![at, pool.as_str(), id.as_str()])
}

pub(super) fn revoke_sessions_of(pool: &PoolId, sub: &Sub, at: Timestamp) -> Statement {
    Statement::unguarded(sql::REVOKE_SESSIONS_OF, values![at, pool.as_str(), sub.as_str()])
}

pub(super) fn revoke_stale_sessions(
    (pool, sub): (&PoolId, &Sub),
    at: Timestamp,
    keep: u32,
) -> Statement {
    let parameters = values![at, pool.as_str(), sub.as_str(), i64::from(keep)];
    Statement::unguarded(sql::REVOKE_STALE_SESSIONS, parameters)
}

pub(super) fn keep_session(
    (pool, name): (&PoolId, &str),
    session: &Sealed,
    until: Timestamp,
) -> Statement {
    Statement::unguarded(sql::KEEP_SESSION, values![pool.as_str(), name, session, until])
}

pub(super) fn spend(pool: &PoolId, spent: &Spent, until: Timestamp) -> Statement {
    Statement::guarded(sql::SPEND, values![pool.as_str(), spent.stored(), until])
}

pub(super) fn put_code(code: &VerificationCode) -> Result<Statement, StoreError> {
    let parameters = values![
        code.pool.as_str(),
        code.subject.as_str(),
        code.purpose.as_str(),
        code.digest.as_str(),
        name("verification_codes", code.contact)?,
        code.address.as_str(),
        code.expires_at,
    ];
    Ok(Statement::unguarded(sql::PUT_CODE, parameters))
}

pub(super) fn spend_code(code: &VerificationCode) -> Statement {
    let VerificationCode { pool, subject, purpose, digest, .. } = code;
    let parameters = values![pool.as_str(), subject.as_str(), purpose.as_str(), digest.as_str()];
    Statement::guarded(sql::SPEND_CODE, parameters)
}

pub(super) fn use_quota(used: &Use) -> Statement {
    let Use { pool, subject, quota, limit, at } = used;
    let quota = quota.as_str();
    let (over, ahead) = quota_windows(*at);
    let parameters = values![pool.as_str(), subject.as_str(), quota, *at, over, ahead, *limit];
    Statement::guarded(sql::USE_QUOTA, parameters)
}

/// Windows that began after the first of these times and not after the second one still count.
pub(crate) fn quota_windows(now: Timestamp) -> (i64, Timestamp) {
    (before(now, quota::WINDOW), now.after(CLOCKS_DIFFER))
}

pub(super) fn set_lockout(lockout: &Lockout) -> Statement {
    let Lockout { pool, subject, failures, last_failure_at, version } = lockout;
    let failures = i64::from(*failures);
    if *version == 0 {
        let parameters = values![pool.as_str(), subject.as_str(), failures, *last_failure_at];
        return Statement::guarded(sql::CREATE_LOCKOUT, parameters);
    }
    let parameters = values![failures, *last_failure_at, pool.as_str(), subject.as_str(), *version];
    Statement::guarded(sql::UPDATE_LOCKOUT, parameters)
}

pub(super) fn touch_lockout(pool: &PoolId, subject: &str) -> Statement {
    Statement::unguarded(sql::TOUCH_LOCKOUT, values![pool.as_str(), subject])
}

pub(super) fn clear_lockout(pool: &PoolId, subject: &str, version: i64) -> Statement {
    Statement::guarded(sql::CLEAR_LOCKOUT, values![pool.as_str(), subject, version])
}

pub(super) fn put_sign_up(pool: &PoolId, sub: &Sub, until: Timestamp) -> Statement {
    Statement::unguarded(sql::PUT_SIGN_UP, values![pool.as_str(), sub.as_str(), until])
}

pub(super) fn remove_sign_up(pool: &PoolId, sub: &Sub) -> Statement {
    Statement::unguarded(sql::DELETE_SIGN_UP_OF, values![pool.as_str(), sub.as_str()])
}

pub(super) fn expect_no_lockout(pool: &PoolId, subject: &str) -> Vec<Statement> {
    let place = values![pool.as_str(), subject];
    let claimed = values![pool.as_str(), subject, 0];
    vec![
        Statement::guarded(sql::CLAIM_NO_LOCKOUT, place),
        Statement::guarded(sql::CLEAR_LOCKOUT, claimed),
    ]
}

/// Removes a portion of what has lost its meaning: of each table, a statement.
pub(crate) fn remove_expired(now: Timestamp) -> Vec<Statement> {
    vec![
        // A clock that was ahead may be set back: what is spent stays so as long as it could be good
        // by any clock.
        Statement::unguarded(removal::REMOVE_SPENT, values![before(now, CLOCK_SKEW)]),
        Statement::unguarded(removal::REMOVE_SESSIONS, values![now]),
        Statement::unguarded(removal::REMOVE_KEPT_SESSIONS, values![now]),
        Statement::unguarded(removal::REMOVE_TRUSTED_DEVICES, values![now]),
        Statement::unguarded(removal::REMOVE_CODES, values![now]),
        Statement::unguarded(removal::REMOVE_QUOTAS, values![before(now, quota::WINDOW)]),
        Statement::unguarded(removal::REMOVE_LOCKOUTS, values![before(now, lockout::MEMORY)]),
        Statement::unguarded(
            sql::RESCHEDULE_MESSAGES,
            values![now, now.after(LONGEST_PAUSE).after(CLOCKS_DIFFER)],
        ),
        Statement::unguarded(removal::REMOVE_MESSAGES, values![before(now, message::KEPT)]),
        Statement::unguarded(removal::REMOVE_SIGNING_KEYS, values![now]),
        rate_limits::remove(now),
    ]
}

fn before(now: Timestamp, by: Duration) -> i64 {
    now.millis().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}
