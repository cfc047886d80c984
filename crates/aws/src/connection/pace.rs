//! How many calls are sent a second. Amazon refuses calls beyond a quota. If we did not slow down, Amazon
//! would refuse later calls of requests whose first call it accepted. So after the first refusal, the
//! calls of that category keep to the rate that got through, and the rate adapts from there.
//!
//! A call that begins a request is refused at once if there is no room, or if calls of requests in
//! progress are waiting. A call of a request in progress waits for its turn, so that the request completes.
//!
//! It knows no clock: the time is an argument.

use crate::connection::quota::Category;
use poolkeeper_pool::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The slowest rate, in calls a second: one to find out whether Amazon accepts calls again.
const SLOWEST: f64 = 1.0;

/// What each call that gets through adds to the rate: a twentieth of it in a second.
const STEP: f64 = 0.05;

/// How much of the rate is left after a refusal, at least and at most.
const CUT: (f64, f64) = (0.5, 0.98);

/// The calls that can be sent at once after a pause, as seconds of the rate.
const BURST: f64 = 0.5;

/// How long what has begun waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// If calls of requests in progress wait longer than this, no new request begins.
const BACKLOG: Duration = Duration::from_millis(500);

/// After this long without a refusal, the rate is unlimited again.
const CALM: Duration = Duration::from_mins(5);

/// Whether a call begins something, or belongs to something that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It begins something: the caller can come again later.
    Fresh,
    /// Something before it has been done.
    Begun,
}

/// There is no room for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Congested;

/// The rates of all categories.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<Category, Bucket>>);

impl Pace {
    /// How long a call has to wait before it is sent.
    ///
    /// # Errors
    ///
    /// [`Congested`] if it must not be sent at all.
    pub(crate) fn admit(
        &self,
        category: Category,
        urgency: Urgency,
        now: Timestamp,
    ) -> Result<Duration, Congested> {
        let mut buckets = self.buckets();
        let mut of_users = buckets.iter_mut().filter(|(category, _)| category.is_of_one_user());
        if urgency == Urgency::Fresh && of_users.any(|(_, bucket)| bucket.delay(now) > BACKLOG) {
            return Err(Congested);
        }
        buckets.entry(category).or_default().take(urgency, now)
    }

    /// Takes note of a call that Amazon looked at.
    pub(crate) fn answered(&self, category: Category, now: Timestamp) {
        self.buckets().entry(category).or_default().answered(now);
    }

    /// Takes note of a call that Amazon refused as one too many.
    pub(crate) fn throttled(&self, category: Category, now: Timestamp) {
        self.buckets().entry(category).or_default().throttled(now);
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<Category, Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// Until the first refusal, all calls pass.
    limit: Option<Limit>,
    passed: Window,
}

/// What a category has to keep to.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Calls a second.
    rate: f64,
    /// The calls that can be sent now; below zero, those that wait.
    tokens: f64,
    refilled: Timestamp,
    /// When Amazon refused a call last.
    refused: Timestamp,
    /// When the rate was cut last.
    cut: Timestamp,
}

impl Bucket {
    /// How long the last one of those that wait has to.
    fn delay(&mut self, now: Timestamp) -> Duration {
        self.refill(now);
        self.limit.map_or(Duration::ZERO, |limit| limit.wait_for(0.0))
    }

    fn take(&mut self, urgency: Urgency, now: Timestamp) -> Result<Duration, Congested> {
        self.refill(now);
        let Some(limit) = &mut self.limit else { return Ok(Duration::ZERO) };
        let wait = limit.wait_for(1.0);
        let most = match urgency {
            Urgency::Fresh => Duration::ZERO,
            Urgency::Begun => PATIENCE,
        };
        if wait > most {
            return Err(Congested);
        }
        limit.tokens -= 1.0;
        Ok(wait)
    }

