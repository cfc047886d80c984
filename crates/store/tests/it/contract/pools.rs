//! Pools and what is configured in them.

use super::{AnyStore, done, refused};
use crate::records::{
    access_key, at, client, other_pool_id, partner, pool, pool_id, signing_key, tenant,
};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{AppClient, KeyUse, Tenant, UserPoolRecord};

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

pub(crate) async fn signing_keys_come_oldest_first(store: &AnyStore) {
    let create = |key| Change::CreateSigningKey(key);
    let older = signing_key("zzz", KeyUse::Access, at(1));
    let newer = signing_key("aaa", KeyUse::Id, at(2));
    done(store, [create(newer.clone()), create(older.clone())]).await;
    assert_eq!(refused(store, [create(newer.clone())]).await, 0);
    assert_eq!(store.signing_keys(&pool_id()).await.unwrap(), [older, newer]);
    assert_eq!(store.signing_keys(&other_pool_id()).await.unwrap(), []);
}

pub(crate) async fn partners_tenants_and_access_keys_are_replaced(store: &AnyStore) {
    for name in ["Acme", "Acme Inc."] {
        done(store, [Change::PutPartner(partner(name))]).await;
        let stored = store.partner(&pool_id(), &partner(name).id).await.unwrap();
        assert_eq!(stored, Some(partner(name)));
    }
    assert_eq!(store.partner(&other_pool_id(), &partner("").id).await.unwrap(), None);

    for tenant in [tenant("Über GmbH", None), tenant(" ÜBER GmbH", Some("staff"))] {
        done(store, [Change::PutTenant(tenant.clone())]).await;
        assert_eq!(store.tenant(&Tenant::key("über gmbh")).await.unwrap(), Some(tenant));
    }
    assert_eq!(store.tenant("nobody").await.unwrap(), None);

    for key in [access_key(&["*"]), access_key(&["AdminGetUser", "ListUsers"])] {
        done(store, [Change::PutAccessKey(key.clone())]).await;
        assert_eq!(store.access_key(&key.id).await.unwrap(), Some(key));
    }
    assert_eq!(store.access_key(&"PK".into()).await.unwrap(), None);
}
