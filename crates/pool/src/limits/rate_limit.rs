//! Rate limits by the generic cell rate algorithm: a caller may do something so many times at once,
//! and then one more time after each interval. Refused calls cost nothing.

use crate::error::Result;
use crate::time::{CLOCKS_DIFFER, Timestamp};
use async_trait::async_trait;
use std::num::NonZeroU32;
use std::time::Duration;

const MINUTE: i64 = 60_000_000;

/// The theoretical arrival time: when a caller has the whole allowance again, in microseconds since
/// 1970-01-01 UTC. It is all that is kept of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TheoreticalArrival(i64);

impl TheoreticalArrival {
    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl From<Timestamp> for TheoreticalArrival {
    fn from(time: Timestamp) -> Self {
        Self(time.millis().saturating_mul(1000))
    }
}

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How long it takes for one to come back, in microseconds.
    interval: i64,
    /// How far ahead of now the theoretical arrival time may be, in microseconds: the time in which
    /// all calls but one come back.
    burst_tolerance: i64,
}

impl RateLimit {
    /// So many a minute.
    pub fn per_minute(most: NonZeroU32) -> Self {
        let most = i64::from(most.get());
        let interval = (MINUTE / most).max(1);
        Self { interval, burst_tolerance: interval.saturating_mul(most - 1) }
    }

    /// How long it takes for one to come back, in microseconds.
    pub const fn interval(self) -> i64 {
        self.interval
    }

    /// The latest that [`TheoreticalArrival`] may be for one to be left at this time.
    pub fn latest(self, now: Timestamp) -> TheoreticalArrival {
        TheoreticalArrival(TheoreticalArrival::from(now).0.saturating_add(self.burst_tolerance))
    }

    /// The latest that a right clock can have kept. What lies beyond was kept while a clock was
    /// ahead, and says nothing.
    pub fn believed(self, now: Timestamp) -> TheoreticalArrival {
        let whole = self.latest(now).0.saturating_add(self.interval);
        let differ = i64::try_from(CLOCKS_DIFFER.as_micros()).unwrap_or(i64::MAX);
        TheoreticalArrival(whole.saturating_add(differ))
    }

    /// What is kept when one is done now, or how long there is none left.
    ///
    /// # Errors
    ///
    /// If there is none left: how long it takes until there is one.
    pub fn take(
        self,
        kept: Option<TheoreticalArrival>,
        now: Timestamp,
    ) -> Result<TheoreticalArrival, Duration> {
        let believed = kept.filter(|kept| *kept <= self.believed(now));
        let arrival = believed.map_or(now.into(), |kept| kept.max(now.into()));
        match self.wait(arrival, now) {
            None => Ok(TheoreticalArrival(arrival.0.saturating_add(self.interval))),
            Some(wait) => Err(wait),
        }
    }

    /// How much of a call that was counted then has not come back by itself, in microseconds, if
    /// nothing was counted before it.
    pub fn outstanding(self, counted_at: Timestamp, now: Timestamp) -> i64 {
        let back = TheoreticalArrival::from(counted_at).0.saturating_add(self.interval);
        back.saturating_sub(TheoreticalArrival::from(now).0).clamp(0, self.interval)
    }

    /// What is kept once a call no longer counts. `counted` is what [`Self::take`] gave for it, so that
    /// calls that were counted before it do not matter. Nobody has more left than if it had never
    /// been counted.
    #[must_use]
    pub fn give_back(
        self,
        kept: TheoreticalArrival,
        counted: TheoreticalArrival,
        now: Timestamp,
    ) -> TheoreticalArrival {
        let left = counted.0.saturating_sub(TheoreticalArrival::from(now).0);
        TheoreticalArrival(kept.0.saturating_sub(left.clamp(0, self.interval)))
    }

    /// How long there is none left; `None` if there is one.
    pub fn wait(self, kept: TheoreticalArrival, now: Timestamp) -> Option<Duration> {
        if kept > self.believed(now) {
            return None;
        }
        let micros = kept.0.saturating_sub(self.latest(now).0);
        u64::try_from(micros).ok().filter(|micros| *micros > 0).map(Duration::from_micros)
    }
}

