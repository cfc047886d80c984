//! Users and the names that lead to them.

use super::{AnyStore, done, refused};
use crate::records::{
    alias, create, email, expect, full_user, group, lockout, other_pool_id, pool, pool_id, session,
    sub_of, update, user,
};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{AliasKey, SignInName, User, UserStatus};
use poolkeeper_pool::ids::{PoolId, Sub, Username};
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::ports::{
    FilterField, SearchableAttribute, UserFilter, UserNames, UserOrOther,
};

pub(crate) async fn a_user_comes_back_as_it_was_written(store: &AnyStore) {
    for written in [user("ada"), full_user("grace")] {
        done(store, [create(&written)]).await;
        let read = store.user(&pool_id(), &written.sub).await.unwrap();
        assert_eq!(read.as_ref(), Some(&written));
        assert_eq!(store.user(&other_pool_id(), &written.sub).await.unwrap(), None);
    }
}

pub(crate) async fn a_sub_and_a_username_are_given_once(store: &AnyStore) {
    let ada = user("Ada");
    done(store, [create(&ada)]).await;
    let same_sub = User { username: Username::from("eve"), ..ada.clone() };
    let same_name = User { sub: Sub::from("sub-new"), username: Username::from("ADA"), ..ada };
    let elsewhere = User { pool: other_pool_id(), ..same_name.clone() };
    assert_eq!(refused(store, [create(&same_sub)]).await, 0);
    assert_eq!(refused(store, [create(&same_name)]).await, 0);
    done(store, [create(&elsewhere)]).await;
}

pub(crate) async fn a_user_is_updated_on_its_version(store: &AnyStore) {
    let ada = user("ada");
    assert_eq!(refused(store, [update(&ada)]).await, 0);
    done(store, [create(&ada)]).await;
    let changed = full_user("ada");
    done(store, [update(&changed)]).await;
    let stored = store.user(&pool_id(), &ada.sub).await.unwrap();
    assert_eq!(stored, Some(User { version: 2, ..changed.clone() }));
    assert_eq!(refused(store, [update(&changed)]).await, 0);
    done(store, [update(&User { version: 2, status: UserStatus::Confirmed, ..changed })]).await;
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap().unwrap().version, 3);
}

pub(crate) async fn a_user_is_expected_in_a_version(store: &AnyStore) {
    let ada = user("ada");
    assert_eq!(refused(store, [expect(&ada.sub, 1)]).await, 0);
    done(store, [create(&ada), expect(&ada.sub, 1)]).await;
    done(store, [expect(&ada.sub, 1), update(&ada), expect(&ada.sub, 2)]).await;
    assert_eq!(refused(store, [expect(&ada.sub, 1)]).await, 0);
    assert_eq!(refused(store, [expect(&ada.sub, 3)]).await, 0);
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap().unwrap().version, 2);
}

pub(crate) async fn names_are_tried_in_their_order(store: &AnyStore) {
    let [ada, grace, eve] = ["ada", "grace", "eve"].map(user);
    done(store, [create(&ada), create(&grace), create(&eve)]).await;
    done(
        store,
        [
            alias(email("a@b.c"), &eve.sub),
            alias(AliasKey::sign_in(SignInName::PhoneNumber, "+1"), &grace.sub),
        ],
    )
    .await;
    let all = UserNames {
        username_key: "ada".to_owned(),
        sub: sub_of("grace"),
        alias_keys: vec![email("a@b.c"), AliasKey::sign_in(SignInName::PhoneNumber, "+1")],
    };
    let none = UserNames {
        username_key: "a@b.c".to_owned(),
        sub: Sub::from("a@b.c"),
        alias_keys: vec![AliasKey::sign_in(SignInName::PreferredUsername, "a@b.c")],
    };
    let by_sub = UserNames { username_key: String::new(), ..all.clone() };
    let by_alias = UserNames { alias_keys: all.alias_keys.clone(), ..none.clone() };
    for (names, found) in
        [(all, Some(ada)), (by_sub, Some(grace)), (by_alias, Some(eve)), (none, None)]
    {
        assert_eq!(store.find_user(&pool_id(), &names).await.unwrap(), found);
        assert_eq!(store.find_user(&other_pool_id(), &names).await.unwrap(), None);
    }
}

