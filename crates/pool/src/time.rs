//! Points in time as the engine counts them.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far the clocks of two nodes may differ, at most.
pub const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// How far a clock may be wrong and set right again without harm: what was spent by the one time
/// stays spent by the other.
pub const CLOCK_SKEW: Duration = Duration::from_hours(24);

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since 1970-01-01 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01 UTC, as tokens carry them.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point without what goes beyond whole seconds.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// As a date and time of day in UTC (RFC 3339), with milliseconds unless there are none; empty
    /// for a point outside the years that dates have.
    pub fn iso_text(self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.0);
        at.map(|at| at.to_string()).unwrap_or_default()
    }

    /// This point moved into the future; the far end of time is a wall, not a wrap-around.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Whether this point lies ahead of `now`, by no more than `longest`. A point further ahead is the
    /// work of a clock that has been set right since, and counts as past: otherwise what lasts a
    /// minute would last as long as the clock was wrong. [`CLOCKS_DIFFER`] is allowed on top.
    pub fn is_ahead(self, now: Self, longest: Duration) -> bool {
        self > now && self <= now.after(longest).after(CLOCKS_DIFFER)
    }

    /// How long after `earlier` this point lies; zero if it lies before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_rfc_3339() {
        let text = |millis| Timestamp::from_millis(millis).iso_text();
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_767_323_045_120), "2026-01-02T03:04:05.12Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(i64::MAX), "");
        let whole = Timestamp::from_millis(1_767_323_045_120).whole_seconds();
        assert_eq!(whole.iso_text(), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn a_point_further_ahead_than_it_can_be_counts_as_past() {
        let now = Timestamp::from_seconds(1_000_000);
        let ahead = |seconds: i64| {
            Timestamp::from_seconds(1_000_000 + seconds).is_ahead(now, Duration::from_mins(3))
        };
        assert_eq!(
            [-1, 0, 1, 180, 240, 241, 86_400].map(ahead),
            [false, false, true, true, true, false, false]
        );
    }
}
