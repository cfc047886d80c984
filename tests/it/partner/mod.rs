//! The partner API.

mod across;
mod auth;
mod change_user;
mod confirm_user;
mod create_user;
mod external_users;
mod features;
mod forgot_password;
mod group_names;
mod limits;
mod list_users;
mod mfa_settings;
mod mfa_token;
mod new_password;
mod partners;
mod permissions;
mod refresh_token;
mod remembered_devices;
mod service_accounts;
mod status;
mod suspended;
mod totp;

use crate::support::{Answer, PASSWORD, TestServer, config};
use poolkeeper::config::{Config, PartnerApiConfig};
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{Grant, MfaMode, Partner, User};
use poolkeeper_pool::ids::PartnerId;
use serde_json::{Value, json};
use std::path::Path;

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";
const ACME: &str = "partner-id-acme";
const FD42: &str = "fd42";

/// The header that names a partner.
const PARTNER: &str = "x-preferred-partner-id";

/// A server whose partner API is configured otherwise.
async fn configured(change: impl FnOnce(&mut PartnerApiConfig)) -> TestServer {
    TestServer::configured(|config| change(config.partner_api.as_mut().unwrap())).await
}

/// The test's configuration with a pool that insists on a second factor.
fn with_mfa(mode: MfaMode) -> Config {
    let mut config = config(Path::new(""));
    config.pools[0].mfa = mode;
    config
}

/// Calls an endpoint with an access token, and a body if it is not null.
async fn call(server: &TestServer, line: &str, token: &str, body: &Value) -> Answer {
    call_for(server, line, token, None, body).await
}

/// The same for a partner.
async fn call_for(
    server: &TestServer,
    line: &str,
    token: &str,
    partner: Option<&str>,
    body: &Value,
) -> Answer {
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.extend(partner.map(|partner| (PARTNER, partner)));
    let mut text = String::new();
    if !body.is_null() {
        headers.push(("content-type", "application/json"));
        text = body.to_string();
    }
    server.call(line, &headers, text).await
}

/// Lets a group, which is made if need be, carry a permission.
async fn grant(server: &TestServer, group: &str, permission: &str) {
    grant_for(server, group, permission, None).await;
}

/// The same for one partner.
async fn grant_for(server: &TestServer, group: &str, permission: &str, partner: Option<&str>) {
    server.make_group(group).await;
    let partner = partner.map(PartnerId::from);
    let (group, permission) = (group.into(), permission.to_owned());
    server
        .engine
        .grant(&operator(), Grant { pool: server.main_pool(), group, partner, permission })
        .await
        .unwrap();
}

/// Changes a partner as the operator does.
async fn edit_partner(server: &TestServer, id: &str, edit: impl Fn(&mut Partner)) {
    server.engine.edit_partner(&operator(), &server.main_pool(), &id.into(), edit).await.unwrap();
}

/// A user who administers the users of a partner.
async fn administrator(server: &TestServer, email: &str, partner: &str) -> User {
    grant(server, "user-admins", Grant::MANAGE_USERS).await;
    let user = server.user(email, &[partner]).await;
    server.join(&user, "user-admins").await;
    user
}

/// Tries a refresh.
async fn refresh(server: &TestServer, token: &str) -> Answer {
    server.json("POST", "/auth/refresh_token", &json!({ "token": token })).await
}

/// `POST /auth` with the password that all users have.
async fn auth(server: &TestServer, username: &str) -> Answer {
    attempt(server, username, PASSWORD).await
}

/// `POST /auth`.
async fn attempt(server: &TestServer, username: &str, password: &str) -> Answer {
    server.json("POST", "/auth", &json!({ "username": username, "password": password })).await
}

/// The whole answer that completes a sign-in, as [`Answer::show`] has it: to a user with this second
/// factor, or with none.
fn signed_in(factor: Option<&str>) -> String {
    let mut body = completed(factor);
    body["DeviceGroupKey"] = Value::Null;
    body["DeviceKey"] = Value::Null;
    format!("200 OK\n{body:#}")
}

/// The same of a sign-in that was made with the keys of a device.
fn signed_in_on_device(factor: Option<&str>) -> String {
    format!("200 OK\n{:#}", completed(factor))
}

/// What both have.
fn completed(factor: Option<&str>) -> Value {
    json!({
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer",
        "mfa_settings": {
            "enabled": factor.is_some(),
            "methods": { "email": factor == Some("email"), "totp": factor == Some("totp") },
            "preferred": factor,
            "required": factor.is_some(),
        },
    })
}

/// The session of the challenge that a user gets.
async fn session(server: &TestServer, username: &str) -> String {
    auth(server, username).await.get("/Session")
}

/// An access token of a user.
async fn access_token(server: &TestServer, username: &str) -> String {
    auth(server, username).await.get("/AccessToken")
}

/// `PUT /auth/challenge/mfa-token` for an authenticator app.
async fn app_code(server: &TestServer, username: &str, session: &str, code: &str) -> Answer {
    mfa_code(server, username, "SOFTWARE_TOKEN_MFA", session, code).await
}

/// `PUT /auth/challenge/mfa-token`.
async fn mfa_code(
    server: &TestServer,
    username: &str,
    challenge: &str,
    session: &str,
    code: &str,
) -> Answer {
    let body = json!({
        "username": username,
        "challenge": challenge,
        "session": session,
        "mfa_token": code,
    });
    server.json("PUT", "/auth/challenge/mfa-token", &body).await
}

/// `PUT /auth/challenge/new-password`.
async fn new_password(
    server: &TestServer,
    username: &str,
    session: &str,
    password: &str,
) -> Answer {
    let body = json!({ "username": username, "session": session, "new_password": password });
    server.json("PUT", "/auth/challenge/new-password", &body).await
}

/// The newest code that was mailed.
async fn mailed_code(server: &TestServer) -> String {
    server.newest_code().await.0
}
