//! What of tenants Amazon does not know, and authenticator apps set up in the middle of a sign-in.

use super::ALICE;
use crate::support::*;
use axum::http::StatusCode;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper::wire;
use poolkeeper_pool::backend::administration::{Administration as _, Invitation, NewUser, Page};
use poolkeeper_pool::backend::tenancy::{MOST_CREDENTIALS, TenantRecords as _};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Kind, MfaMode, Tenant};
use poolkeeper_pool::ids::{GroupName, PoolId, Sub};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const ADMINS: &str = "acme-admins";

async fn server(mfa: MfaMode) -> TestServer {
    let mut config = config(Path::new(""));
    config.pools[0].mfa = mfa;
    let server = TestServer::at_amazon(config, AtAmazon::default()).await;
    let id = acme(&server).await.id;
    let edit = |tenant| Tenant { admin_group: Some(ADMINS.into()), ..tenant };
    server.engine.update_tenant(&operator(), &id, edit).await.unwrap();
    server.user(ALICE, &[TENANT_GROUP, ADMINS]).await;
    server
}

async fn acme(server: &TestServer) -> Tenant {
    server.engine.tenant(TENANT).await.unwrap().unwrap()
}

async fn login(server: &TestServer) -> Answer {
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    server.json("POST", "/Login", &body).await
}

async fn call(server: &TestServer, path: &str, token: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("authorization", token)];
    server.call(&format!("POST {path}"), &headers, body.to_string()).await
}

/// A tenant that the configuration declares has its groups at Amazon, too.
#[tokio::test]
async fn a_declared_tenant_has_its_groups() {
    let mut config = config(Path::new(""));
    config.tenants[0].admin_group = Some(ADMINS.into());
    let server = TestServer::at_amazon(config.clone(), AtAmazon::default()).await;
    let (pool, names) = (PoolId::from(POOL), [TENANT_GROUP, ADMINS].map(GroupName::from));
    for name in &names {
        server.engine.delete_group(&operator(), &pool, name).await.unwrap();
    }
    config.pools[0].backend = at_amazon();
    // Twice, as two starts: what is there is left alone.
    for _ in 0..2 {
        wire::groups_elsewhere(Arc::clone(&server.pools), config.clone()).await;
    }
    for name in &names {
        assert_eq!(server.engine.group(&operator(), &pool, name).await.unwrap().name, *name);
    }
}

