//! Tenants and their machine credentials.

use super::{AnyStore, done, refused};
use crate::records::{create, other_pool_id, pool_id, sub_of, tenant, user};
use poolkeeper_pool::backend::tenancy::MOST_CREDENTIALS;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::{GroupName, Sub};

fn named(name: &str, id: &str) -> Tenant {
    Tenant { id: id.into(), ..tenant(name, None) }
}

async fn found(store: &AnyStore, key: &str) -> Option<String> {
    store.tenant_or_other(key).await.unwrap().map(|tenant| tenant.name)
}

pub(crate) async fn a_tenant_is_created_once_by_name_and_by_id(store: &AnyStore) {
    let create = |tenant| [Change::CreateTenant(tenant)];
    done(store, create(tenant("Über GmbH", Some("staff")))).await;
    assert_eq!(refused(store, create(named(" ÜBER GmbH", "t-2"))).await, 0);
    assert_eq!(refused(store, create(named("Another", "t-1"))).await, 0);
    done(store, create(named("Another", "t-2"))).await;
    let stored = store.tenant(&"t-1".into()).await.unwrap();
    assert_eq!(stored, Some(tenant("Über GmbH", Some("staff"))));
    assert_eq!(store.tenant_or_other(&Tenant::key("über gmbh")).await.unwrap(), stored);
    assert_eq!(store.tenant(&"t-3".into()).await.unwrap(), None);
}

pub(crate) async fn a_tenant_is_changed_and_deleted_as_it_was_read(store: &AnyStore) {
    let first = tenant("Acme", Some("staff"));
    let admins = Some("admins".into());
    let second =
        Tenant { name: "Acme Inc.".into(), group: None, admin_group: admins, ..first.clone() };
    let update = |before: &Tenant, after: &Tenant| {
        [Change::UpdateTenant { before: before.clone(), after: after.clone() }]
    };
    assert_eq!(refused(store, update(&first, &second)).await, 0);
    done(store, [first.clone(), named("Globex", "t-2")].map(Change::CreateTenant)).await;
    assert_eq!(refused(store, update(&second, &first)).await, 0);
    let clash = Tenant { name: "GLOBEX".into(), ..first.clone() };
    assert_eq!(refused(store, update(&first, &clash)).await, 0);
    done(store, update(&first, &second)).await;
    assert_eq!(store.tenant(&first.id).await.unwrap().as_ref(), Some(&second));
    assert_eq!(found(store, "acme").await.as_deref(), Some("Acme Inc."));
    assert_eq!(refused(store, [Change::DeleteTenant(first.clone())]).await, 0);
    done(store, [Change::DeleteTenant(second.clone())]).await;
    assert_eq!(store.tenant(&first.id).await.unwrap(), None);
    assert_eq!(refused(store, [Change::DeleteTenant(second)]).await, 0);
}

pub(crate) async fn an_unknown_name_finds_another_tenant(store: &AnyStore) {
    assert_eq!(found(store, "acme").await, None);
    done(store, [named("Acme", "t-1"), named("Globex", "t-2")].map(Change::CreateTenant)).await;
    for (key, expected) in [("acme", "Acme"), ("b", "Globex"), ("globex", "Globex"), ("z", "Acme")]
    {
        assert_eq!(found(store, key).await.as_deref(), Some(expected), "{key}");
    }
}

pub(crate) async fn tenants_are_listed_by_key(store: &AnyStore) {
    let tenants = [named("b", "t-1"), named("C", "t-2"), named("A", "t-3")];
    done(store, tenants.clone().map(Change::CreateTenant)).await;
    let [b, c, a] = tenants;
    assert_eq!(store.tenants("", 2).await.unwrap(), [a, b]);
    assert_eq!(store.tenants("b", 2).await.unwrap(), [c]);
}

