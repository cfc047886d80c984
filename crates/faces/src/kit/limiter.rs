use super::address::Caller;
use axum::http::Extensions;
use governor::clock::{Clock as _, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use poolkeeper_pool::ports::Clock;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// After so many looks, keys that have their whole allowance again are forgotten.
const LOOKS_BETWEEN_SWEEPS: u32 = 1024;

/// Whom a limit by address counts as one: an IPv4 address, or the /64 of an IPv6 address, of which
/// one customer has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin(IpAddr);

impl Origin {
    /// The caller's, if the server knows where the request came from.
    pub(crate) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Caller>().map(|Caller(address)| Self::from(*address))
    }
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// After how many seconds there is an allowance again, at least one (`Retry-After`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

/// Allows each key so many a minute: that many at once, and then one at a time as they come back
/// evenly. It counts in memory, for this process alone.
pub(crate) struct Limiter<K: Hash + Eq + Clone> {
    limits: Option<Limits<K>>,
    looks: AtomicU32,
}

type Limits<K> = RateLimiter<K, HashMapStateStore<K>, Time, NoOpMiddleware<Nanos>>;

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// `None` allows everything.
    pub(crate) fn per_minute(most: Option<NonZeroU32>, clock: Arc<dyn Clock>) -> Self {
        let limits = |most| RateLimiter::hashmap_with_clock(Quota::per_minute(most), Time(clock));
        Self { limits: most.map(limits), looks: AtomicU32::new(0) }
    }

    /// Counts one, unless the key has used up its allowance.
    pub(crate) fn check(&self, key: &K) -> Result<(), Wait> {
        let Some(limits) = &self.limits else { return Ok(()) };
        if self.looks.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOKS_BETWEEN_SWEEPS) {
            limits.retain_recent();
        }
        limits.check_key(key).map_err(|refused| {
            let wait = refused.earliest_possible().duration_since(limits.clock().now());
            Wait(Duration::from(wait).as_millis().div_ceil(1000).try_into().unwrap_or(1).max(1))
        })
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Limiter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

/// The clock of the engine as the limiter wants it.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl governor::clock::Clock for Time {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let millis = u64::try_from(self.0.now().millis()).unwrap_or_default();
        Nanos::from(Duration::from_millis(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_pool::time::Timestamp;
    use std::sync::atomic::AtomicI64;

    #[derive(Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_700_000_000_000 + self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn a_minute_s_allowance_is_spent_at_once_and_comes_back_evenly() {
        let clock = Arc::new(Hands::default());
        let limiter = Limiter::per_minute(NonZeroU32::new(3), Arc::clone(&clock) as _);
        for _ in 0..3 {
            assert_eq!(limiter.check(&"a"), Ok(()));
        }
        assert_eq!(limiter.check(&"a"), Err(Wait(20)));
        assert_eq!(limiter.check(&"b"), Ok(()));
        clock.0.store(19_001, Ordering::Relaxed);
        assert_eq!(limiter.check(&"a"), Err(Wait(1)));
        clock.0.store(20_000, Ordering::Relaxed);
        assert_eq!(limiter.check(&"a"), Ok(()));
        assert_eq!(limiter.check(&"a"), Err(Wait(20)));
        clock.0.store(80_000, Ordering::Relaxed);
        for _ in 0..3 {
            assert_eq!(limiter.check(&"a"), Ok(()));
        }
        assert_eq!(limiter.check(&"a"), Err(Wait(20)));
    }

    #[test]
    fn refused_attempts_cost_nothing() {
        let clock = Arc::new(Hands::default());
        let limiter = Limiter::per_minute(NonZeroU32::new(60), Arc::clone(&clock) as _);
        for _ in 0..60 {
            assert_eq!(limiter.check(&()), Ok(()));
        }
        for _ in 0..1000 {
            assert_eq!(limiter.check(&()), Err(Wait(1)));
        }
        clock.0.store(1000, Ordering::Relaxed);
        assert_eq!(limiter.check(&()), Ok(()));
    }

    #[test]
    fn keys_with_their_whole_allowance_are_forgotten() {
        let clock = Arc::new(Hands::default());
        let limiter = Limiter::per_minute(NonZeroU32::new(60), Arc::clone(&clock) as _);
        let count = || limiter.limits.as_ref().unwrap().len();
        for key in 0..LOOKS_BETWEEN_SWEEPS {
            assert_eq!(limiter.check(&key), Ok(()));
        }
        assert_eq!(count(), 1024);
        clock.0.store(60_000, Ordering::Relaxed);
        assert_eq!(limiter.check(&0), Ok(()));
        assert_eq!(count(), 1);
    }

    #[test]
    fn no_limit_allows_everything() {
        let limiter = Limiter::per_minute(None, Arc::new(Hands::default()));
        assert!((0..10_000).all(|_| limiter.check(&()).is_ok()));
    }

    #[test]
    fn one_network_of_ipv6_is_one_origin() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:0:0:1"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
    }
}
