//! Failed attempts and the growing pauses they cause.
//!
//! Cognito's rule: five attempts are free, then each failure locks for one second, two, four …
//! up to about fifteen minutes. Attempts during a lock are refused unseen and do not lengthen it.
//! A successful sign-in or fifteen quiet minutes forget it all.
//!
//! Names that lead to no user are counted as users are, so that neither the answers nor the work
//! behind them tell the two apart.

use crate::ids::PoolId;
use crate::time::{CLOCKS_DIFFER, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long failures are remembered.
pub const MEMORY: Duration = Duration::from_mins(15);

const FREE_ATTEMPTS: u32 = 5;
const LONGEST_LOCK: Duration = Duration::from_mins(15);

/// The failed attempts of one subject: a user, or a name that leads to none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lockout {
    /// The pool.
    pub pool: PoolId,
    /// A user's `sub`, or a pseudonym of an unknown name.
    pub subject: String,
    /// Failures in a row.
    pub failures: u32,
    /// The last of them.
    pub last_failure_at: Timestamp,
    /// Counts changes; a commit decided on an older version is refused.
    pub version: i64,
}

impl Lockout {
    /// The record of a subject that has never failed.
    pub fn none(pool: PoolId, subject: String) -> Self {
        Self { pool, subject, failures: 0, last_failure_at: Timestamp::from_millis(0), version: 0 }
    }

    /// How many failures are remembered.
    pub fn remembered(&self, now: Timestamp) -> u32 {
        if now.since(self.last_failure_at) >= MEMORY { 0 } else { self.failures }
    }

    /// Until when attempts are refused unseen, if they are. A failure that a clock ahead of time
    /// noted locks nobody once the clock is right again: how long ago it was is unknown.
    pub fn locked_until(&self, now: Timestamp) -> Option<Timestamp> {
        if self.last_failure_at > now.after(CLOCKS_DIFFER) {
            return None;
        }
        let doublings = self.failures.checked_sub(FREE_ATTEMPTS)?;
        let lock = Duration::from_secs(1_u64.checked_shl(doublings).unwrap_or(u64::MAX));
        let until = self.last_failure_at.after(lock.min(LONGEST_LOCK));
        (until > now).then_some(until)
    }

    /// Whether the last failure is the one that begins the locks.
    pub const fn begins_lock(&self) -> bool {
        self.failures == FREE_ATTEMPTS
    }

    /// The record after one more failure.
    #[must_use]
    pub fn after_failure(&self, now: Timestamp) -> Self {
        let failures = self.remembered(now).saturating_add(1);
        Self { failures, last_failure_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: u32, now: Timestamp) -> Lockout {
        let none = Lockout::none(PoolId::from("us-east-1_x"), "somebody".to_owned());
        (0..times).fold(none, |lockout, _| lockout.after_failure(now))
    }

    #[test]
    fn four_failures_are_free_and_the_fifth_locks_for_a_second() {
        let now = Timestamp::from_seconds(1_000_000);
        assert_eq!(failed(4, now).locked_until(now), None);
        assert_eq!(failed(5, now).locked_until(now), Some(now.after(Duration::from_secs(1))));
        assert_eq!(failed(5, now).locked_until(now.after(Duration::from_secs(1))), None);
    }

    #[test]
    fn locks_double_up_to_a_quarter_of_an_hour() {
        let now = Timestamp::from_seconds(1_000_000);
        let lock =
            |times| failed(times, now).locked_until(now).map(|until| until.since(now).as_secs());
        assert_eq!([6, 7, 14, 15, 40, 200].map(lock), [2, 4, 512, 900, 900, 900].map(Some));
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_for_the_difference() {
        let wrong = Timestamp::from_seconds(1_000_000);
        let right = Timestamp::from_seconds(1_000_000 - 3600);
        assert_eq!(failed(5, wrong).locked_until(right), None);
        // The failures themselves are remembered, and the next one locks again.
        let again = failed(5, wrong).after_failure(right);
        assert_eq!(again.failures, 6);
        assert_eq!(again.locked_until(right), Some(right.after(Duration::from_secs(2))));
        // Another node's clock may be a little ahead: its locks hold.
        let ahead = failed(5, wrong.after(CLOCKS_DIFFER));
        assert!(ahead.locked_until(wrong).is_some());
    }

    #[test]
    fn a_quiet_quarter_of_an_hour_forgets_all() {
        let now = Timestamp::from_seconds(1_000_000);
        let later = now.after(MEMORY);
        assert_eq!(failed(9, now).after_failure(later).failures, 1);
    }
}
