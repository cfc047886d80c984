//! What holds for commits that have to do with each other and come at the same time.

use super::{AnyStore, done, made};
use crate::records::{at, client, create, expect, group, pool_id, session, spend, update, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::User;
use poolkeeper_pool::limits::quota::{Quota, Use};

const ROUNDS: usize = 10;

/// A sign-in is either refused or ended by whoever ends them all.
pub(crate) async fn no_sign_in_slips_past_a_sign_out(store: &AnyStore) {
    done(store, [Change::CreateClient(Box::new(client(pool_id(), "client")))]).await;
    for round in 0..ROUNDS {
        let ada = user(&format!("ada{round}"));
        done(store, [create(&ada)]).await;
        let (pool, sub) = (pool_id(), ada.sub.clone());
        let sign_in = |i| {
            let session = session(&format!("{round}-{i}"), ada.username.as_str());
            vec![Change::CreateSession(session), expect(&ada.sub, 1)]
        };
        let out = Change::RevokeSessionsOf { pool: pool.clone(), sub: sub.clone(), at: at(5) };
        let sign_out = vec![update(&ada), out];
        let lists = (0..8).map(sign_in).chain([sign_out]).chain((8..16).map(sign_in));
        made(store, lists).await;
        assert_eq!(store.sessions_of(&pool, &sub, at(1), 99).await.unwrap(), []);
    }
}

/// Whoever joins is either refused or leaves with the group.
pub(crate) async fn nobody_is_left_in_a_group_that_goes(store: &AnyStore) {
    let users: Vec<User> = (0..16).map(|i| user(&format!("user{i}"))).collect();
    done(store, users.iter().map(create)).await;
    for _ in 0..ROUNDS {
        done(store, [Change::CreateGroup(group("g", None))]).await;
        let join = |user: &User| {
            let (pool, sub) = (pool_id(), user.sub.clone());
            vec![Change::AddToGroup { pool, sub, group: "g".into() }]
        };
        let delete = vec![Change::DeleteGroup { pool: pool_id(), name: "g".into() }];
        let (early, late) = users.split_at(8);
        made(store, early.iter().map(join).chain([delete]).chain(late.iter().map(join))).await;
        done(store, [Change::CreateGroup(group("g", None))]).await;
        let left = store.users_in_group(&pool_id(), &"g".into(), None, 99).await.unwrap();
        assert_eq!(left.users, []);
        done(store, [Change::DeleteGroup { pool: pool_id(), name: "g".into() }]).await;
    }
}

/// However many come at once.
pub(crate) async fn a_quota_is_never_overdrawn(store: &AnyStore) {
    let quota = Quota::ForgotPassword;
    let uses = |_| {
        let subject = "ada".to_owned();
        vec![Change::UseQuota(Use {
            pool: pool_id(),
            subject,
            quota,
            limit: quota.limit(),
            at: at(0),
        })]
    };
    let limit = usize::try_from(quota.limit()).unwrap();
    assert_eq!(made(store, (0..4 * limit).map(uses)).await, limit);
}

/// Two lists that want the same things in another order must not fail for it.
pub(crate) async fn nobody_waits_for_ever(store: &AnyStore) {
    for round in 0..5 {
        let keys = ["a", "b", "c", "d"].map(|key| spend(&format!("{round}{key}"), at(9)));
        let mut backwards = keys.to_vec();
        backwards.reverse();
        assert_eq!(made(store, [keys.to_vec(), backwards]).await, 1);
    }
}
