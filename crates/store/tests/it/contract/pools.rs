//! Pools and what is configured in them.

use super::{AnyStore, done, refused, swept};
use crate::records::{
    access_key, alias, at, client, create, email, group, lockout, message, other_pool_id, partner,
    pool, pool_id, session, signing_key, spend, sub_of, tenant, user,
};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{
    AppClient, Grant, KeyUse, Partner, PartnerStatus, SealedKey, Session, UserPoolRecord,
};
use poolkeeper_pool::ids::{GroupName, PartnerId};
use std::collections::BTreeMap;

pub(crate) async fn a_pool_is_created_once_and_updated_on_its_version(store: &AnyStore) {
    let create = |pool: &UserPoolRecord| [Change::CreatePool(Box::new(pool.clone()))];
    let update = |pool: &UserPoolRecord| [Change::UpdatePool(Box::new(pool.clone()))];
    let first = pool(pool_id());
    assert_eq!(refused(store, update(&first)).await, 0);
    assert_eq!(store.pool(&first.id).await.unwrap(), None);
    done(store, create(&first)).await;
    assert_eq!(store.pool(&first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(refused(store, create(&first)).await, 0);

    let renamed = UserPoolRecord { name: "Renamed".to_owned(), ..first };
    done(store, update(&renamed)).await;
    let stored = store.pool(&renamed.id).await.unwrap();
    assert_eq!(stored, Some(UserPoolRecord { version: 2, ..renamed.clone() }));
    assert_eq!(refused(store, update(&renamed)).await, 0);
}

pub(crate) async fn a_client_is_unique_over_all_pools(store: &AnyStore) {
    let create = |client: AppClient| [Change::CreateClient(Box::new(client))];
    let first = client(pool_id(), "abc");
    done(store, create(first.clone())).await;
    assert_eq!(refused(store, create(first.clone())).await, 0);
    assert_eq!(refused(store, create(client(other_pool_id(), "abc"))).await, 0);
    done(store, create(client(other_pool_id(), "def"))).await;
    assert_eq!(store.client(&"abc".into()).await.unwrap(), Some(first));
    assert_eq!(store.client(&"def".into()).await.unwrap().unwrap().pool, other_pool_id());
    assert_eq!(store.client(&"ABC".into()).await.unwrap(), None);
}

pub(crate) async fn a_client_is_updated_on_its_version(store: &AnyStore) {
    let update = |client: &AppClient| [Change::UpdateClient(Box::new(client.clone()))];
    let mut changed = client(pool_id(), "abc");
    assert_eq!(refused(store, update(&changed)).await, 0);
    done(store, [Change::CreateClient(Box::new(changed.clone()))]).await;
    changed.secrets.clear();
    done(store, update(&changed)).await;
    assert_eq!(refused(store, update(&changed)).await, 0);
    changed.version = 2;
    assert_eq!(store.client(&changed.id).await.unwrap(), Some(changed));
}

pub(crate) async fn a_client_is_deleted_with_its_sessions(store: &AnyStore) {
    let delete = |pool| [Change::DeleteClient { pool, id: "client".into() }];
    assert_eq!(refused(store, delete(pool_id())).await, 0);
    let through_another = Session { client: "abc".into(), ..session("s2", "ada") };
    done(store, ["client", "abc"].map(|id| Change::CreateClient(Box::new(client(pool_id(), id)))))
        .await;
    done(store, [session("s1", "ada"), through_another].map(Change::CreateSession)).await;
    assert_eq!(refused(store, delete(other_pool_id())).await, 0);
    done(store, delete(pool_id())).await;
    assert_eq!(store.client(&"client".into()).await.unwrap(), None);
    swept(store).await;
    assert!(store.client(&"abc".into()).await.unwrap().is_some());
    assert_eq!(store.session(&pool_id(), &"s1".into()).await.unwrap(), None);
    assert!(store.session(&pool_id(), &"s2".into()).await.unwrap().is_some());
}

pub(crate) async fn pools_and_clients_are_listed_by_id(store: &AnyStore) {
    let pools = [pool_id(), other_pool_id()].map(pool);
    let clients = ["a", "b", "c"].map(|id| client(pool_id(), id));
    done(store, pools.iter().rev().map(|pool| Change::CreatePool(Box::new(pool.clone())))).await;
    done(store, clients.iter().rev().map(|new| Change::CreateClient(Box::new(new.clone())))).await;
    done(store, [Change::CreateClient(Box::new(client(other_pool_id(), "d")))]).await;
    assert_eq!(store.pools(None, 9).await.unwrap(), pools);
    assert_eq!(store.pools(None, 1).await.unwrap(), pools[..1]);
    assert_eq!(store.pools(Some(&pool_id()), 9).await.unwrap(), pools[1..]);
    assert_eq!(store.clients(&pool_id(), None, 2).await.unwrap(), clients[..2]);
    assert_eq!(store.clients(&pool_id(), Some(&"b".into()), 2).await.unwrap(), clients[2..]);
}

pub(crate) async fn a_pool_is_deleted_with_all_that_is_in_it(store: &AnyStore) {
    let delete = |version| [Change::DeletePool { pool: pool_id(), version }];
    let failures = Change::SetLockout(lockout("ada", 1, 0));
    let join = Change::AddToGroup { pool: pool_id(), sub: sub_of("ada"), group: "g".into() };
    let fill = || {
        [
            Change::CreatePool(Box::new(pool(pool_id()))),
            Change::CreateClient(Box::new(client(pool_id(), "abc"))),
            Change::CreateSigningKey(signing_key("k", KeyUse::Access, at(1))),
            create(&user("ada")),
            alias(email("a@b.c"), &sub_of("ada")),
            Change::CreateGroup(group("g", None)),
            Change::CreateSession(session("s", "ada")),
            spend("x", at(1)),
            failures.clone(),
        ]
    };
    let more = [
        join,
        Change::Enqueue(message("m", at(1))),
        Change::CreatePartner(Box::new(partner("Acme"))),
        Change::CreateTenant(tenant("Acme", None)),
        Change::CreatePool(Box::new(pool(other_pool_id()))),
        Change::CreateClient(Box::new(client(other_pool_id(), "def"))),
    ];
    assert_eq!(refused(store, delete(1)).await, 0);
    done(store, fill().into_iter().chain(more)).await;
    assert_eq!(refused(store, delete(2)).await, 0);
    done(store, delete(1)).await;

    assert_eq!(store.pools(None, 9).await.unwrap(), [pool(other_pool_id())]);
    assert_eq!(store.client(&"abc".into()).await.unwrap(), None);
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), []);
    assert!(store.client(&"def".into()).await.unwrap().is_some());
    assert_eq!(store.tenant_or_other("acme").await.unwrap(), None);
    swept(store).await;
    assert_eq!(store.partner(&pool_id(), &partner("").id).await.unwrap(), None);
    assert_eq!(store.messages(9).await.unwrap(), []);
    // Whatever was left would be refused, or come to life.
    done(store, fill()).await;
    assert_eq!(store.groups_of(&pool_id(), &sub_of("ada")).await.unwrap(), []);
}

