//! Tenants as records: what their names are, and what becomes of a tenant.

use super::{ALICE, change, login, new_machine, refresh, tenant, token, with_administrator};
use crate::support::{
    OTHER_CLIENT, OTHER_POOL, PASSWORD, POOL, TENANT, TENANT_CLIENT, TENANT_GROUP, TestServer,
    at_amazon, config,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper::wire;
use poolkeeper_pool::entity::{AuthFlow, Tenant};
use poolkeeper_pool::local::NewTenant;
use serde_json::json;
use std::path::Path;

fn new(name: &str) -> NewTenant {
    NewTenant {
        name: name.to_owned(),
        id: None,
        pool: POOL.into(),
        client: TENANT_CLIENT.into(),
        group: Some("tenant-initech".into()),
        admin_group: None,
    }
}

async fn refused(server: &TestServer, new: NewTenant) -> String {
    server.engine.create_tenant(&operator(), new).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_tenant_is_there_at_once_and_gone_at_once() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    assert_eq!(login(&server, ALICE, "Initech", PASSWORD).await.status, 401);
    let made = server.engine.create_tenant(&operator(), new(" Initech ")).await.unwrap();
    assert_eq!(made.name, "Initech");
    let alice = server.found(ALICE).await;
    assert_eq!(login(&server, ALICE, "Initech", PASSWORD).await.status, 401);
    server.join(&alice, "tenant-initech").await;
    let answer = login(&server, ALICE, "initech", PASSWORD).await;
    assert_eq!(answer.get("/user/TenantID"), made.id.as_str());
    let old = answer.get("/cognitoToken/AuthenticationResult/RefreshToken");
    server.engine.delete_tenant(&operator(), &made.id).await.unwrap().unwrap();
    assert_eq!(login(&server, ALICE, "Initech", PASSWORD).await.status, 401);
    assert_eq!(refresh(&server, "Initech", &old).await.status, 401);
    assert_eq!(server.engine.delete_tenant(&operator(), &made.id).await.unwrap(), None);
    // Another one of the name is another one, though everything else is as before.
    server.engine.create_tenant(&operator(), new("Initech")).await.unwrap();
    assert_eq!(refresh(&server, "Initech", &old).await.status, 401);
    assert_eq!(login(&server, ALICE, "Initech", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn machines_go_with_their_tenant_and_stay_under_its_new_name() {
    let (server, token) = with_administrator().await;
    let (id, secret) = new_machine(&server, &token, &[]).await;
    change(&server, TENANT, |tenant| Tenant { name: "Acme Inc.".to_owned(), ..tenant }).await;
    assert_eq!(login(&server, &id, TENANT, &secret).await.status, 401);
    assert_eq!(login(&server, &id, "acme inc.", &secret).await.status, 200);
    let acme = tenant(&server, "Acme Inc.").await;
    server.engine.delete_tenant(&operator(), &acme.id).await.unwrap().unwrap();
    assert!(server.engine.get_user(&operator(), &server.main_pool(), &id).await.is_err());
    assert!(server.engine.get_user(&operator(), &server.main_pool(), ALICE).await.is_ok());
}

#[tokio::test]
async fn names_that_look_alike_are_one() {
    let server = TestServer::start().await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    for name in ["\u{ff21}\u{ff23}\u{ff2d}\u{ff25}", "acme\u{a0}", "\u{1d400}\u{1d402}me"] {
        assert_eq!(login(&server, ALICE, name, PASSWORD).await.get("/user/TenantName"), TENANT);
        assert_eq!(
            refused(&server, new(name)).await,
            format!("Tenant {} already exists.", name.trim())
        );
    }
    let id = tenant(&server, "Globex").await.id;
    let rename = |tenant| Tenant { name: "ACME".to_owned(), ..tenant };
    let error = server.engine.update_tenant(&operator(), &id, rename).await.unwrap_err();
    assert_eq!(error.to_string(), "Tenant ACME already exists.");
}

#[tokio::test]
async fn what_cannot_be_a_tenant() {
    let server = TestServer::start().await;
    let rows = [
        refused(&server, NewTenant { name: " ".to_owned(), ..new("") }).await,
        refused(&server, new(&"x".repeat(129))).await,
        refused(&server, NewTenant { pool: "eu-west-1_None".into(), ..new("a") }).await,
        refused(&server, NewTenant { client: "nobody".into(), ..new("a") }).await,
        refused(&server, NewTenant { client: OTHER_CLIENT.into(), ..new("a") }).await,
        refused(&server, NewTenant { client: "public".into(), ..new("a") }).await,
        refused(&server, NewTenant { id: Some("id-of-acme".into()), ..new("a") }).await,
        refused(&server, NewTenant { group: Some("read-activity-logs".into()), ..new("a") }).await,
    ];
    assert_snapshot!(rows.join("\n"), @"
    A tenant's name has 1 to 128 characters.
    A tenant's name has 1 to 128 characters.
    there is no user pool eu-west-1_None
    there is no app client nobody
    there is no app client other
    App client public lacks ALLOW_ADMIN_USER_PASSWORD_AUTH.
    Tenant a already exists.
    Tenants may grant group read-activity-logs to machine credentials.
    ");
}

#[tokio::test]
async fn groups_of_the_partner_api_are_no_tenants() {
    let server = TestServer::start().await;
    let rows = [
        refused(&server, NewTenant { admin_group: Some("fd-admin".into()), ..new("a") }).await,
        refused(&server, NewTenant { group: Some("webapp-access-group-3".into()), ..new("a") })
            .await,
    ];
    assert_snapshot!(rows.join("\n"), @"
    The partner API of the same pool uses group fd-admin.
    The partner API of the same pool uses group webapp-access-group-3.
    ");
}

/// The other arrangement: a pool of the tenant's own, where everybody belongs to it.
#[tokio::test]
async fn a_pool_of_its_own() {
    let mut config = config(Path::new(""));
    config.pools[1].clients[0].flows.push(AuthFlow::AdminUserPassword);
    config.tenants.push(Tenant {
        name: "Hooli".to_owned(),
        id: "h".into(),
        pool: OTHER_POOL.into(),
        client: OTHER_CLIENT.into(),
        group: None,
        admin_group: None,
    });
    let server = TestServer::with(config).await;
    server.stranger(ALICE).await;
    server.user("bob@example.com", &[TENANT_GROUP]).await;
    let rows = [
        (ALICE, "Hooli"),
        (ALICE, TENANT),
        ("bob@example.com", "Hooli"),
        ("bob@example.com", TENANT),
    ];
    let mut seen = Vec::new();
    for (user, tenant) in rows {
        seen.push(login(&server, user, tenant, PASSWORD).await.status.as_u16());
    }
    assert_eq!(seen, [200, 401, 401, 200]);
    let hooli = token(&server, ALICE, "Hooli", "RefreshToken").await;
    assert_eq!(refresh(&server, TENANT, &hooli).await.status, 401);
    assert_eq!(refresh(&server, "hooli", &hooli).await.status, 200);
}

/// The id says which tenant a declaration is about.
#[tokio::test]
async fn a_declared_tenant_is_renamed_by_its_declaration() {
    let mut config = config(Path::new(""));
    let server = TestServer::with(config.clone()).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let token = token(&server, ALICE, TENANT, "RefreshToken").await;
    config.tenants[0].name = "Acme Inc.".to_owned();
    wire::declare(&server.engine, &config).await.unwrap();
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
    assert_eq!(refresh(&server, "Acme Inc.", &token).await.status, 200);
    config.tenants[0].pool = OTHER_POOL.into();
    let error = wire::declare(&server.engine, &config).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Tenant Acme Inc. is in pool {POOL}."));
}

/// Its groups need no declaration of their own, and come back like the tenant itself.
#[tokio::test]
async fn a_declared_tenant_has_its_groups() {
    let mut config = config(Path::new(""));
    let groups = ["tenant-initech", "initech-admins"];
    config.tenants[0].group = Some(groups[0].into());
    config.tenants[0].admin_group = Some(groups[1].into());
    let server = TestServer::with(config.clone()).await;
    for group in groups {
        let found = server.engine.group(&operator(), &POOL.into(), &group.into()).await.unwrap();
        assert_eq!(found.name.as_str(), group);
        server.engine.delete_group(&operator(), &POOL.into(), &group.into()).await.unwrap();
    }
    server.user(ALICE, &[]).await;
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
    wire::declare(&server.engine, &config).await.unwrap();
    for group in groups {
        server.engine.group(&operator(), &POOL.into(), &group.into()).await.unwrap();
        server.join(&server.found(ALICE).await, group).await;
    }
    let token = token(&server, ALICE, TENANT, "AccessToken").await;
    let listed = super::call(&server, "/Credentials", &token, &json!({})).await;
    assert_snapshot!(listed.row(&[]), @r#"200 OK {"data":{"NextPageToken":null,"credentials":[]},"message":"Success"}"#);
}

/// The store keeps the tenants of a pool that lives elsewhere, too.
#[tokio::test]
async fn a_tenant_of_a_pool_at_amazon_can_be_declared() {
    let mut config = config(Path::new(""));
    config.pools[0].backend = at_amazon();
    let server = TestServer::with(config).await;
    assert_eq!(tenant(&server, TENANT).await.group, Some(TENANT_GROUP.into()));
}

#[tokio::test]
async fn without_a_tenant_there_is_nothing_to_tell() {
    let server = TestServer::configured(|config| config.tenants.clear()).await;
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
    assert_eq!(refresh(&server, TENANT, "x").await.status, 401);
}
