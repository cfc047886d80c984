//! What limits count over all nodes.

use crate::sql;
use crate::statement::{Statement, values};
use poolkeeper_pool::pace::{Pace, WholeAt};
use poolkeeper_pool::time::Timestamp;

/// How much later than needed rows are removed, in milliseconds: the clock of another node may be
/// behind.
const MARGIN: i64 = 60_000;

pub(crate) fn take(key: &str, pace: Pace, now: Timestamp) -> Statement {
    let start = WholeAt::from(now).micros();
    let first = start.saturating_add(pace.interval());
    let latest = pace.latest(now).micros();
    Statement::guarded(sql::TAKE_TURN, values![key, first, start, pace.interval(), latest])
}

pub(crate) fn remove(now: Timestamp) -> Statement {
    let whole = Timestamp::from_millis(now.millis().saturating_sub(MARGIN));
    Statement::unguarded(sql::REMOVE_TURNS, values![WholeAt::from(whole).micros()])
}
