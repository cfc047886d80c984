//! The portal API.

mod admin;
mod attempts;
mod change_password;
mod complete_mfa;
mod complete_password_change;
mod cors;
mod forgot_password;
mod health;
mod login;
mod logout;
mod me;
mod paths;
mod refresh_token;
mod register;
mod reset_password;

use crate::support::{Answer, PASSWORD, TestServer, config};
use poolkeeper::config::{Config, PortalApiConfig};
use serde_json::{Value, json};
use std::path::Path;

const ALICE: &str = "alice@example.com";
const FRESH: &str = "N3w-Passw0rd";

/// A server whose portal API is configured otherwise.
async fn configured(change: impl FnOnce(&mut PortalApiConfig)) -> TestServer {
    TestServer::configured(|config| change(config.portal_api.as_mut().unwrap())).await
}

/// `POST /api/auth/login` with the password that all users have.
async fn login(server: &TestServer, username: &str) -> Answer {
    attempt(server, username, PASSWORD).await
}

/// `POST /api/auth/login`.
async fn attempt(server: &TestServer, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    server.json("POST", "/api/auth/login", &body).await
}

/// A call with an access token.
async fn with_token(server: &TestServer, token: &str, line: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    server.call(line, &headers, body.to_string()).await
}

/// The newest code that was sent to an address.
async fn code(server: &TestServer, to: &str) -> String {
    server.code_for(to).await
}

/// A configuration under which no answer tells who exists.
fn hiding() -> Config {
    let mut config = config(Path::new(""));
    config.portal_api.as_mut().unwrap().hide_unknown_users = true;
    let clients = &mut config.pools[0].clients;
    clients.iter_mut().find(|client| client.id.as_str() == "portal").unwrap().hides_users = true;
    config
}