pub(crate) async fn signing_keys_come_oldest_first(store: &AnyStore) {
    let create = |key| Change::CreateSigningKey(key);
    let older = signing_key("zzz", KeyUse::Access, at(1));
    let newer = signing_key("aaa", KeyUse::Id, at(2));
    done(store, [create(newer.clone()), create(older.clone())]).await;
    assert_eq!(refused(store, [create(newer.clone())]).await, 0);
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [older, newer]);
    assert_eq!(store.signing_keys(&other_pool_id()).await.unwrap(), []);
}

pub(crate) async fn a_signing_key_begins_ends_and_is_deleted(store: &AnyStore) {
    let update = |key: &SealedKey| [Change::UpdateSigningKey(key.clone())];
    let delete = |pool| [Change::DeleteSigningKey { pool, id: "a".into() }];
    let first = signing_key("a", KeyUse::Access, at(1));
    assert_eq!(refused(store, update(&first)).await, 0);
    let second = SealedKey {
        signs_from: at(9),
        expires_at: Some(at(10)),
        ..signing_key("b", KeyUse::Access, at(2))
    };
    done(store, [first.clone(), second.clone()].map(Change::CreateSigningKey)).await;
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [first.clone(), second.clone()]);
    let first = SealedKey { signs_from: at(3), expires_at: Some(at(4)), ..first };
    done(store, update(&first)).await;
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [first.clone(), second.clone()]);
    let second = SealedKey { expires_at: None, ..second };
    done(store, update(&second)).await;
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [first, second.clone()]);
    assert_eq!(refused(store, delete(other_pool_id())).await, 0);
    done(store, delete(pool_id())).await;
    assert_eq!(refused(store, delete(pool_id())).await, 0);
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [second]);
}

pub(crate) async fn signing_keys_go_when_they_have_expired(store: &AnyStore) {
    let lasting = signing_key("a", KeyUse::Access, at(1));
    let ending =
        |id, end| SealedKey { expires_at: Some(at(end)), ..signing_key(id, KeyUse::Access, at(2)) };
    let all = [lasting.clone(), ending("b", 5), ending("c", 6)];
    done(store, all.clone().map(Change::CreateSigningKey)).await;
    store.sweep(at(5)).await.unwrap();
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), all);
    store.sweep(at(6)).await.unwrap();
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [lasting.clone(), ending("c", 6)]);
    store.sweep(at(7_000_000)).await.unwrap();
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [lasting]);
}