pub(crate) async fn tenants_are_found_by_their_groups(store: &AnyStore) {
    let with = |tenant: Tenant, group: &str, admins: &str| Tenant {
        group: Some(group.into()),
        admin_group: Some(admins.into()),
        ..tenant
    };
    let acme = with(named("Acme", "t-1"), "acme", "staff");
    let globex = with(named("Globex", "t-2"), "globex", "staff");
    let bare = named("Bare", "t-3");
    let all = [acme.clone(), globex.clone(), Tenant { group: None, admin_group: None, ..bare }];
    done(store, all.map(Change::CreateTenant)).await;
    let many: Vec<_> = (0..25).map(|number| format!("group-{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).chain(["acme"]).collect();
    for (groups, expected) in [
        (&[][..], vec![]),
        (&["none", "ACME"], vec![]),
        (&["globex"], vec![globex.clone()]),
        (&["acme", "staff"], vec![acme.clone(), globex.clone()]),
        (&["none", "staff"], vec![acme.clone(), globex]),
        (&many, vec![acme]),
    ] {
        let groups: Vec<_> = groups.iter().map(|group| GroupName::from(*group)).collect();
        let found = store.tenants_of_groups(&pool_id(), &groups).await.unwrap();
        assert_eq!(found, expected, "{groups:?}");
        assert_eq!(store.tenants_of_groups(&other_pool_id(), &groups).await.unwrap(), []);
    }
}

fn join(name: &str, tenant: &str) -> Change {
    Change::AddCredential { pool: pool_id(), sub: sub_of(name), tenant: tenant.into() }
}

pub(crate) async fn credentials_belong_to_one_tenant(store: &AnyStore) {
    let (acme, globex) = (named("Acme", "t-1"), named("Globex", "t-2"));
    done(store, [acme.clone(), globex.clone()].map(Change::CreateTenant)).await;
    done(store, ["ada", "bob"].map(|name| create(&user(name)))).await;
    assert_eq!(refused(store, [join("ada", "t-3")]).await, 0);
    done(store, [join("ada", "t-1")]).await;
    assert_eq!(refused(store, [join("ada", "t-2")]).await, 0);
    done(store, [join("bob", "t-2")]).await;

    let tenant_of =
        async |pool, name: &str| store.tenant_of_machine(&pool, &sub_of(name)).await.unwrap();
    assert_eq!(tenant_of(pool_id(), "ada").await, Some("t-1".into()));
    assert_eq!(tenant_of(other_pool_id(), "ada").await, None);
    assert_eq!(tenant_of(pool_id(), "eve").await, None);

    let key = user("ada").username.to_string();
    assert_eq!(store.credential(&acme, &key).await.unwrap(), Some(user("ada")));
    assert_eq!(store.credential(&globex, &key).await.unwrap(), None);
    let elsewhere = Tenant { pool: other_pool_id(), ..acme.clone() };
    assert_eq!(store.credential(&elsewhere, &key).await.unwrap(), None);
    let page = store.credentials(&acme, None, 9).await.unwrap();
    assert_eq!((page.users, page.next), (vec![user("ada")], None));
    assert_eq!(store.credential_subs(&acme).await.unwrap(), [sub_of("ada")]);
    assert_eq!(store.credential_subs(&elsewhere).await.unwrap(), []);

    assert_eq!(refused(store, [Change::DeleteTenant(acme.clone())]).await, 0);
    let delete = Change::DeleteUser { pool: pool_id(), sub: sub_of("ada"), version: 1 };
    done(store, [delete, Change::DeleteTenant(acme.clone())]).await;
    assert_eq!(store.credential(&acme, &key).await.unwrap(), None);
    assert_eq!(store.credentials(&globex, None, 9).await.unwrap().users, [user("bob")]);
}

pub(crate) async fn a_tenant_has_only_so_many_credentials(store: &AnyStore) {
    done(store, [Change::CreateTenant(named("Acme", "t-1"))]).await;
    let join = |number: u32| {
        let sub = Sub::new(format!("{number:04}"));
        Change::AddCredential { pool: pool_id(), sub, tenant: "t-1".into() }
    };
    done(store, (0..MOST_CREDENTIALS).map(join)).await;
    assert_eq!(refused(store, [join(MOST_CREDENTIALS)]).await, 0);
    // Their users are kept elsewhere: they are credentials all the same, until they are none.
    let acme = named("Acme", "t-1");
    assert_eq!(store.credentials(&acme, None, 9).await.unwrap().users, []);
    let subs = store.credential_subs(&acme).await.unwrap();
    assert_eq!(subs.len(), MOST_CREDENTIALS as usize);
    let (pool, sub) = (pool_id(), subs[0].clone());
    done(store, [Change::RemoveCredential { pool, sub }]).await;
    assert_eq!(store.credential_subs(&acme).await.unwrap(), subs[1..]);
}
