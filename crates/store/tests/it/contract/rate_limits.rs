//! What limits count.

use super::AnyStore;
use crate::records::at;
use poolkeeper_pool::limits::rate_limit::{RateDecision, RateLimit, TheoreticalArrival};
use std::num::NonZeroU32;
use tokio::task::JoinSet;

fn three_a_minute() -> RateLimit {
    RateLimit::per_minute(NonZeroU32::new(3).unwrap())
}

async fn take(store: &AnyStore, key: &str, second: i64) -> RateDecision {
    store.count_call(key, three_a_minute(), at(second)).await.unwrap()
}

/// What is kept if the whole allowance is back at a second.
fn refused(second: i64) -> RateDecision {
    RateDecision::Limited(TheoreticalArrival::from(at(second)))
}

pub(crate) async fn calls_are_counted_for_all_nodes(store: &AnyStore) {
    for _ in 0..3 {
        assert_eq!(take(store, "ada", 100).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "ada", 100).await, refused(160));
    assert_eq!(take(store, "bob", 100).await, RateDecision::Allowed);
    // What is refused costs nothing, and what is left comes back one at a time.
    for _ in 0..9 {
        assert_eq!(take(store, "ada", 119).await, refused(160));
    }
    assert_eq!(take(store, "ada", 120).await, RateDecision::Allowed);
    assert_eq!(take(store, "ada", 120).await, refused(180));
    // Whoever was away for long has as many as anybody.
    for _ in 0..3 {
        assert_eq!(take(store, "ada", 900).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "ada", 900).await, refused(960));
    // A clock that is behind gives none away.
    assert_eq!(take(store, "ada", 890).await, refused(960));
}

/// What is given back is there at once, and nothing is there that was never taken.
pub(crate) async fn calls_are_given_back(store: &AnyStore) {
    const TWENTY_SECONDS: i64 = 20_000_000;
    for _ in 0..3 {
        assert_eq!(take(store, "ada", 100).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "ada", 100).await, refused(160));
    store.give_back_call("ada", TWENTY_SECONDS).await.unwrap();
    store.give_back_call("bob", TWENTY_SECONDS).await.unwrap();
    assert_eq!(take(store, "ada", 100).await, RateDecision::Allowed);
    assert_eq!(take(store, "ada", 100).await, refused(160));
    for _ in 0..3 {
        assert_eq!(take(store, "bob", 100).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "bob", 100).await, refused(160));
}

/// What was kept while a clock was ahead says nothing once the clock is right.
pub(crate) async fn turns_of_the_future_are_not_believed(store: &AnyStore) {
    for _ in 0..3 {
        assert_eq!(take(store, "ada", 4000).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "ada", 4000).await, refused(4060));
    // Another node may be a minute behind.
    assert_eq!(take(store, "ada", 3940).await, refused(4060));
    for _ in 0..3 {
        assert_eq!(take(store, "ada", 100).await, RateDecision::Allowed);
    }
    assert_eq!(take(store, "ada", 100).await, refused(160));
}

pub(crate) async fn turns_are_forgotten_when_all_have_come_back(store: &AnyStore) {
    for _ in 0..3 {
        take(store, "ada", 100).await;
    }
    // All are back at 160. By a clock that is a minute ahead that is no reason yet.
    store.sweep(at(220)).await.unwrap();
    assert_eq!(take(store, "ada", 100).await, refused(160));
    store.sweep(at(281)).await.unwrap();
    assert_eq!(take(store, "ada", 100).await, RateDecision::Allowed);
}

/// However many want one at the same moment.
pub(crate) async fn no_more_turns_are_taken_than_there_are(store: &AnyStore) {
    let rate_limit = RateLimit::per_minute(NonZeroU32::new(10).unwrap());
    let tries = (0..40).map(|_| {
        let store = AnyStore::clone(store);
        async move { store.count_call("ada", rate_limit, at(100)).await.unwrap() }
    });
    let turns = tries.collect::<JoinSet<_>>().join_all().await;
    assert_eq!(turns.iter().filter(|turn| **turn == RateDecision::Allowed).count(), 10);
    let full = RateDecision::Limited(TheoreticalArrival::from(at(160)));
    assert!(turns.iter().all(|turn| *turn == RateDecision::Allowed || *turn == full), "{turns:?}");
}
