//! The machine's own clock and random source: the only place that asks for either.

use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::system::{Clock, Rng};
use poolkeeper_pool::time::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that everything else takes")]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The random generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[expect(clippy::expect_used, reason = "no key or token may be made without randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system's random source");
    }
}

/// What a command or the configuration asks of the engine.
pub fn operator() -> RequestContext {
    RequestContext::of_operator(SystemClock.now())
}

/// What the server asks of the engine by itself.
pub fn server() -> RequestContext {
    RequestContext::of_server(SystemClock.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_past_the_making_of_this_test_and_does_not_stand_still_for_long() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_seconds(1_760_000_000), "{now:?}");
        assert!(SystemClock.now() >= now);
    }

    #[test]
    fn random_bytes_do_not_repeat() {
        let mut blocks = [[0; 32]; 64];
        for block in &mut blocks {
            SystemRng.fill(block);
        }
        let distinct: std::collections::HashSet<_> = blocks.iter().collect();
        assert_eq!(distinct.len(), blocks.len());
    }
}