pub(crate) async fn a_name_of_nobody_finds_somebody_else(store: &AnyStore) {
    let look_up = async |pool: &PoolId, name: &str| {
        let names = UserNames {
            username_key: name.to_owned(),
            sub: Sub::from(name),
            alias_keys: vec![email(name)],
        };
        store.user_or_other(pool, &names, &Sub::from(name)).await.unwrap()
    };
    assert_eq!(look_up(&pool_id(), "nobody").await, None);
    let ada = user("ada");
    done(store, [create(&ada)]).await;
    assert_eq!(look_up(&pool_id(), "ada").await, Some(UserOrOther::Named(ada.clone())));
    // Whether their places are before or behind hers, and whatever pool they are looked for in.
    for name in (0..9).map(|number| format!("nobody{number}")) {
        for pool in [pool_id(), other_pool_id()] {
            assert_eq!(look_up(&pool, &name).await, Some(UserOrOther::Other(ada.clone())));
        }
    }
    // Nobody who has only signed up, as long as there is somebody else.
    let ann = User { status: UserStatus::Unconfirmed, ..user("ann") };
    done(store, [create(&ann)]).await;
    for name in (0..9).map(|number| format!("{number}nobody")).chain(["zzz".to_owned()]) {
        let other = look_up(&pool_id(), &name).await;
        assert_eq!(other, Some(UserOrOther::Other(ada.clone())), "{name}");
    }
    // One of the same pool, if there is any.
    let eve = User { pool: other_pool_id(), ..user("eve") };
    done(store, [create(&eve)]).await;
    for name in (0..9).map(|number| format!("{number}nobody")).chain(["zzz".to_owned()]) {
        for (pool, other) in [(pool_id(), &ada), (other_pool_id(), &eve)] {
            assert_eq!(look_up(&pool, &name).await, Some(UserOrOther::Other(other.clone())));
        }
    }
}

pub(crate) async fn an_alias_leads_to_one_user(store: &AnyStore) {
    let (ada, eve) = (sub_of("ada"), sub_of("eve"));
    done(store, [alias(email("a@b.c"), &ada)]).await;
    done(store, [alias(email("a@b.c"), &ada)]).await;
    assert_eq!(refused(store, [alias(email("a@b.c"), &eve)]).await, 0);
    let elsewhere = Change::AddAlias { pool: other_pool_id(), sub: eve, key: email("a@b.c") };
    done(store, [elsewhere]).await;
}

fn delete(user: &User) -> Change {
    let User { pool, sub, version, .. } = user.clone();
    Change::DeleteUser { pool, sub, version }
}

fn join(user: &User, group: &str) -> Change {
    Change::AddToGroup { pool: pool_id(), sub: user.sub.clone(), group: group.into() }
}

pub(crate) async fn an_alias_is_taken_from_whoever_has_it(store: &AnyStore) {
    let [ada, eve] = ["ada", "eve"].map(user);
    done(store, [create(&ada), create(&eve), alias(email("a@b.c"), &ada.sub)]).await;
    let take = |sub: &Sub, key: &str| Change::TakeAlias {
        pool: pool_id(),
        sub: sub.clone(),
        key: email(key),
    };
    done(store, [take(&eve.sub, "a@b.c"), take(&ada.sub, "new@b.c")]).await;
    let leads_to = async |key: &str| {
        let alias_keys = vec![email(key)];
        let names = UserNames { username_key: String::new(), sub: Sub::from(""), alias_keys };
        store.find_user(&pool_id(), &names).await.unwrap().map(|user| user.sub)
    };
    assert_eq!(leads_to("a@b.c").await, Some(eve.sub));
    assert_eq!(leads_to("new@b.c").await, Some(ada.sub));
}

pub(crate) async fn an_alias_is_removed_from_its_owner_alone(store: &AnyStore) {
    let [ada, eve] = ["ada", "eve"].map(user);
    let remove = |user: &User| Change::RemoveAlias {
        pool: pool_id(),
        sub: user.sub.clone(),
        key: email("a@b.c"),
    };
    done(store, [create(&ada), create(&eve), alias(email("a@b.c"), &ada.sub)]).await;
    done(store, [remove(&eve)]).await;
    assert_eq!(refused(store, [alias(email("a@b.c"), &eve.sub)]).await, 0);
    done(store, [remove(&ada), remove(&ada), alias(email("a@b.c"), &eve.sub)]).await;
}

