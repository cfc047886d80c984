//! The portal API.

mod complete_password_change;
mod cors;
mod health;
mod login;
mod logout;
mod me;
mod refresh_token;

use crate::support::{Answer, PASSWORD, TestServer};
use serde_json::json;

const ALICE: &str = "alice@example.com";

/// `POST /api/auth/login` with the password that all users have.
async fn login(server: &TestServer, username: &str) -> Answer {
    attempt(server, username, PASSWORD).await
}

/// `POST /api/auth/login`.
async fn attempt(server: &TestServer, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    server.json("POST", "/api/auth/login", &body).await
}
