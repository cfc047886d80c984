//! What is gone at once when it is deleted, and removed in portions.

use super::{AnyStore, done, refused, swept};
use crate::records::{at, client, create, group, pool, pool_id, session, sub_of, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{Session, User};
use poolkeeper_pool::ids::{GroupName, Sub};
use poolkeeper_pool::ports::TokenNames;

/// More than two portions.
const MANY: usize = 1_100;

fn names() -> impl Iterator<Item = String> {
    (0..MANY).map(|number| format!("{number:04}"))
}

fn group_name() -> GroupName {
    "g".into()
}

fn join(sub: Sub) -> Change {
    Change::AddToGroup { pool: pool_id(), sub, group: group_name() }
}

/// A group with many members, which has been deleted.
async fn deleted_group(store: &AnyStore) {
    done(store, [Change::CreatePool(Box::new(pool(pool_id())))]).await;
    done(store, [Change::CreateGroup(group("g", None)), Change::CreateGroup(group("h", None))])
        .await;
    done(store, names().map(|name| create(&user(&name)))).await;
    done(store, names().map(|name| join(sub_of(&name)))).await;
    let other = Change::AddToGroup { pool: pool_id(), sub: sub_of("0001"), group: "h".into() };
    done(store, [other, Change::DeleteGroup { pool: pool_id(), name: group_name() }]).await;
}

/// How many members a group has by its count and by its list; `None` if there is no such group.
async fn members(store: &AnyStore) -> (Option<u64>, usize) {
    let slice = store.member_slice(&pool_id(), &group_name(), 0, 9).await.unwrap().unwrap();
    let listed = store.users_in_group(&pool_id(), &group_name(), None, 9).await.unwrap();
    (slice.members.map(|(count, _)| count), listed.users.len())
}

pub(crate) async fn a_group_is_empty_at_once(store: &AnyStore) {
    deleted_group(store).await;
    let (ada, others) = (sub_of("0001"), [group("h", None)]);
    for _ in 0..3 {
        assert_eq!(members(store).await, (None, 0));
        assert_eq!(store.groups_of(&pool_id(), &ada).await.unwrap(), others);
        let each = store.groups_of_each(&pool_id(), std::slice::from_ref(&ada)).await.unwrap();
        assert_eq!(each[&ada], others);
        assert_eq!(refused(store, [join(ada.clone())]).await, 0);
        assert!(store.sweep(at(0)).await.unwrap(), "a portion is left");
    }
    swept(store).await;
    assert!(!store.sweep(at(0)).await.unwrap());
    assert_eq!(store.groups_of(&pool_id(), &ada).await.unwrap(), others);
}

pub(crate) async fn a_group_that_is_made_again_is_empty(store: &AnyStore) {
    deleted_group(store).await;
    store.sweep(at(0)).await.unwrap();
    done(store, [Change::CreateGroup(group("g", None))]).await;
    assert_eq!(members(store).await, (Some(0), 0));
    for name in names() {
        let groups = store.groups_of(&pool_id(), &sub_of(&name)).await.unwrap();
        assert!(!groups.contains(&group("g", None)), "{name}");
    }
    done(store, [join(sub_of("0001"))]).await;
    swept(store).await;
    assert_eq!(members(store).await, (Some(1), 1));
}

/// A client with many sign-ins, which has been deleted. Of a user there is one through it, and one
/// through another.
async fn deleted_client(store: &AnyStore) {
    done(store, [Change::CreatePool(Box::new(pool(pool_id())))]).await;
    let clients = ["client", "other"].map(|id| client(pool_id(), id));
    done(store, clients.map(|client| Change::CreateClient(Box::new(client)))).await;
    done(store, names().map(|id| Change::CreateSession(session(&id, "ada")))).await;
    let other = |id: &str| Session { client: "other".into(), ..session(id, "ada") };
    done(store, [other("0000b"), other("zzz")].map(Change::CreateSession)).await;
    done(store, [Change::DeleteClient { pool: pool_id(), id: "client".into() }]).await;
}

async fn left(store: &AnyStore) -> Vec<String> {
    let mut left = Vec::new();
    for id in names().chain(["0000b".to_owned(), "zzz".to_owned()]) {
        if store.session(&pool_id(), &id.as_str().into()).await.unwrap().is_some() {
            left.push(id);
        }
    }
    left
}

pub(crate) async fn a_client_is_gone_at_once_and_its_sign_ins_in_portions(store: &AnyStore) {
    deleted_client(store).await;
    let names =
        TokenNames { client: "client".into(), session: Some("0001".into()), sub: sub_of("ada") };
    let records = store.token_records(&pool_id(), &names).await.unwrap().unwrap();
    assert_eq!(records.client, None);
    let listed = store.sessions_of(&pool_id(), &sub_of("ada"), at(0), 9).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(listed, ["0000b", "zzz"]);
    let mut counts = Vec::new();
    while store.sweep(at(0)).await.unwrap() {
        counts.push(left(store).await.len());
    }
    assert_eq!(counts, [603, 103, 2, 2]);
    assert_eq!(left(store).await, ["0000b", "zzz"]);
}

pub(crate) async fn a_client_that_is_made_again_has_no_sign_ins(store: &AnyStore) {
    deleted_client(store).await;
    store.sweep(at(0)).await.unwrap();
    done(store, [Change::CreateClient(Box::new(client(pool_id(), "client")))]).await;
    assert_eq!(left(store).await, ["0000b", "zzz"]);
    let new = session("0001", "ada");
    done(store, [Change::CreateSession(new.clone())]).await;
    swept(store).await;
    assert_eq!(store.session(&pool_id(), &"0001".into()).await.unwrap(), Some(new));
}

pub(crate) async fn a_pool_that_is_made_again_has_nothing_in_it(store: &AnyStore) {
    deleted_group(store).await;
    let ada = user("0001");
    done(store, [Change::CreateSession(session("s", "0001"))]).await;
    done(store, [Change::DeletePool { pool: pool_id(), version: 1 }]).await;
    assert_eq!(store.pool(&pool_id()).await.unwrap(), None);
    store.sweep(at(0)).await.unwrap();
    done(store, [Change::CreatePool(Box::new(pool(pool_id())))]).await;
    let (_, counted) = store.counted_pool(&pool_id()).await.unwrap().unwrap();
    let users = store.users(&pool_id(), None, None, 9).await.unwrap().users;
    assert_eq!((counted, users), (0, Vec::<User>::new()));
    assert_eq!(store.session(&pool_id(), &"s".into()).await.unwrap(), None);
    assert_eq!(store.groups(&pool_id(), None, 9).await.unwrap(), []);
    done(store, [create(&ada), Change::CreateGroup(group("g", None)), join(ada.sub.clone())]).await;
    swept(store).await;
    assert_eq!(members(store).await, (Some(1), 1));
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap(), Some(ada));
}

pub(crate) async fn what_is_there_is_not_made_again(store: &AnyStore) {
    deleted_group(store).await;
    let again = || Change::CreateGroup(group("g", None));
    done(store, [again()]).await;
    assert_eq!(refused(store, [Change::CreateGroup(group("i", None)), again()]).await, 1);
    assert_eq!(store.group(&pool_id(), &"i".into()).await.unwrap(), None);
}
