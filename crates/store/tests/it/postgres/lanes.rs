//! Many reads share a connection, each behind the one before.

use super::fresh;
use crate::contract::done;
use crate::records::{create, pool_id, sub_of, user};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_lookup_does_not_wait_for_listings() {
    let (schema, store) = fresh().await;
    done(&store, [create(&user("ada"))]).await;
    let other = schema.client().await;
    other.batch_execute("BEGIN; LOCK TABLE memberships").await.unwrap();
    let mut listings = JoinSet::new();
    // More than there are connections.
    for _ in 0..8 {
        let store = Arc::clone(&store);
        listings.spawn(async move { store.users_in_group(&pool_id(), &"g".into(), None, 1).await });
    }
    schema.until_somebody_waits().await;
    let (pool, sub) = (pool_id(), sub_of("ada"));
    let lookup = timeout(Duration::from_secs(8), store.user(&pool, &sub)).await;
    let found = lookup.expect("it waits for the listings").unwrap();
    assert_eq!(found, Some(user("ada")));
    assert!(listings.try_join_next().is_none());
    other.batch_execute("COMMIT").await.unwrap();
    for page in listings.join_all().await {
        assert_eq!(page.unwrap().users, []);
    }
}
