//! How often callers may do something: so many at once, and then one at a time as they come back
//! evenly (the generic cell rate algorithm). What was refused costs nothing.

use crate::error::Result;
use crate::time::{CLOCKS_DIFFER, Timestamp};
use async_trait::async_trait;
use std::num::NonZeroU32;
use std::time::Duration;

const MINUTE: i64 = 60_000_000;

/// When somebody has the whole allowance again, in microseconds since 1970-01-01 UTC: all that is
/// kept of who did something how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WholeAt(i64);

impl WholeAt {
    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl From<Timestamp> for WholeAt {
    fn from(time: Timestamp) -> Self {
        Self(time.millis().saturating_mul(1000))
    }
}

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long it takes for one to come back, in microseconds.
    interval: i64,
    /// How long it takes for all but one to come back.
    leeway: i64,
}

impl Pace {
    /// So many a minute.
    pub fn per_minute(most: NonZeroU32) -> Self {
        let most = i64::from(most.get());
        let interval = (MINUTE / most).max(1);
        Self { interval, leeway: interval.saturating_mul(most - 1) }
    }

    /// How long it takes for one to come back, in microseconds.
    pub const fn interval(self) -> i64 {
        self.interval
    }

    /// The latest that [`WholeAt`] may be for one to be left at this time.
    pub fn latest(self, now: Timestamp) -> WholeAt {
        WholeAt(WholeAt::from(now).0.saturating_add(self.leeway))
    }

    /// The latest that a right clock can have kept. What lies beyond was kept while a clock was
    /// ahead, and says nothing.
    pub fn believed(self, now: Timestamp) -> WholeAt {
        let whole = self.latest(now).0.saturating_add(self.interval);
        let differ = i64::try_from(CLOCKS_DIFFER.as_micros()).unwrap_or(i64::MAX);
        WholeAt(whole.saturating_add(differ))
    }

    /// What is kept when one is done now, or how long there is none left.
    pub fn take(self, kept: Option<WholeAt>, now: Timestamp) -> Result<WholeAt, Duration> {
        let believed = kept.filter(|kept| *kept <= self.believed(now));
        let whole_at = believed.map_or(now.into(), |kept| kept.max(now.into()));
        match self.wait(whole_at, now) {
            None => Ok(WholeAt(whole_at.0.saturating_add(self.interval))),
            Some(wait) => Err(wait),
        }
    }

    /// How long there is none left; `None` if there is one.
    pub fn wait(self, kept: WholeAt, now: Timestamp) -> Option<Duration> {
        if kept > self.believed(now) {
            return None;
        }
        let micros = kept.0.saturating_sub(self.latest(now).0);
        u64::try_from(micros).ok().filter(|micros| *micros > 0).map(Duration::from_micros)
    }
}

/// Whether somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Yes, and it is counted.
    Taken,
    /// No; this is what was kept of them at that moment.
    Refused(WholeAt),
}

/// Counts for all nodes together.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Counts one for a key of a limit, unless it has none left. Neither is stored in a form that
    /// leads back to it.
    async fn take_turn(&self, limit: &str, key: &str, pace: Pace) -> Result<Turn>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn a_minute_s_allowance_is_spent_at_once_and_comes_back_evenly() {
        let pace = Pace::per_minute(NonZeroU32::new(3).unwrap());
        let mut kept = None;
        let mut take = |millis| match pace.take(kept, at(millis)) {
            Ok(whole_at) => {
                kept = Some(whole_at);
                0
            }
            Err(wait) => wait.as_millis(),
        };
        assert_eq!([0; 5].map(&mut take), [0, 0, 0, 20_000, 20_000]);
        assert_eq!([19_999, 20_000, 20_000].map(&mut take), [1, 0, 20_000]);
        assert_eq!([80_000; 4].map(&mut take), [0, 0, 0, 20_000]);
    }

    #[test]
    fn a_clock_that_was_ahead_refuses_nobody_once_it_is_right() {
        let pace = Pace::per_minute(NonZeroU32::new(3).unwrap());
        let hour = 3_600_000;
        let full = WholeAt(pace.latest(at(hour)).0 + 1);
        assert!(pace.wait(full, at(hour)).is_some());
        assert_eq!(pace.wait(full, at(0)), None);
        assert_eq!(pace.take(Some(full), at(0)), pace.take(None, at(0)));
        // Another node's clock may be a minute ahead: what it kept counts.
        assert!(pace.wait(full, at(hour - 60_000)).is_some());
    }

    #[test]
    fn even_an_absurd_allowance_ends() {
        let pace = Pace::per_minute(NonZeroU32::MAX);
        assert_eq!(pace.interval(), 1);
        let full = WholeAt(pace.latest(at(0)).0 + 1);
        assert_eq!(pace.wait(full, at(0)), Some(Duration::from_micros(1)));
    }
}
