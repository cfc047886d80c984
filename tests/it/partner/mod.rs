//! The partner API.

mod auth;
mod mfa_token;
mod new_password;
mod partners;
mod refresh_token;
mod status;

use crate::support::{Answer, PASSWORD, TestServer};
use serde_json::json;

const ALICE: &str = "alice@example.com";
const BOB: &str = "bob@example.com";

/// `POST /auth` with the password that all users have.
async fn auth(server: &TestServer, username: &str) -> Answer {
    server.json("POST", "/auth", &json!({ "username": username, "password": PASSWORD })).await
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

/// The code of the newest mail.
async fn mailed_code(server: &TestServer) -> String {
    server.engine.outbox(1).await.unwrap()[0].code.as_ref().unwrap().expose().to_owned()
}