pub(crate) async fn a_partner_is_created_once_and_updated_as_it_was_read(store: &AnyStore) {
    let create = |partner: Partner| [Change::CreatePartner(Box::new(partner))];
    done(store, create(partner("Acme"))).await;
    assert_eq!(refused(store, create(partner("Another"))).await, 0);
    let features = BTreeMap::from([("alerts".to_owned(), true)]);
    let changed = Partner { features, status: PartnerStatus::Suspended, ..partner("Acme Inc.") };
    let update = |before: &Partner, after: &Partner| {
        let (before, after) = (Box::new(before.clone()), Box::new(after.clone()));
        [Change::UpdatePartner { before, after }]
    };
    done(store, update(&partner("Acme"), &changed)).await;
    let id = partner("").id;
    assert_eq!(store.partner(&pool_id(), &id).await.unwrap(), Some(changed.clone()));
    assert_eq!(refused(store, update(&partner("Acme"), &partner("Acme"))).await, 0);
    done(store, update(&changed, &partner("Acme"))).await;
    assert_eq!(store.partner(&other_pool_id(), &id).await.unwrap(), None);
    let other = Partner { id: "fd1".into(), ..partner("Other") };
    done(store, create(other.clone())).await;
    let named = async |ids: &[PartnerId]| store.partners_named(&pool_id(), ids).await.unwrap();
    let mut both = named(&["fd1".into(), "fd2".into(), id.clone()]).await;
    both.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(both, [other.clone(), partner("Acme")]);
    assert_eq!(named(&["fd1".into()]).await, std::slice::from_ref(&other));
    assert_eq!(named(&[]).await, []);
    assert_eq!(store.partners(&pool_id()).await.unwrap(), [other, partner("Acme")]);
    assert_eq!(store.partners(&other_pool_id()).await.unwrap(), []);
}

pub(crate) async fn groups_carry_permissions_until_they_go(store: &AnyStore) {
    let grant = |group: &str, partner: Option<&str>, permission: &str| Grant {
        pool: pool_id(),
        group: group.into(),
        partner: partner.map(PartnerId::from),
        permission: permission.to_owned(),
    };
    let read = grant("staff", None, "event.read");
    let edit = grant("staff", Some("fd1"), "event.edit");
    assert_eq!(refused(store, [Change::Grant(read.clone())]).await, 0);
    for name in ["admins", "staff"] {
        done(store, [Change::CreateGroup(group(name, None))]).await;
    }
    let other = grant("admins", None, "event.read");
    let all = [&edit, &read, &other, &read].map(|grant| Change::Grant(grant.clone()));
    done(store, all).await;
    let staff = store.grants(&pool_id(), &["staff".into(), "nobody".into()]).await.unwrap();
    assert_eq!(staff, [read.clone(), edit.clone()]);
    let all = store.all_grants(&pool_id()).await.unwrap();
    assert_eq!(all, [other.clone(), read.clone(), edit.clone()]);
    assert_eq!(store.all_grants(&other_pool_id()).await.unwrap(), []);
    done(store, [Change::RevokeGrant(edit), Change::RevokeGrant(grant("x", None, "y"))]).await;
    done(store, [Change::DeleteGroup { pool: pool_id(), name: "admins".into() }]).await;
    done(store, [Change::CreateGroup(group("admins", None))]).await;
    assert_eq!(store.all_grants(&pool_id()).await.unwrap(), [read]);
}

/// Whatever they are called.
pub(crate) async fn permissions_of_many_groups_come_at_once(store: &AnyStore) {
    let odd = ["\u{1}", "\"", "'", ",", "[", "\\", "{a,b}"].map(GroupName::from);
    let many = (0..1000).map(|n| GroupName::new(format!("group{n:03}")));
    let mut names: Vec<GroupName> = odd.into_iter().chain(many).collect();
    names.sort();
    let grants = names.iter().map(|name| Grant {
        pool: pool_id(),
        group: name.clone(),
        partner: None,
        permission: format!("permission.of.{name}"),
    });
    let grants: Vec<_> = grants.collect();
    done(store, names.iter().map(|name| Change::CreateGroup(group(name.as_str(), None)))).await;
    done(store, grants.iter().cloned().map(Change::Grant)).await;
    assert_eq!(store.grants(&pool_id(), &names).await.unwrap(), grants);
    assert_eq!(store.grants(&pool_id(), &names[1..3]).await.unwrap(), grants[1..3]);
    assert_eq!(store.grants(&pool_id(), &[]).await.unwrap(), []);
    assert_eq!(store.grants(&pool_id(), &["\0".into(), "NULL".into()]).await.unwrap(), []);
}

pub(crate) async fn access_keys_are_replaced(store: &AnyStore) {
    for key in [access_key(&["*"]), access_key(&["AdminGetUser", "ListUsers"])] {
        done(store, [Change::PutAccessKey(key.clone())]).await;
        assert_eq!(store.access_key(&key.id).await.unwrap(), Some(key));
    }
    assert_eq!(store.access_key(&"PK".into()).await.unwrap(), None);
}
