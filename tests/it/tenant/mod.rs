//! The tenant API.

mod credentials;
mod faces;
mod login;
mod logout;
mod records;
mod refresh_token;
mod refusals;
mod respond_to_challenge;

use crate::support::{Answer, PASSWORD, TENANT, TENANT_GROUP, TestServer};
use poolkeeper::config::TenantApiConfig;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::entity::{Tenant, User};
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";
/// Another tenant of the same pool, through the same app client.
const GLOBEX: &str = "Globex";
const GLOBEX_GROUP: &str = "tenant-globex";
const ADMINS: &str = "acme-admins";

/// A server whose tenant API is configured otherwise.
async fn configured(change: impl FnOnce(&mut TenantApiConfig)) -> TestServer {
    TestServer::configured(|config| change(config.tenant_api.as_mut().unwrap())).await
}

async fn login(server: &TestServer, user: &str, tenant: &str, password: &str) -> Answer {
    let body = json!({ "UserName": user, "TenantName": tenant, "Password": password });
    server.json("POST", "/Login", &body).await
}

/// The whole answer that completes a sign-in at Acme, as [`Answer::show`] has it.
fn signed_in(user: &User) -> String {
    let body = json!({
        "cognitoToken": {
            "AuthenticationResult": {
                "AccessToken": "[jwt]",
                "ExpiresIn": 3600,
                "IdToken": "[jwt]",
                "RefreshToken": "[refresh token]",
                "TokenType": "Bearer",
            },
            "ChallengeParameters": {},
        },
        "user": { "OloID": user.sub.as_str(), "TenantID": "id-of-acme", "TenantName": TENANT },
    });
    format!("200 OK\n{body:#}")
}

/// The token of a login that must succeed.
async fn token(server: &TestServer, user: &str, tenant: &str, name: &str) -> String {
    let answer = login(server, user, tenant, PASSWORD).await;
    answer.get(&format!("/cognitoToken/AuthenticationResult/{name}"))
}

async fn refresh(server: &TestServer, tenant: &str, token: &str) -> Answer {
    let body = json!({ "TenantName": tenant, "RefreshToken": token });
    server.json("POST", "/RefreshToken", &body).await
}

async fn respond(
    server: &TestServer,
    (tenant, challenge, session): (&str, &str, &str),
    answer: &str,
) -> Answer {
    let body = json!({
        "TenantName": tenant,
        "ChallengeName": challenge,
        "Session": session,
        "Answer": answer,
    });
    server.json("POST", "/RespondToChallenge", &body).await
}

/// A call with an access token.
async fn call(server: &TestServer, path: &str, token: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("authorization", token)];
    server.call(&format!("POST {path}"), &headers, body.to_string()).await
}

async fn tenant(server: &TestServer, name: &str) -> Tenant {
    server.engine.tenant(name).await.unwrap().unwrap()
}

async fn change(server: &TestServer, name: &str, edit: impl Fn(Tenant) -> Tenant) {
    let id = tenant(server, name).await.id;
    assert!(server.engine.update_tenant(&operator(), &id, edit).await.unwrap().is_some());
}

/// A server where Alice administers Acme, and an access token of hers.
async fn with_administrator() -> (TestServer, String) {
    administered(TestServer::start().await).await
}

/// The same on a server that is there.
async fn administered(server: TestServer) -> (TestServer, String) {
    server.make_group(ADMINS).await;
    server.make_group("globex-admins").await;
    change(&server, TENANT, |tenant| Tenant { admin_group: Some(ADMINS.into()), ..tenant }).await;
    let globex = |tenant| Tenant { admin_group: Some("globex-admins".into()), ..tenant };
    change(&server, GLOBEX, globex).await;
    server.user(ALICE, &[TENANT_GROUP, ADMINS]).await;
    let token = token(&server, ALICE, TENANT, "AccessToken").await;
    (server, token)
}

/// Client id and secret of a new machine credential.
async fn new_machine(server: &TestServer, token: &str, grants: &[&str]) -> (String, String) {
    let body = json!({ "Name": "Turnstile", "Grants": grants });
    let answer = call(server, "/Credentials/Create", token, &body).await;
    (answer.get("/data/ClientID"), answer.get("/data/Secret"))
}

/// Takes a user of the main pool out of a group.
async fn leave(server: &TestServer, user: &str, group: &str) {
    server
        .pools
        .remove_from_group(&operator(), &server.main_pool(), user, &group.into())
        .await
        .unwrap();
}