    fn refill(&mut self, now: Timestamp) {
        if self.limit.is_some_and(|limit| now.since(limit.refused) > CALM) {
            self.limit = None;
        }
        if let Some(limit) = &mut self.limit {
            let seconds = now.since(limit.refilled).as_secs_f64();
            let most = (limit.rate * BURST).max(1.0);
            limit.tokens = (limit.tokens + seconds * limit.rate).min(most);
            limit.refilled = now;
        }
    }

    fn answered(&mut self, now: Timestamp) {
        self.passed.count(now);
        if let Some(limit) = &mut self.limit {
            limit.rate += STEP;
        }
    }

    /// Calls that were under way together are refused together: they cut the rate once.
    fn throttled(&mut self, now: Timestamp) {
        let passed = self.passed.rate(now);
        let Some(limit) = &mut self.limit else {
            let rate = passed.max(SLOWEST);
            self.limit = Some(Limit { rate, tokens: 0.0, refilled: now, refused: now, cut: now });
            return;
        };
        limit.refused = now;
        if now.since(limit.cut) >= Duration::from_secs(1) {
            let (least, most) = (limit.rate * CUT.0, limit.rate * CUT.1);
            limit.rate = passed.clamp(least, most).max(SLOWEST);
            limit.cut = now;
        }
        limit.tokens = limit.tokens.min(0.0);
    }
}

impl Limit {
    /// How long until there are so many tokens.
    fn wait_for(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64(((tokens - self.tokens) / self.rate).max(0.0))
    }
}

/// How many calls passed of late: a second that slides, from the counts of two that do not.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    second: i64,
    current: f64,
    before: f64,
}

impl Window {
    fn count(&mut self, now: Timestamp) {
        self.turn(now);
        self.current += 1.0;
    }

    /// Calls a second.
    fn rate(&mut self, now: Timestamp) -> f64 {
        self.turn(now);
        let part =
            Duration::from_millis(now.millis().rem_euclid(1000).unsigned_abs()).as_secs_f64();
        self.current + self.before * (1.0 - part)
    }

    fn turn(&mut self, now: Timestamp) {
        let second = now.millis().div_euclid(1000);
        match second.saturating_sub(self.second) {
            0 => return,
            1 => self.before = self.current,
            _ => self.before = 0.0,
        }
        (self.second, self.current) = (second, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Category::{Authentication, Read, ResourceRead};
    use std::collections::BTreeMap;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + millis)
    }

    /// Amazon with the same quota for each category: a bucket that holds a second's calls.
    struct Quotas {
        quota: f64,
        buckets: HashMap<Category, (f64, i64)>,
        /// Calls that it refused.
        refused: u32,
    }

    impl Quotas {
        fn new(quota: f64) -> Self {
            Self { quota, buckets: HashMap::new(), refused: 0 }
        }

        fn accepts(&mut self, category: Category, millis: i64) -> bool {
            let (tokens, since) = self.buckets.entry(category).or_insert((self.quota, 0));
            let passed = Duration::from_millis((millis - *since).unsigned_abs()).as_secs_f64();
            *tokens = (*tokens + passed * self.quota).min(self.quota);
            *since = millis;
            let accepted = *tokens >= 1.0;
            if accepted {
                *tokens -= 1.0;
            } else {
                self.refused += 1;
            }
            accepted
        }
    }