/// Neither by an administrator nor by a grant.
#[tokio::test]
async fn a_machine_is_put_into_no_second_tenant() {
    let server = server(MfaMode::Optional).await;
    let token = login(&server).await.get("/cognitoToken/AuthenticationResult/AccessToken");
    let made = call(&server, "/Credentials/Create", &token, &json!({ "Name": "Turnstile" })).await;
    let (pool, id) = (PoolId::from(POOL), made.get("/data/ClientID"));
    server.machine("robot@example.com", &[TENANT_GROUP, SERVICE_GROUP]).await;
    let mut rows = Vec::new();
    for (name, case) in [
        (id.as_str(), "a credential"),
        ("robot@example.com", "a service account"),
        (ALICE, "a person"),
    ] {
        for group in ["tenant-globex", "admin"] {
            let group = GroupName::from(group);
            let added = server.pools.add_to_group(&operator(), &pool, name, &group).await;
            let told = added.map_or_else(|error| error.to_string(), |()| "added".to_owned());
            rows.push(format!("{case}, {group}: {told}"));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    a credential, tenant-globex: A machine belongs to one tenant, but a group belongs to another.
    a credential, admin: added
    a service account, tenant-globex: A machine belongs to one tenant, but a group belongs to another.
    a service account, admin: added
    a person, tenant-globex: added
    a person, admin: added
    "#);
}

/// Neither with the groups that it is made with, nor by the group that makes a person a program.
#[tokio::test]
async fn no_machine_is_made_in_two_tenants() {
    let server = server(MfaMode::Optional).await;
    let pool = PoolId::from(POOL);
    server.make_group(SERVICE_GROUP).await;
    let groups = [TENANT_GROUP, "tenant-globex"];
    let new = NewUser {
        pool: pool.clone(),
        username: "robot@example.com".to_owned(),
        attributes: Attributes::default(),
        temporary_password: Some(Secret::from(PASSWORD)),
        kind: Kind::Service,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: groups.map(GroupName::from).to_vec(),
    };
    let told = |done: poolkeeper_pool::Result<()>| {
        done.map_or_else(|error| error.to_string(), |()| "done".to_owned())
    };
    let made = server.pools.create_user(&operator(), new).await;
    let mut rows = vec![format!("made in both: {}", told(made.map(drop)))];
    // Nobody was made.
    let nobody = server.pools.user(&operator(), &pool, "robot@example.com").await;
    rows.push(format!("then: {}", told(nobody.map(drop))));
    server.user("ann@example.com", &groups).await;
    let group = GroupName::from(SERVICE_GROUP);
    let marked = server.pools.add_to_group(&operator(), &pool, "ann@example.com", &group).await;
    rows.push(format!("a person of both becomes a program: {}", told(marked)));
    assert_snapshot!(rows.join("\n"), @r"
    made in both: A machine belongs to one tenant, but a group belongs to another.
    then: there is no such user
    a person of both becomes a program: A machine belongs to one tenant, but a group belongs to another.
    ");
}

/// Amazon's tokens do not say for which tenant they are: that is kept here, and again at a refresh.
#[tokio::test]
async fn tokens_are_for_the_tenant_of_their_sign_in() {
    let server = server(MfaMode::Optional).await;
    let signed_in = login(&server).await;
    let told = |name: &str| signed_in.get(&format!("/cognitoToken/AuthenticationResult/{name}"));
    let body = json!({ "TenantName": TENANT, "RefreshToken": told("RefreshToken") });
    let refreshed = server.json("POST", "/RefreshToken", &body).await;
    let refreshed = refreshed.get("/cognitoToken/AuthenticationResult/AccessToken");
    for token in [told("AccessToken"), refreshed] {
        assert_eq!(claims(&token).get("tenant_id"), None);
        assert_eq!(call(&server, "/Credentials", &token, &json!({})).await.status, 200);
    }
    // Through the same app client, but for no tenant.
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": TENANT_CLIENT,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let other = server.cognito().admin("AdminInitiateAuth", &body).await;
    let token = other.get("/AuthenticationResult/AccessToken");
    let refused = call(&server, "/Credentials", &token, &json!({})).await;
    assert_snapshot!(refused.row(&[]), @r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"}"#);
}

/// Users at Amazon whom no row names are no credentials, nor are rows without a user.
#[tokio::test]
async fn a_credential_is_a_user_and_a_row() {
    let server = server(MfaMode::Optional).await;
    let token = login(&server).await.get("/cognitoToken/AuthenticationResult/AccessToken");
    let acme = acme(&server).await;
    for number in 0..MOST_CREDENTIALS {
        let sub = Sub::new(format!("{number:04}"));
        server.engine.add_credential(&operator(), &acme, &sub).await.unwrap();
    }
    let body = json!({ "Name": "Turnstile" });
    let refused = call(&server, "/Credentials/Create", &token, &body).await;
    assert_snapshot!(refused.row(&[]), @r#"409 Conflict {"error":"Conflict","message":"The tenant has as many machine credentials as there can be."}"#);
    // The user that was made at Amazon for it is gone again.
    let page = Page { cursor: None, limit: 9 };
    let users = server.pools.users(&operator(), &PoolId::from(POOL), page).await.unwrap().entries;
    assert_eq!(users.len(), 1);
    // Nobody deletes a tenant over the head of its machines elsewhere.
    let problem = server.engine.delete_tenant(&operator(), &acme.id).await.unwrap_err().to_string();
    assert!(problem.contains("Delete them first"), "{problem}");
    // A look at them forgets those whom Amazon does not know.
    for _ in 0..2 {
        let page = json!({ "PageSize": 50 });
        assert_eq!(call(&server, "/Credentials", &token, &page).await.status, 200);
    }
    assert_eq!(call(&server, "/Credentials/Create", &token, &body).await.status, 200);
}

/// The key is Amazon's, the session is ours, and good for nothing else.
#[tokio::test]
async fn an_app_is_set_up_in_a_session_that_asks_for_it() {
    let server = server(MfaMode::On).await;
    let alice = server.engine.get_user(&operator(), &POOL.into(), ALICE).await.unwrap();
    server.edit(&alice, |user| user.attributes.set("email", "")).await;
    let cognito = server.cognito();
    let begun = login(&server).await.get("/cognitoToken/Session");
    let key = cognito.call("AssociateSoftwareToken", &json!({ "Session": begun })).await;
    let prove = |code: String| json!({ "Session": key.get("/Session"), "UserCode": code });
    let code = server.totp(&key.get("/SecretCode"));
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let refused = cognito.call("VerifySoftwareToken", &prove(wrong.to_owned())).await;
    assert_eq!(
        (refused.status, refused.get("/__type")),
        (StatusCode::BAD_REQUEST, "EnableSoftwareTokenMFAException".into())
    );
    // Nothing is set up yet.
    let respond = |session: String| {
        let body =
            json!({ "TenantName": TENANT, "ChallengeName": "MFA_SETUP", "Session": session });
        let server = &server;
        async move { server.json("POST", "/RespondToChallenge", &body).await }
    };
    assert_eq!(respond(key.get("/Session")).await.status, 401);
    let proven = cognito.call("VerifySoftwareToken", &prove(code)).await;
    let answer = respond(proven.get("/Session")).await;
    assert_eq!(answer.get("/user/OloID"), alice.sub.as_str());
    // From now on it asks for the app, in a session that sets up nothing.
    let asked = login(&server).await.get("/cognitoToken/Session");
    for (operation, body) in [
        ("AssociateSoftwareToken", json!({ "Session": asked })),
        ("VerifySoftwareToken", json!({ "Session": asked, "UserCode": "123456" })),
        ("AssociateSoftwareToken", json!({ "Session": "A".repeat(40) })),
    ] {
        let refused = cognito.call(operation, &body).await;
        assert_eq!(
            (refused.status, refused.get("/__type")),
            (StatusCode::BAD_REQUEST, "NotAuthorizedException".into())
        );
    }
}
