//! What limits count over all nodes.

use crate::sql::{self, removal};
use crate::statement::{Statement, values};
use poolkeeper_pool::limits::rate_limit::{RateLimit, TheoreticalArrival};
use poolkeeper_pool::time::Timestamp;

/// In milliseconds.
const MINUTE: i64 = 60_000;

pub(crate) fn take(key: &str, rate_limit: RateLimit, now: Timestamp) -> Statement {
    let start = TheoreticalArrival::from(now).micros();
    let first = start.saturating_add(rate_limit.interval());
    let latest = rate_limit.latest(now).micros();
    let expires_at = expiry(now);
    let believed = rate_limit.believed(now).micros();
    let parameters =
        values![key, first, expires_at, start, believed, rate_limit.interval(), latest];
    Statement::guarded(sql::COUNT_CALL, parameters)
}

pub(crate) fn give_back(key: &str, micros: i64) -> Statement {
    Statement::unguarded(sql::GIVE_BACK_CALL, values![micros, key])
}

pub(crate) fn remove(now: Timestamp) -> Statement {
    Statement::unguarded(removal::REMOVE_ARRIVALS, values![now])
}

/// The end of the minute after the next one. A whole allowance is back within a minute, and the clock
/// of another node may be ahead.
fn expiry(now: Timestamp) -> i64 {
    now.millis().div_euclid(MINUTE).saturating_add(3).saturating_mul(MINUTE)
}