    /// Sign-ins of several calls each, over a minute. How many were completed a second in its last
    /// two thirds, and how many calls Amazon refused in all.
    fn completed(pace: Option<&Pace>, steps: &[Category], quota: f64, offered: i64) -> (f64, u32) {
        let mut amazon = Quotas::new(quota);
        // What is due: (time, number of the sign-in) → (index of the step, number of the attempt).
        let mut due = BTreeMap::new();
        for number in 0..60 * offered {
            due.insert((number * 1000 / offered, number), (0_usize, 1));
        }
        let mut good = 0;
        while let Some(((millis, number), (step, attempt))) = due.pop_first() {
            let urgency = if step == 0 { Urgency::Fresh } else { Urgency::Begun };
            let category = steps[step];
            let wait = match pace.map(|pace| pace.admit(category, urgency, at(millis))) {
                Some(Err(Congested)) => continue,
                Some(Ok(wait)) => i64::try_from(wait.as_millis()).unwrap(),
                None => 0,
            };
            let sent = millis + wait;
            if amazon.accepts(category, sent) {
                if let Some(pace) = pace {
                    pace.answered(category, at(sent));
                }
                if step + 1 < steps.len() {
                    due.insert((sent + 20, number), (step + 1, 1));
                } else if (20_000..60_000).contains(&sent) {
                    good += 1;
                }
                continue;
            }
            if let Some(pace) = pace {
                pace.throttled(category, at(sent));
            }
            // Without a pace, three attempts, as before there was one.
            let again = if pace.is_some() { step > 0 && attempt < 3 } else { attempt < 3 };
            if again {
                due.insert((sent + 50 * attempt, number), (step, attempt + 1));
            }
        }
        (f64::from(good) / 40.0, amazon.refused)
    }

    /// Ten times as many sign-ins as the quota lets in: nine tenths of the quota are completed.
    #[test]
    fn an_overload_is_served_at_the_quota() {
        let apart = [Authentication, Read, ResourceRead];
        let twice = [Authentication, Read, Read];
        let together = [Read; 3];
        for (steps, share) in [(apart, 1.0), (twice, 0.5), (together, 1.0 / 3.0)] {
            for (quota, offered) in [(5.0, 50), (25.0, 250), (120.0, 1200)] {
                let best = quota * share;
                let (paced, refused) = completed(Some(&Pace::default()), &steps, quota, offered);
                let (unpaced, wasted) = completed(None, &steps, quota, offered);
                assert!(paced >= 0.9 * best, "{paced} of {best} a second");
                assert!(share > 0.9 || unpaced < 0.5 * paced, "{unpaced} without a pace");
                assert!(refused * 10 < wasted, "{refused} refused, {wasted} without a pace");
            }
        }
    }

    #[test]
    fn until_something_is_refused_everything_passes() {
        let pace = Pace::default();
        for _ in 0..10_000 {
            assert_eq!(pace.admit(Read, Urgency::Fresh, at(0)), Ok(Duration::ZERO));
            pace.answered(Read, at(0));
        }
    }

    #[test]
    fn what_has_begun_waits_and_what_has_not_is_turned_away() {
        let pace = Pace::default();
        pace.throttled(Read, at(0));
        assert_eq!(pace.admit(Read, Urgency::Fresh, at(0)), Err(Congested));
        assert_eq!(pace.admit(Read, Urgency::Begun, at(0)), Ok(Duration::from_secs(1)));
        assert_eq!(pace.admit(Read, Urgency::Begun, at(0)), Ok(Duration::from_secs(2)));
        assert_eq!(pace.admit(Read, Urgency::Begun, at(0)), Err(Congested), "for too long");
        // Whatever begins would come to wait behind them.
        assert_eq!(pace.admit(Authentication, Urgency::Fresh, at(0)), Err(Congested));
        assert_eq!(pace.admit(Authentication, Urgency::Fresh, at(1_600)), Ok(Duration::ZERO));
    }

    #[test]
    fn a_rate_is_forgotten_when_nothing_was_refused_for_minutes() {
        let pace = Pace::default();
        pace.throttled(Read, at(0));
        let later = at(301_000);
        for _ in 0..100 {
            assert_eq!(pace.admit(Read, Urgency::Fresh, later), Ok(Duration::ZERO));
        }
    }

    #[test]
    fn calls_that_are_refused_together_cut_the_rate_once() {
        let pace = Pace::default();
        let rate = |pace: &Pace| pace.buckets()[&Read].limit.unwrap().rate;
        for _ in 0..100 {
            pace.answered(Read, at(100));
        }
        for _ in 0..50 {
            pace.throttled(Read, at(200));
        }
        assert!((rate(&pace) - 100.0).abs() < 1.0, "{}", rate(&pace));
    }
}
