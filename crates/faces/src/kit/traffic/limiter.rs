use super::address::Caller;
use axum::http::Extensions;
use poolkeeper_pool::Error;
use poolkeeper_pool::limits::rate_limit::{
    RateDecision, RateLimit, SharedLimiter, TheoreticalArrival,
};
use poolkeeper_pool::request::{Reason, RequestContext};
use poolkeeper_pool::system::Clock;
use poolkeeper_pool::time::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// After so many looks, keys that have their whole allowance again are forgotten.
const LOOKS_BETWEEN_SWEEPS: u32 = 1024;

/// By what limits count.
#[derive(Clone)]
pub struct Counting {
    /// Tells the minutes.
    pub clock: Arc<dyn Clock>,
    /// Counts for all nodes together; `None` where there is this process alone.
    pub nodes: Option<Arc<dyn SharedLimiter>>,
}

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

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// After how many seconds there is an allowance again, at least one (`Retry-After`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

impl From<Duration> for Wait {
    fn from(wait: Duration) -> Self {
        Self(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1))
    }
}

/// Why a call is not to be carried out.
#[derive(Debug)]
pub(crate) enum Blocked {
    /// There were too many.
    TooMany(Wait),
    /// Nobody knows how many there were.
    Failed(Error),
}

impl From<Duration> for Blocked {
    fn from(wait: Duration) -> Self {
        Self::TooMany(wait.into())
    }
}

/// Allows each key so many a minute: that many at once, and then one at a time as they come back
/// evenly. Where there may be other nodes, the allowance is that of all of them together.
pub(crate) struct Limiter {
    /// What its counts are kept under: no other limit has the same.
    name: &'static str,
    rate_limit: Option<RateLimit>,
    counting: Counting,
    known: Mutex<Known>,
}

/// What this process knows of the keys: all, if it is alone; otherwise what it was told of those
/// that had none left, so that it need not ask again before they have.
#[derive(Default)]
struct Known {
    keys: HashMap<String, TheoreticalArrival>,
    looks: u32,
}

impl Limiter {
    /// `None` allows everything.
    pub(crate) fn per_minute(
        name: &'static str,
        most: Option<NonZeroU32>,
        counting: &Counting,
    ) -> Self {
        let (rate_limit, counting) = (most.map(RateLimit::per_minute), counting.clone());
        Self { name, rate_limit, counting, known: Mutex::default() }
    }

    /// Counts a request, unless the key has used up its allowance.
    pub(crate) async fn check(&self, request: &RequestContext, key: String) -> Result<(), Blocked> {
        self.reserve(request, key).await.map(drop)
    }

    /// Counts an attempt that can be given back.
    pub(crate) async fn reserve(
        &self,
        request: &RequestContext,
        key: String,
    ) -> Result<Reserved<'_>, Blocked> {
        let at = self.counting.clock.now();
        let counted = match self.rate_limit {
            Some(rate_limit) => {
                let counted = self.count(&key, rate_limit, at).await;
                counted.inspect_err(|blocked| self.note(request, blocked))?
            }
            None => None,
        };
        Ok(Reserved { limiter: self, key, at, counted })
    }

    /// Tells the operator which limit it was.
    fn note(&self, request: &RequestContext, blocked: &Blocked) {
        if matches!(blocked, Blocked::TooMany(_)) {
            request.note_reason(Reason::RateLimited);
            request.note_detail(self.name.to_owned());
        }
    }

    /// Counts an attempt. Returns what is kept for the key, if this process keeps it.
    async fn count(
        &self,
        key: &str,
        rate_limit: RateLimit,
        now: Timestamp,
    ) -> Result<Option<TheoreticalArrival>, Blocked> {
        let Some(nodes) = &self.counting.nodes else {
            return Ok(Some(self.take(key, rate_limit, now)?));
        };
        self.look(key, rate_limit, now)?;
        match nodes.count_call(self.name, key, rate_limit).await.map_err(Blocked::Failed)? {
            RateDecision::Allowed => Ok(None),
            RateDecision::Limited(arrival) => {
                self.with_known(now, |known| known.insert(key.to_owned(), arrival));
                // At least the one that was there when it was refused has come back since.
                Err(rate_limit.wait(arrival, now).unwrap_or_default().into())
            }
        }
    }

    fn take(
        &self,
        key: &str,
        rate_limit: RateLimit,
        now: Timestamp,
    ) -> Result<TheoreticalArrival, Duration> {
        self.with_known(now, |known| {
            let arrival = rate_limit.take(known.get(key).copied(), now)?;
            known.insert(key.to_owned(), arrival);
            Ok(arrival)
        })
    }

    fn look(&self, key: &str, rate_limit: RateLimit, now: Timestamp) -> Result<(), Duration> {
        let known = self.with_known(now, |known| known.get(key).copied());
        known.and_then(|arrival| rate_limit.wait(arrival, now)).map_or(Ok(()), Err)
    }

    fn with_known<T>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut HashMap<String, TheoreticalArrival>) -> T,
    ) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.looks = known.looks.wrapping_add(1);
        if known.looks.is_multiple_of(LOOKS_BETWEEN_SWEEPS) {
            known.keys.retain(|_, arrival| *arrival > now.into());
        }
        work(&mut known.keys)
    }
}

