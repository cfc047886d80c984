//! A circuit breaker: after failures in a row, nobody waits for what does not answer. It knows no
//! clock and no random source; both are arguments.

use crate::connection::settings::Limits;
use poolkeeper_pool::system::Rng;
use poolkeeper_pool::time::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counts failures in a row, and keeps calls back for a while after too many.
#[derive(Debug)]
pub(crate) struct Breaker {
    failures: u32,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Calls pass. So many of the last ones failed.
    Closed(u32),
    /// Calls are kept back until then; from then on one of them shows how things stand.
    Open(Timestamp),
}

impl Breaker {
    pub(crate) fn new(limits: &Limits) -> Self {
        let state = Mutex::new(State::Closed(0));
        Self { failures: limits.failures.max(1), rest: limits.rest, state }
    }

    /// Whether a call may pass. After the rest one may at a time: the others wait for another rest,
    /// unless it shows that all is well.
    pub(crate) fn admits(&self, now: Timestamp) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed(_) => true,
            State::Open(until) if now < until => false,
            State::Open(_) => {
                *state = State::Open(now.after(self.rest));
                true
            }
        }
    }

    /// Whether no call may pass.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*state, State::Open(until) if now < until)
    }

    /// Takes note of a call that was answered.
    pub(crate) fn answered(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed(0);
    }

    /// Takes note of a call that failed. Whether that ends its passing.
    pub(crate) fn failed(&self, now: Timestamp, rng: &dyn Rng) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, opened) = match *state {
            State::Closed(failures) if failures.saturating_add(1) < self.failures => {
                (State::Closed(failures.saturating_add(1)), false)
            }
            // Many servers that opened at once do not ask again at once.
            State::Closed(_) => {
                (State::Open(now.after(self.rest + portion(self.rest / 2, rng))), true)
            }
            open @ State::Open(_) => (open, false),
        };
        *state = next;
        opened
    }
}

/// A random part of a time.
pub(crate) fn portion(of: Duration, rng: &dyn Rng) -> Duration {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    of.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always the same byte.
    struct Same(u8);

    impl Rng for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    const REST: Duration = Duration::from_secs(5);

    fn breaker() -> Breaker {
        Breaker::new(&Limits { failures: 3, rest: REST, ..Limits::default() })
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn failures_in_a_row_open_it_and_others_do_not() {
        let breaker = breaker();
        for _ in 0..2 {
            assert!(!breaker.failed(at(0), &Same(0)));
        }
        breaker.answered();
        for _ in 0..2 {
            assert!(!breaker.failed(at(0), &Same(0)));
            assert!(breaker.admits(at(0)));
        }
        assert!(breaker.failed(at(0), &Same(0)));
        assert!(!breaker.admits(at(0)));
        assert!(!breaker.admits(at(4_999)));
    }

    #[test]
    fn after_a_rest_one_call_shows_how_things_stand() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed(at(0), &Same(0));
        }
        assert!(breaker.admits(at(5_000)));
        assert!(!breaker.admits(at(5_001)), "one at a time");
        breaker.failed(at(5_100), &Same(0));
        assert!(!breaker.admits(at(9_999)));
        assert!(breaker.admits(at(10_000)), "and one more after another rest");
        breaker.answered();
        assert!(breaker.admits(at(10_001)) && breaker.admits(at(10_001)));
    }

    #[test]
    fn a_trial_that_is_never_heard_of_again_blocks_nobody() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed(at(0), &Same(0));
        }
        assert!(breaker.admits(at(5_000)));
        assert!(breaker.admits(at(10_000)));
    }

    #[test]
    fn rests_are_not_all_of_one_length() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed(at(0), &Same(0xff));
        }
        assert!(!breaker.admits(at(7_499)));
        assert!(breaker.admits(at(7_500)));
    }

    #[test]
    fn portions_stay_within_the_whole() {
        assert_eq!(portion(REST, &Same(0)), Duration::ZERO);
        assert_eq!(portion(REST, &Same(0xff)), REST);
    }
}
