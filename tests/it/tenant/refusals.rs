//! One refusal for all that is wrong with a login: not only its words, but what is done for it.

use super::{ALICE, GLOBEX, GLOBEX_GROUP, login, new_machine, with_administrator};
use crate::support::{OTHER_CLIENT, OTHER_POOL, PASSWORD, TENANT, TENANT_GROUP, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::local::NewTenant;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// What a refused login does: hashes, and calls of the store one by one, with whether a record was
/// found.
async fn work(server: &TestServer, user: &str, tenant: &str, password: &str) -> String {
    let before = server.workers.comparisons.load(SeqCst);
    server.store.calls();
    let answer = login(server, user, tenant, password).await;
    let hashes = server.workers.comparisons.load(SeqCst) - before;
    let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    let calls = server.store.calls();
    format!("{}\n{headers:?}\nhashes: {hashes}\n{}", answer.row(&[]), calls.join("\n"))
}

/// A second pool whose users are all one tenant's.
async fn own_pool(server: &TestServer, name: &str) {
    let client = server.engine.app_client(&OTHER_CLIENT.into()).await.unwrap().unwrap();
    let mut open = client;
    open.flows.push(poolkeeper_pool::entity::AuthFlow::AdminUserPassword);
    server.engine.replace_client(&operator(), open, None).await.unwrap();
    let new = NewTenant {
        name: name.to_owned(),
        id: None,
        pool: OTHER_POOL.into(),
        client: OTHER_CLIENT.into(),
        group: None,
        admin_group: None,
    };
    server.engine.create_tenant(&operator(), new).await.unwrap();
}

#[tokio::test]
async fn all_cost_the_same() {
    let (server, token) = with_administrator().await;
    own_pool(&server, "Hooli").await;
    let (machine, secret) = new_machine(&server, &token, &[]).await;
    let (gone, gone_secret) = new_machine(&server, &token, &[]).await;
    server.pools.delete_user(&operator(), &server.main_pool(), &gone).await.unwrap();
    server.user("globex@example.com", &[GLOBEX_GROUP]).await;
    server.stranger("hooli@example.com").await;
    // For each case somebody else, who has not failed before.
    server.user("long@example.com", &[TENANT_GROUP]).await;
    let disabled = server.user("disabled@example.com", &[TENANT_GROUP]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    server.new_user("late@example.com", &[TENANT_GROUP]).await;
    server.clock.advance(Duration::from_hours(8 * 24));
    let mut seen = Vec::new();
    for (case, user, tenant, password) in [
        ("wrong password", ALICE, TENANT, "wrong"),
        ("wrong secret", machine.as_str(), TENANT, "wrong"),
        ("unknown user", "nobody@example.com", TENANT, PASSWORD),
        ("unknown tenant", ALICE, "Initech", PASSWORD),
        ("unknown tenant before all", ALICE, "0", PASSWORD),
        ("unknown tenant behind all", ALICE, "zzz", PASSWORD),
        ("machine at an unknown tenant", &machine, "Initech", &secret),
        ("machine at another tenant", &machine, GLOBEX, &secret),
        ("user of another tenant", "globex@example.com", TENANT, PASSWORD),
        ("user of another pool", "hooli@example.com", TENANT, PASSWORD),
        ("user of the shared pool", "globex@example.com", "Hooli", PASSWORD),
        ("unknown user of another pool", "nobody@example.com", "Hooli", PASSWORD),
        ("disabled", "disabled@example.com", TENANT, PASSWORD),
        ("temporary password too old", "late@example.com", TENANT, PASSWORD),
        ("deleted credential", &gone, TENANT, &gone_secret),
        ("too long", "long@example.com", TENANT, &"x".repeat(300)),
    ] {
        seen.push((case, work(&server, user, tenant, password).await));
    }
    assert_snapshot!(seen[0].1, @r#"
    401 Unauthorized {"error":"NotAuthorizedException","message":"Incorrect username or password"}
    ["content-type", "content-length", "x-request-id", "x-content-type-options", "cache-control"]
    hashes: 1
    tenant_or_other
    client
    pool
    user_or_other
    groups_of
    lockout: nothing
    commit of SetLockout
    "#);
    for (case, work) in &seen {
        assert_eq!(*work, seen[0].1, "{case}");
    }
}

/// Five failures lock for a second: then as much is done and written as for any wrong password, or
/// else a lock would show.
#[tokio::test]
async fn locked_names_cost_the_same_too() {
    let (server, token) = with_administrator().await;
    let (machine, _) = new_machine(&server, &token, &[]).await;
    let mut seen = Vec::new();
    for (user, tenant) in [
        (ALICE, TENANT),
        (machine.as_str(), TENANT),
        ("nobody@example.com", TENANT),
        (ALICE, GLOBEX),
        (ALICE, "Initech"),
    ] {
        for _ in 0..5 {
            login(&server, user, tenant, "wrong").await;
        }
        seen.push((user, tenant, work(&server, user, tenant, PASSWORD).await));
    }
    assert_snapshot!(seen[0].2, @r#"
    401 Unauthorized {"error":"NotAuthorizedException","message":"Incorrect username or password"}
    ["content-type", "content-length", "x-request-id", "x-content-type-options", "cache-control"]
    hashes: 1
    tenant_or_other
    client
    pool
    user_or_other
    groups_of
    lockout
    commit of TouchLockout
    "#);
    for (user, tenant, work) in &seen {
        assert_eq!(*work, seen[0].2, "{user} {tenant}");
    }
}

/// Otherwise whoever has an account, or watches another name, could ask which tenants there are and
/// which of them share a pool: by failing there and looking here.
#[tokio::test]
async fn failures_at_one_tenant_do_not_show_at_another() {
    let (server, _) = with_administrator().await;
    own_pool(&server, "Hooli").await;
    for elsewhere in [GLOBEX, "Hooli", "Initech", "0", "zzz"] {
        for _ in 0..7 {
            assert_eq!(login(&server, ALICE, elsewhere, "wrong").await.status, 401);
        }
        assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 200, "{elsewhere}");
    }
}
