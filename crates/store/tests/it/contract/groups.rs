//! Groups and who is in them.

use super::{AnyStore, done, refused};
use crate::records::{at, create, group, other_pool_id, pool, pool_id, sub_of, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{FollowUp, FollowUpWork, Group, Suspension, User};
use poolkeeper_pool::ids::GroupName;
use std::collections::BTreeMap;

fn join(name: &str, group: &str) -> Change {
    Change::AddToGroup { pool: pool_id(), sub: sub_of(name), group: group.into() }
}

fn delete(name: &str) -> Change {
    Change::DeleteGroup { pool: pool_id(), name: name.into() }
}

pub(crate) async fn groups_come_by_precedence_then_name(store: &AnyStore) {
    let groups = [group("z", Some(0)), group("b", Some(5)), group("c", Some(5)), group("a", None)];
    let ada = sub_of("ada");
    let join =
        |name: &str| Change::AddToGroup { pool: pool_id(), sub: ada.clone(), group: name.into() };
    assert_eq!(store.groups_of(&pool_id(), &ada).await.unwrap(), []);
    done(store, groups.iter().rev().cloned().map(Change::CreateGroup)).await;
    done(store, [Change::CreateGroup(group("not joined", None))]).await;
    done(store, ["a", "b", "c", "z", "b"].map(join)).await;
    assert_eq!(store.groups_of(&pool_id(), &ada).await.unwrap(), groups);
    assert_eq!(refused(store, [Change::CreateGroup(group("a", Some(1)))]).await, 0);
    assert_eq!(store.group(&pool_id(), &"a".into()).await.unwrap(), Some(group("a", None)));
    assert_eq!(store.group(&other_pool_id(), &"a".into()).await.unwrap(), None);
}

pub(crate) async fn groups_of_many_users_come_at_once(store: &AnyStore) {
    let names: Vec<_> = (0..130).map(|number| format!("user{number}")).collect();
    let groups = [group("z", Some(0)), group("b", Some(5)), group("a", None)];
    done(store, groups.iter().cloned().map(Change::CreateGroup)).await;
    done(store, names.iter().map(|name| create(&user(name)))).await;
    let joined = |number: usize| groups.iter().skip(number % 4);
    let members = names.iter().enumerate();
    let joins =
        members.flat_map(|(n, name)| joined(n).map(|group| join(name, group.name.as_str())));
    done(store, joins).await;
    let mut subs: Vec<_> = names.iter().map(|name| sub_of(name)).collect();
    let own: BTreeMap<_, Vec<_>> =
        subs.iter().cloned().zip((0..).map(|n| joined(n).cloned().collect())).collect();
    subs.push(sub_of("nobody"));
    assert_eq!(store.groups_of_each(&pool_id(), &subs).await.unwrap(), own);
    for (sub, groups) in own.iter().take(4) {
        assert_eq!(store.groups_of(&pool_id(), sub).await.unwrap(), *groups);
    }
    assert_eq!(store.groups_of_each(&other_pool_id(), &subs).await.unwrap(), BTreeMap::new());
    assert_eq!(store.groups_of_each(&pool_id(), &[]).await.unwrap(), BTreeMap::new());
}

pub(crate) async fn a_suspension_is_lifted_by_whose_it_is(store: &AnyStore) {
    let join = || Change::JoinGroup { pool: pool_id(), sub: sub_of("ada"), group: "s".into() };
    assert_eq!(refused(store, [join()]).await, 0);
    done(store, [Change::CreateGroup(group("s", None)), create(&user("ada")), join()]).await;
    assert_eq!(refused(store, [join()]).await, 0);

    let suspension = |partner: &str, second| Suspension {
        pool: pool_id(),
        sub: sub_of("ada"),
        partner: partner.into(),
        administrator: sub_of("bob"),
        suspended_at: at(second),
    };
    let lift = |partner: &str| {
        let (pool, sub) = (pool_id(), sub_of("ada"));
        [Change::LiftSuspension { pool, sub, partner: partner.into() }]
    };
    let stored = async || store.suspension(&pool_id(), &sub_of("ada")).await.unwrap();
    assert_eq!(stored().await, None);
    assert_eq!(refused(store, lift("fd1")).await, 0);
    done(store, [suspension("fd1", 1), suspension("fd2", 2)].map(Change::PutSuspension)).await;
    assert_eq!(stored().await, Some(suspension("fd2", 2)));
    assert_eq!(refused(store, lift("fd1")).await, 0);
    done(store, lift("fd2")).await;
    assert_eq!(stored().await, None);

    let forget = Change::ForgetSuspension { pool: pool_id(), sub: sub_of("ada") };
    done(store, [Change::PutSuspension(suspension("fd1", 1)), forget.clone(), forget]).await;
    assert_eq!(refused(store, lift("fd1")).await, 0);
    let delete = Change::DeleteUser { pool: pool_id(), sub: sub_of("ada"), version: 1 };
    done(store, [Change::PutSuspension(suspension("fd1", 1)), delete]).await;
    assert_eq!(stored().await, None);
}

pub(crate) async fn a_follow_up_is_tried_by_one_and_deleted(store: &AnyStore) {
    let follow_up = |id: &str, second| FollowUp {
        id: id.to_owned(),
        pool: pool_id(),
        username: "ada".to_owned(),
        work: FollowUpWork::JoinGroup("s".into()),
        due: at(second),
        attempts: 0,
    };
    let due = async |second| store.due_follow_ups(&pool_id(), at(second), 9).await.unwrap();
    done(store, [follow_up("b", 2), follow_up("a", 1)].map(Change::PutFollowUp)).await;
    assert_eq!(due(0).await, []);
    assert_eq!(due(2).await, [follow_up("a", 1), follow_up("b", 2)]);
    assert_eq!(store.due_follow_ups(&pool_id(), at(9), 1).await.unwrap(), [follow_up("a", 1)]);
    assert_eq!(store.due_follow_ups(&other_pool_id(), at(9), 9).await.unwrap(), []);

    let claim = || [Change::TryFollowUp { id: "a".to_owned(), attempts: 0, due: at(7) }];
    done(store, claim()).await;
    assert_eq!(refused(store, claim()).await, 0);
    assert_eq!(due(6).await, [follow_up("b", 2)]);
    assert_eq!(due(7).await[1], FollowUp { attempts: 1, ..follow_up("a", 7) });
    let delete = || ["a", "b"].map(|id| Change::DeleteFollowUp { id: id.to_owned() });
    done(store, delete()).await;
    done(store, delete()).await;
    assert_eq!(due(9).await, []);
}

pub(crate) async fn groups_are_listed_by_name(store: &AnyStore) {
    let groups = ["a", "b", "c"].map(|name| group(name, None));
    done(store, groups.iter().rev().cloned().map(Change::CreateGroup)).await;
    done(store, [Change::CreateGroup(Group { pool: other_pool_id(), ..group("d", None) })]).await;
    assert_eq!(store.groups(&pool_id(), None, 9).await.unwrap(), groups);
    assert_eq!(store.groups(&pool_id(), None, 2).await.unwrap(), groups[..2]);
    let after = GroupName::from("b");
    assert_eq!(store.groups(&pool_id(), Some(&after), 2).await.unwrap(), groups[2..]);
}

pub(crate) async fn a_group_is_updated_as_it_was_read(store: &AnyStore) {
    let before = group("g", None);
    let after = Group { role_arn: Some("arn".to_owned()), ..group("g", Some(7)) };
    let update = |before: &Group, after: &Group| {
        [Change::UpdateGroup { before: before.clone(), after: after.clone() }]
    };
    assert_eq!(refused(store, update(&before, &after)).await, 0);
    done(store, [Change::CreateGroup(before.clone())]).await;
    done(store, update(&before, &after)).await;
    assert_eq!(store.group(&pool_id(), &"g".into()).await.unwrap().as_ref(), Some(&after));
    assert_eq!(refused(store, update(&before, &after)).await, 0);
    done(store, update(&after, &before)).await;
    assert_eq!(store.group(&pool_id(), &"g".into()).await.unwrap(), Some(before));
}

pub(crate) async fn a_group_takes_its_memberships_along(store: &AnyStore) {
    assert_eq!(refused(store, [delete("g")]).await, 0);
    done(store, ["g", "h"].map(|name| Change::CreateGroup(group(name, None)))).await;
    done(store, [join("ada", "g"), join("ada", "h"), delete("g")]).await;
    assert_eq!(refused(store, [delete("g")]).await, 0);
    assert_eq!(store.group(&pool_id(), &"g".into()).await.unwrap(), None);
    done(store, [Change::CreateGroup(group("g", None))]).await;
    assert_eq!(store.groups_of(&pool_id(), &sub_of("ada")).await.unwrap(), [group("h", None)]);
}

pub(crate) async fn members_come_and_go(store: &AnyStore) {
    let leave = |name: &str| Change::RemoveFromGroup {
        pool: pool_id(),
        sub: sub_of(name),
        group: "g".into(),
    };
    assert_eq!(refused(store, [join("ada", "g")]).await, 0);
    done(store, [Change::CreateGroup(group("g", None)), join("ada", "g"), join("eve", "g")]).await;
    done(store, [leave("ada"), leave("ada"), leave("nobody")]).await;
    assert_eq!(store.groups_of(&pool_id(), &sub_of("ada")).await.unwrap(), []);
    assert_eq!(store.groups_of(&pool_id(), &sub_of("eve")).await.unwrap(), [group("g", None)]);
}

pub(crate) async fn members_are_listed(store: &AnyStore) {
    let users = ["ada", "eve", "zoe"].map(user);
    done(store, users.iter().map(create)).await;
    done(store, ["g", "h"].map(|name| Change::CreateGroup(group(name, None)))).await;
    done(store, [join("zoe", "g"), join("ada", "g"), join("eve", "h"), join("eve", "g")]).await;
    let group = "g".into();
    let first = store.users_in_group(&pool_id(), &group, None, 2).await.unwrap();
    assert_eq!(first.users, users[..2]);
    let rest = store.users_in_group(&pool_id(), &group, first.next.as_ref(), 2).await.unwrap();
    assert_eq!((&rest.users[..], rest.next), (&users[2..], None));
    let elsewhere = store.users_in_group(&other_pool_id(), &group, None, 2).await.unwrap();
    assert_eq!(elsewhere.users, []);
}

/// However their subs begin, and wherever the page does.
pub(crate) async fn members_are_counted_and_skipped(store: &AnyStore) {
    let record = pool(pool_id());
    let group: GroupName = "g".into();
    let at = async |offset, limit| {
        let found = store.member_slice(&pool_id(), &group, offset, limit).await.unwrap();
        found.map(|slice| (slice.pool, slice.members))
    };
    assert_eq!(at(0, 2).await, None);
    done(store, [Change::CreatePool(Box::new(record.clone()))]).await;
    assert_eq!(at(0, 2).await, Some((record.clone(), None)));
    done(store, [Change::CreateGroup(crate::records::group("g", None))]).await;
    assert_eq!(at(0, 2).await, Some((record.clone(), Some((0, Vec::new())))));
    let subs =
        ["a", "aa", "aab", "aac", "aad", "ab", "ab1", "b", "ba", "bz", "c\u{e9}1", "\u{1F511}"];
    let users = subs.map(|sub| User { sub: sub.into(), ..user(sub) });
    done(store, users.iter().rev().map(create)).await;
    let join = |user: &User| Change::AddToGroup {
        pool: pool_id(),
        sub: user.sub.clone(),
        group: group.clone(),
    };
    done(store, users.iter().map(join)).await;
    for offset in 0..=subs.len() {
        for limit in [0, 1, 3, 100] {
            let page: Vec<_> = users.iter().skip(offset).take(limit).cloned().collect();
            let expected = Some((record.clone(), Some((12, page))));
            assert_eq!(at(offset as u64, limit as u64).await, expected, "{offset} {limit}");
        }
    }
    assert_eq!(at(u64::MAX, u64::MAX).await, Some((record, Some((12, Vec::new())))));
    let elsewhere = store.member_slice(&other_pool_id(), &group, 0, 2).await.unwrap();
    assert_eq!(elsewhere, None);
}
