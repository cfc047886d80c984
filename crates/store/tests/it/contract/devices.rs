//! Devices that users have confirmed, and sign-ins kept for them.

use super::{AnyStore, done, refused, swept};
use crate::records::{at, device, other_pool_id, pool, pool_id, sealed, sub_of, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{Device, TrustedDevice, User};
use poolkeeper_pool::ids::DeviceKey;

async fn stored(store: &AnyStore, key: &str, name: &str) -> Option<Device> {
    store.device(&pool_id(), &sub_of(name), &key.into()).await.unwrap()
}

fn create(device: &Device) -> Change {
    Change::CreateDevice(Box::new(device.clone()))
}

fn delete(key: &str, name: &str) -> Change {
    Change::DeleteDevice { pool: pool_id(), sub: sub_of(name), key: key.into() }
}

pub(crate) async fn a_device_is_created_once_and_comes_back_as_it_was_written(store: &AnyStore) {
    let phone = device("d1", "ada");
    let plain = Device { name: None, last_address: None, remembered: false, ..device("d2", "ada") };
    done(store, [create(&phone), create(&plain)]).await;
    assert_eq!(stored(store, "d1", "ada").await, Some(phone.clone()));
    assert_eq!(stored(store, "d2", "ada").await, Some(plain));
    assert_eq!(refused(store, [create(&phone)]).await, 0);
    // Two users can have devices of one key, two pools users of one sub.
    done(store, [create(&device("d1", "eve"))]).await;
    done(store, [create(&Device { pool: other_pool_id(), ..phone.clone() })]).await;
    assert_eq!(stored(store, "d2", "eve").await, None);
    assert_eq!(stored(store, "d1", "ada").await, Some(phone));
}

pub(crate) async fn a_device_is_updated_on_its_version(store: &AnyStore) {
    let first = device("d1", "ada");
    done(store, [create(&first), create(&device("d1", "eve"))]).await;
    let changed = Device { remembered: false, name: None, modified_at: at(9), ..first.clone() };
    let update = || [Change::UpdateDevice(Box::new(changed.clone()))];
    done(store, update()).await;
    assert_eq!(stored(store, "d1", "ada").await, Some(Device { version: 2, ..changed.clone() }));
    assert_eq!(stored(store, "d1", "eve").await, Some(device("d1", "eve")));
    assert_eq!(refused(store, update()).await, 0);
    let expect = |version| {
        let (pool, sub, key) = (pool_id(), sub_of("ada"), "d1".into());
        [Change::ExpectDevice { pool, sub, key, version }]
    };
    assert_eq!(refused(store, expect(1)).await, 0);
    done(store, expect(2)).await;
}

pub(crate) async fn a_device_is_noted_as_used_without_another_version(store: &AnyStore) {
    done(store, [create(&device("d1", "ada"))]).await;
    let touch = |key: &str| Change::TouchDevice {
        pool: pool_id(),
        sub: sub_of("ada"),
        key: key.into(),
        at: at(50),
        address: Some("198.51.100.7".to_owned()),
    };
    done(store, [touch("d1"), touch("unknown")]).await;
    let last_address = Some("198.51.100.7".to_owned());
    let used = Device { last_authenticated_at: at(50), last_address, ..device("d1", "ada") };
    assert_eq!(stored(store, "d1", "ada").await, Some(used));
    assert_eq!(stored(store, "unknown", "ada").await, None);
}

pub(crate) async fn a_device_is_forgotten_once(store: &AnyStore) {
    done(store, ["d1", "d2", "d3"].map(|key| create(&device(key, "ada")))).await;
    done(store, [create(&device("d1", "eve")), delete("d1", "ada")]).await;
    assert_eq!(refused(store, [delete("d1", "ada")]).await, 0);
    assert_eq!(stored(store, "d1", "ada").await, None);
    let all = Change::DeleteDevicesOf { pool: pool_id(), sub: sub_of("ada") };
    done(store, [all.clone(), all]).await;
    assert_eq!(store.devices_of(&pool_id(), &sub_of("ada"), None, 9).await.unwrap(), []);
    assert!(stored(store, "d1", "eve").await.is_some());
}

pub(crate) async fn devices_unused_for_longest_are_forgotten(store: &AnyStore) {
    let used = |key: &str, name: &str, second| {
        create(&Device { last_authenticated_at: at(second), ..device(key, name) })
    };
    done(store, [used("d1", "ada", 3), used("d2", "ada", 1), used("d3", "ada", 2)]).await;
    done(store, [used("d1", "eve", 0)]).await;
    let keep = |keep| Change::DeleteStaleDevices { pool: pool_id(), sub: sub_of("ada"), keep };
    let left = async || {
        let found = store.devices_of(&pool_id(), &sub_of("ada"), None, 9).await.unwrap();
        found.into_iter().map(|device| device.key.to_string()).collect::<Vec<_>>()
    };
    done(store, [keep(3)]).await;
    assert_eq!(left().await, ["d1", "d2", "d3"]);
    done(store, [keep(2)]).await;
    assert_eq!(left().await, ["d1", "d3"]);
    done(store, [keep(0), keep(0)]).await;
    assert_eq!(left().await, [""; 0]);
    assert!(stored(store, "d1", "eve").await.is_some());
}

pub(crate) async fn devices_are_listed_by_key(store: &AnyStore) {
    done(store, ["d2", "d1", "d3"].map(|key| create(&device(key, "ada")))).await;
    done(store, [create(&device("d0", "eve"))]).await;
    let list = async |after: Option<&str>, limit| {
        let after = after.map(DeviceKey::from);
        let found = store.devices_of(&pool_id(), &sub_of("ada"), after.as_ref(), limit).await;
        found.unwrap().into_iter().map(|device| device.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 2).await, ["d1", "d2"]);
    assert_eq!(list(Some("d2"), 2).await, ["d3"]);
    assert_eq!(list(Some("d3"), 2).await, [""; 0]);
}

pub(crate) async fn devices_go_with_their_user_and_their_pool(store: &AnyStore) {
    let User { pool: of, sub, version, .. } = user("ada");
    let create_user = |name| {
        let user = Box::new(user(name));
        Change::CreateUser { username_key: user.username.to_string(), user }
    };
    let own = [create(&device("d1", "ada")), create(&device("d1", "eve"))];
    done(store, [create_user("ada"), Change::CreatePool(Box::new(pool(pool_id())))]).await;
    done(store, own).await;
    done(store, [Change::DeleteUser { pool: of, sub, version }]).await;
    assert_eq!(stored(store, "d1", "ada").await, None);
    assert!(stored(store, "d1", "eve").await.is_some());
    done(store, [keep("x", "session", 9)]).await;
    done(store, [Change::DeletePool { pool: pool_id(), version: 1 }]).await;
    swept(store).await;
    assert_eq!(stored(store, "d1", "eve").await, None);
    assert_eq!(store.kept_session(&pool_id(), "x").await.unwrap(), None);
}

pub(crate) async fn a_trusted_device_is_replaced_expires_and_goes_with_the_others(
    store: &AnyStore,
) {
    let trusted = |name: &str, digest: &str, until: i64| TrustedDevice {
        pool: pool_id(),
        sub: sub_of(name),
        digest: digest.to_owned(),
        expires_at: at(until),
    };
    let put = |device: &TrustedDevice| Change::PutTrustedDevice(device.clone());
    let stored = async |name: &str| store.trusted_device(&pool_id(), &sub_of(name)).await.unwrap();
    let (first, second) = (trusted("ada", "1", 5), trusted("ada", "2", 10));
    let eves = trusted("eve", "1", 20);
    done(store, [put(&first), put(&eves)]).await;
    assert_eq!(stored("ada").await, Some(first));
    done(store, [put(&second)]).await;
    store.sweep(at(10)).await.unwrap();
    assert_eq!(stored("ada").await, Some(second.clone()));
    store.sweep(at(11)).await.unwrap();
    assert_eq!(stored("ada").await, None);
    done(store, [put(&second)]).await;
    done(store, [Change::DeleteDevicesOf { pool: pool_id(), sub: sub_of("ada") }]).await;
    assert_eq!(stored("ada").await, None);
    assert_eq!(stored("eve").await, Some(eves));
    assert_eq!(store.trusted_device(&other_pool_id(), &sub_of("eve")).await.unwrap(), None);
}

fn keep(name: &str, session: &str, until: i64) -> Change {
    let (pool, session, until) = (pool_id(), sealed(session), at(until));
    Change::KeepSession { pool, name: name.to_owned(), session, until }
}

pub(crate) async fn a_kept_session_is_replaced_and_expires(store: &AnyStore) {
    done(store, [keep("a", "first", 9), keep("b", "other", 20)]).await;
    done(store, [keep("a", "second", 10)]).await;
    let kept = async |name: &str| store.kept_session(&pool_id(), name).await.unwrap();
    assert_eq!(kept("a").await, Some(sealed("second")));
    assert_eq!(kept("c").await, None);
    assert_eq!(store.kept_session(&other_pool_id(), "a").await.unwrap(), None);
    store.sweep(at(10)).await.unwrap();
    assert_eq!(kept("a").await, Some(sealed("second")));
    store.sweep(at(11)).await.unwrap();
    assert_eq!(kept("a").await, None);
    assert_eq!(kept("b").await, Some(sealed("other")));
}