/// Whether a caller may do something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateDecision {
    /// Yes; the call is counted.
    Allowed,
    /// No; this was kept of the caller at that moment.
    Limited(TheoreticalArrival),
}

/// A rate limit that all nodes share.
#[async_trait]
pub trait SharedLimiter: Send + Sync {
    /// Counts one for a key of a limit, unless it has none left. Neither is stored in a form that
    /// leads back to it.
    async fn count_call(
        &self,
        limit: &str,
        key: &str,
        rate_limit: RateLimit,
    ) -> Result<RateDecision>;

    /// Stops counting a call that was counted at that time. If calls overlap, part of
    /// each keeps counting, because a node does not know what was counted before.
    async fn give_back_call(
        &self,
        limit: &str,
        key: &str,
        rate_limit: RateLimit,
        counted_at: Timestamp,
    ) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn a_minute_s_allowance_is_spent_at_once_and_comes_back_evenly() {
        let rate_limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        let mut kept = None;
        let mut take = |millis| match rate_limit.take(kept, at(millis)) {
            Ok(arrival) => {
                kept = Some(arrival);
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
        let rate_limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        let hour = 3_600_000;
        let full = TheoreticalArrival(rate_limit.latest(at(hour)).0 + 1);
        assert!(rate_limit.wait(full, at(hour)).is_some());
        assert_eq!(rate_limit.wait(full, at(0)), None);
        assert_eq!(rate_limit.take(Some(full), at(0)), rate_limit.take(None, at(0)));
        // Another node's clock may be a minute ahead: what it kept counts.
        assert!(rate_limit.wait(full, at(hour - 60_000)).is_some());
    }

    #[test]
    fn what_is_given_back_is_what_has_not_come_back_by_itself() {
        let rate_limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        let first = rate_limit.take(None, at(0)).unwrap();
        let second = rate_limit.take(Some(first), at(0)).unwrap();
        let whole = |millis| TheoreticalArrival::from(at(millis));
        assert_eq!(rate_limit.give_back(second, second, at(0)), first);
        assert_eq!(rate_limit.give_back(second, first, at(5_000)), whole(25_000));
        assert_eq!(rate_limit.give_back(second, second, at(20_000)), first);
        assert_eq!(rate_limit.give_back(second, second, at(35_000)), whole(35_000));
        assert_eq!(rate_limit.give_back(second, first, at(20_000)), second);
        assert_eq!(rate_limit.give_back(second, first, at(90_000)), second);
        // The clock was set back meanwhile.
        assert_eq!(rate_limit.give_back(second, first, at(-90_000)), first);
    }

    /// Behind one address, sign-ins that take longer than they come apart.
    #[test]
    fn calls_under_way_at_once_leave_no_debt() {
        let rate_limit = RateLimit::per_minute(NonZeroU32::new(10).unwrap());
        let mut kept = None;
        let mut under_way = std::collections::VecDeque::new();
        for begun in (0..600_000).step_by(333) {
            while under_way.front().is_some_and(|(ends, _)| *ends <= begun) {
                let (ends, counted) = under_way.pop_front().unwrap();
                kept = kept.map(|kept| rate_limit.give_back(kept, counted, at(ends)));
            }
            let counted = rate_limit.take(kept, at(begun)).unwrap();
            kept = Some(counted);
            under_way.push_back((begun + 600, counted));
        }
    }

    #[test]
    fn even_an_absurd_allowance_ends() {
        let rate_limit = RateLimit::per_minute(NonZeroU32::MAX);
        assert_eq!(rate_limit.interval(), 1);
        let full = TheoreticalArrival(rate_limit.latest(at(0)).0 + 1);
        assert_eq!(rate_limit.wait(full, at(0)), Some(Duration::from_micros(1)));
    }
}