pub(crate) async fn a_user_is_deleted_on_its_version(store: &AnyStore) {
    let ada = user("ada");
    assert_eq!(refused(store, [delete(&ada)]).await, 0);
    done(store, [create(&ada), update(&ada)]).await;
    assert_eq!(refused(store, [delete(&ada)]).await, 0);
    let elsewhere = User { pool: other_pool_id(), version: 2, ..ada.clone() };
    assert_eq!(refused(store, [delete(&elsewhere)]).await, 0);
    done(store, [delete(&User { version: 2, ..ada.clone() })]).await;
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap(), None);
    done(store, [create(&ada)]).await;
}

pub(crate) async fn what_belongs_to_a_user_goes_with_it(store: &AnyStore) {
    let [ada, eve] = ["ada", "eve"].map(user);
    for user in [&ada, &eve] {
        let name = user.username.as_str();
        let failures = Lockout { subject: user.sub.to_string(), ..lockout("", 3, 0) };
        done(store, [create(user), alias(email(name), &user.sub)]).await;
        done(store, [Change::CreateSession(session(name, name)), Change::SetLockout(failures)])
            .await;
    }
    done(store, [Change::CreateGroup(group("g", None)), join(&ada, "g"), join(&eve, "g")]).await;
    done(store, [delete(&ada)]).await;

    let filter = |user: &User| UserFilter {
        field: FilterField::Attribute(SearchableAttribute::Email),
        value: user.attributes.get("email").unwrap().to_owned(),
        prefix: false,
    };
    for (user, stays) in [(&ada, false), (&eve, true)] {
        let (pool, name) = (pool_id(), user.username.as_str());
        let session = store.session(&pool, &name.into()).await.unwrap();
        let lockout = store.lockout(&pool, user.sub.as_str()).await.unwrap();
        let groups = store.groups_of(&pool, &user.sub).await.unwrap();
        assert_eq!(
            (session.is_some(), lockout.is_some(), groups.len() == 1),
            (stays, stays, stays)
        );
        let found = store.users(&pool, Some(&filter(user)), None, 9).await.unwrap();
        assert_eq!(found.users.len() == 1, stays);
    }
    done(store, [alias(email("ada"), &eve.sub), create(&ada)]).await;
    assert_eq!(refused(store, [alias(email("eve"), &ada.sub)]).await, 0);
    assert_eq!(store.groups_of(&pool_id(), &ada.sub).await.unwrap(), []);
}

pub(crate) async fn users_are_counted_per_pool(store: &AnyStore) {
    let pools = [pool_id(), other_pool_id()].map(pool);
    done(store, pools.iter().map(|pool| Change::CreatePool(Box::new(pool.clone())))).await;
    done(store, [create(&user("ada")), create(&user("eve"))]).await;
    let [pool, other] = pools;
    assert_eq!(store.counted_pool(&pool_id()).await.unwrap(), Some((pool, 2)));
    assert_eq!(store.counted_pool(&other_pool_id()).await.unwrap(), Some((other, 0)));
    assert_eq!(store.counted_pool(&"us-east-1_None".into()).await.unwrap(), None);
}

/// Attributes may be 2,048 letters long, and a name to look up may hold whatever JSON can.
pub(crate) async fn names_may_be_long_and_hold_any_letter(store: &AnyStore) {
    let mut state = 1_u32;
    // Letters that do not shrink when they are compressed.
    let long: String = (0..2048)
        .map(|_| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            char::from_u32(0x1_0000 + (state >> 16) % 0xFFFF).unwrap_or('x')
        })
        .collect();
    let mut ada = user("a\0d\u{1}a");
    ada.attributes.set("name", &long);
    let key = email(&long);
    done(store, [create(&ada), alias(key.clone(), &ada.sub)]).await;
    assert_eq!(store.user(&pool_id(), &ada.sub).await.unwrap(), Some(ada.clone()));
    let by_alias = |key: &AliasKey| UserNames {
        username_key: "nobody\0".to_owned(),
        sub: Sub::from("\0"),
        alias_keys: vec![key.clone()],
    };
    let found = store.find_user(&pool_id(), &by_alias(&key)).await.unwrap();
    assert_eq!(found.as_ref(), Some(&ada));
    assert_eq!(
        store.find_user(&pool_id(), &by_alias(&email(&format!("{long}x")))).await.unwrap(),
        None
    );
    let value = long.chars().take(200).collect();
    let field = FilterField::Attribute(SearchableAttribute::Name);
    let begins = UserFilter { field, value, prefix: true };
    let page = store.users(&pool_id(), Some(&begins), None, 9).await.unwrap();
    assert_eq!(page.users, [ada]);
}
