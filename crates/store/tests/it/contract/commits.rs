//! What holds for every commit, alone and beside others.

use super::{AnyStore, done, made, refused};
use crate::records::{at, create, expect, group, pool_id, session, spend, sub_of, update, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::User;
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) async fn nothing_to_change_is_no_error(store: &AnyStore) {
    done(store, []).await;
}

pub(crate) async fn a_refused_change_undoes_the_list_and_is_named(store: &AnyStore) {
    let ada = user("ada");
    done(store, [spend("spent", at(9)), create(&ada)]).await;
    let list = [
        update(&User { enabled: false, ..ada.clone() }),
        Change::CreateGroup(group("g", None)),
        spend("fresh", at(9)),
        spend("spent", at(9)),
        create(&user("eve")),
    ];
    assert_eq!(refused(store, list).await, 3);
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap(), Some(ada));
    assert_eq!(store.group(&pool_id(), &"g".into()).await.unwrap(), None);
    assert_eq!(store.user(&pool_id(), &sub_of("eve")).await.unwrap(), None);
    done(store, [spend("fresh", at(9))]).await;
}

pub(crate) async fn a_refused_commit_spares_those_beside_it(store: &AnyStore) {
    done(store, [spend("spent", at(9))]).await;
    let list = |i: usize| {
        let blocked = if i.is_multiple_of(10) { "spent".to_owned() } else { format!("fresh {i}") };
        let session = session(&format!("{i}"), "ada");
        vec![Change::CreateSession(session), spend(&blocked, at(9))]
    };
    assert_eq!(made(store, (0..200).map(list)).await, 180);
    for i in 0..200_usize {
        let session = store.session(&pool_id(), &format!("{i}").as_str().into()).await.unwrap();
        assert_eq!(session.is_some(), !i.is_multiple_of(10), "{i}");
    }
}

pub(crate) async fn of_many_who_spend_one_value_one_wins(store: &AnyStore) {
    let list = |i| {
        let session = session(&format!("{i}"), "ada");
        vec![spend("once", at(9)), Change::CreateSession(session)]
    };
    assert_eq!(made(store, (0..64).map(list)).await, 1);
    let mut sessions = 0;
    for i in 0..64 {
        let session = store.session(&pool_id(), &format!("{i}").as_str().into()).await.unwrap();
        sessions += usize::from(session.is_some());
    }
    assert_eq!(sessions, 1);
}

pub(crate) async fn of_many_who_update_one_user_one_wins_each_version(store: &AnyStore) {
    let ada = user("ada");
    done(store, [create(&ada)]).await;
    for version in 1..=5 {
        let list = |_| vec![update(&User { version, ..ada.clone() })];
        assert_eq!(made(store, (0..16).map(list)).await, 1);
    }
    done(store, [expect(&ada.sub, 6)]).await;
}

pub(crate) async fn a_read_sees_what_was_committed_before_it(store: &AnyStore) {
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            for i in 0..25 {
                let session = session(&format!("{task}-{i}"), "ada");
                done(&store, [Change::CreateSession(session.clone())]).await;
                let read = store.session(&pool_id(), &session.id).await.unwrap();
                assert_eq!(read, Some(session));
            }
        });
    }
    tasks.join_all().await;
}