/// An attempt that was counted and may be given back.
#[must_use]
pub(crate) struct Reserved<'a> {
    limiter: &'a Limiter,
    key: String,
    at: Timestamp,
    /// What was kept then, if it is kept here.
    counted: Option<TheoreticalArrival>,
}

impl Reserved<'_> {
    /// Stops counting it.
    ///
    /// # Errors
    ///
    /// If the other nodes cannot be told. It counts then.
    pub(crate) async fn give_back(self) -> Result<(), Error> {
        let Self { limiter, key, at, counted } = self;
        let Some(rate_limit) = limiter.rate_limit else { return Ok(()) };
        let now = limiter.counting.clock.now();
        if let Some(nodes) = &limiter.counting.nodes {
            nodes.give_back_call(limiter.name, &key, rate_limit, at).await?;
            // Other nodes that remember the key as used up ask again after an interval at most.
            limiter.with_known(now, |known| known.remove(&key));
        } else if let Some(counted) = counted {
            limiter.with_known(now, |known| {
                if let Some(arrival) = known.get_mut(&key) {
                    *arrival = rate_limit.give_back(*arrival, counted, now);
                }
            });
        }
        Ok(())
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use poolkeeper_pool::Result;
    use poolkeeper_pool::error::StoreError;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    #[derive(Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_700_000_000_000 + self.0.load(Ordering::Relaxed))
        }
    }

    /// What the other nodes have left, and how often it was asked for.
    struct Others {
        clock: Arc<Hands>,
        kept: Mutex<Option<TheoreticalArrival>>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl SharedLimiter for Others {
        async fn count_call(
            &self,
            limit: &str,
            _: &str,
            rate_limit: RateLimit,
        ) -> Result<RateDecision> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if limit == "broken" {
                return Err(StoreError::Unavailable("away".to_owned()).into());
            }
            let mut kept = self.kept.lock().unwrap();
            Ok(match rate_limit.take(*kept, self.clock.now()) {
                Ok(arrival) => {
                    *kept = Some(arrival);
                    RateDecision::Allowed
                }
                Err(_) => RateDecision::Limited(kept.unwrap()),
            })
        }

        async fn give_back_call(
            &self,
            _: &str,
            _: &str,
            rate_limit: RateLimit,
            counted_at: Timestamp,
        ) -> Result<()> {
            let counted = rate_limit.take(None, counted_at).unwrap();
            let mut kept = self.kept.lock().unwrap();
            *kept = kept.map(|kept| rate_limit.give_back(kept, counted, self.clock.now()));
            Ok(())
        }
    }

    fn alone(most: u32) -> (Arc<Hands>, Limiter) {
        let clock = Arc::new(Hands::default());
        let counting = Counting { clock: Arc::clone(&clock) as _, nodes: None };
        (clock, Limiter::per_minute("test", NonZeroU32::new(most), &counting))
    }

    /// Two nodes with three a minute.
    fn together(name: &'static str) -> (Arc<Hands>, Arc<Others>, [Limiter; 2]) {
        let clock = Arc::new(Hands::default());
        let (kept, asked) = (Mutex::default(), AtomicUsize::default());
        let others = Arc::new(Others { clock: Arc::clone(&clock), kept, asked });
        let counting = Counting { clock: Arc::clone(&clock) as _, nodes: Some(others.clone()) };
        let node = || Limiter::per_minute(name, NonZeroU32::new(3), &counting);
        (clock, others, [node(), node()])
    }

    fn request() -> RequestContext {
        RequestContext::new("-", Timestamp::from_seconds(0))
    }

    /// The seconds to wait; 0 if there is an allowance.
    async fn wait(limiter: &Limiter, key: &str) -> u64 {
        match limiter.check(&request(), key.to_owned()).await {
            Ok(()) => 0,
            Err(Blocked::TooMany(Wait(seconds))) => seconds,
            Err(Blocked::Failed(error)) => panic!("{error}"),
        }
    }

    #[tokio::test]
    async fn a_minute_s_allowance_is_spent_at_once_and_comes_back_evenly() {
        let (clock, limiter) = alone(3);
        for told in [0, 0, 0, 20] {
            assert_eq!(wait(&limiter, "a").await, told);
        }
        assert_eq!(wait(&limiter, "b").await, 0);
        clock.0.store(19_001, Ordering::Relaxed);
        assert_eq!(wait(&limiter, "a").await, 1);
        clock.0.store(20_000, Ordering::Relaxed);
        for told in [0, 20] {
            assert_eq!(wait(&limiter, "a").await, told);
        }
        clock.0.store(80_000, Ordering::Relaxed);
        for told in [0, 0, 0, 20] {
            assert_eq!(wait(&limiter, "a").await, told);
        }
    }

    #[tokio::test]
    async fn refused_attempts_cost_nothing() {
        let (clock, limiter) = alone(60);
        for _ in 0..60 {
            assert_eq!(wait(&limiter, "a").await, 0);
        }
        for _ in 0..1000 {
            assert_eq!(wait(&limiter, "a").await, 1);
        }
        clock.0.store(1000, Ordering::Relaxed);
        assert_eq!(wait(&limiter, "a").await, 0);
    }

    #[tokio::test]
    async fn keys_with_their_whole_allowance_are_forgotten() {
        let (clock, limiter) = alone(60);
        for key in 1..LOOKS_BETWEEN_SWEEPS {
            assert_eq!(wait(&limiter, &key.to_string()).await, 0);
        }
        assert_eq!(limiter.known.lock().unwrap().keys.len(), 1023);
        clock.0.store(60_000, Ordering::Relaxed);
        assert_eq!(wait(&limiter, "0").await, 0);
        assert_eq!(limiter.known.lock().unwrap().keys.len(), 1);
    }

    #[tokio::test]
    async fn what_is_given_back_was_never_counted() {
        let (_, limiter) = alone(3);
        for _ in 0..9 {
            limiter.reserve(&request(), "a".to_owned()).await.unwrap().give_back().await.unwrap();
        }
        for told in [0, 0] {
            assert_eq!(wait(&limiter, "a").await, told);
        }
        let last = limiter.reserve(&request(), "a".to_owned()).await.unwrap();
        // As long as it may still count, it does.
        assert_eq!(wait(&limiter, "a").await, 20);
        last.give_back().await.unwrap();
        for told in [0, 20] {
            assert_eq!(wait(&limiter, "a").await, told);
        }
    }

    #[tokio::test]
    async fn what_one_node_gives_back_is_there_for_all() {
        let (_, _, [first, second]) = together("test");
        let reserved = first.reserve(&request(), "a".to_owned()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(wait(&first, "a").await, 0);
        }
        assert_eq!(wait(&first, "a").await, 20);
        reserved.give_back().await.unwrap();
        assert_eq!([wait(&first, "a").await, wait(&second, "a").await], [0, 20]);
    }

    #[tokio::test]
    async fn no_limit_allows_everything() {
        let (_, limiter) = alone(0);
        for _ in 0..10_000 {
            assert_eq!(wait(&limiter, "a").await, 0);
        }
    }

    #[tokio::test]
    async fn an_allowance_is_that_of_all_nodes_and_who_has_none_is_not_asked_about_again() {
        let (clock, others, [first, second]) = together("test");
        for limiter in [&first, &second, &first] {
            assert_eq!(wait(limiter, "a").await, 0);
        }
        for _ in 0..9 {
            assert_eq!([wait(&first, "a").await, wait(&second, "a").await], [20, 20]);
        }
        assert_eq!(others.asked.load(Ordering::Relaxed), 5);
        clock.0.store(20_000, Ordering::Relaxed);
        assert_eq!([wait(&first, "a").await, wait(&second, "a").await], [0, 20]);
        // What was refused there has cost nothing.
        clock.0.store(40_000, Ordering::Relaxed);
        assert_eq!([wait(&second, "a").await, wait(&first, "a").await], [0, 20]);
    }

    #[tokio::test]
    async fn who_cannot_be_counted_is_not_let_through() {
        let (_, _, [limiter, _]) = together("broken");
        assert!(matches!(
            limiter.check(&request(), "a".to_owned()).await,
            Err(Blocked::Failed(Error::Fault(_)))
        ));
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
