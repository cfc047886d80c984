//! What is one request, the same each time.

use super::bench::{Operation, Parts, Tokens, callers, cognito, login_request};
use super::client::{Client, request};
use super::flows::text;
use super::server::{CLIENT, TENANT, USER};
use super::serving::PASSWORD;
use super::work::{Weight, Work};
use anyhow::Result;
use serde_json::{Value, json};
use std::net::SocketAddr;

const LOGIN: Parts = Parts { argon2: 1, sign: 2, commit: 1, ..Parts::REQUEST };

const LOGIN_REST: &str = "finding client, user, groups and lockout, the claims, JSON, the ways between \
    threads; and that all of it finds the caches emptied by the hash, while the bare parts find theirs \
    full";

const FACE_REST: &str = "the same in the engine: what differs from InitiateAuth is the API";

pub(super) fn all(address: SocketAddr, tokens: &Tokens) -> Result<Vec<Operation>> {
    let operation = |name, weight, request: Vec<u8>, parts, rest| -> Result<Operation> {
        let work = Work::new(name, weight, callers(address, &request)?);
        Ok(Operation { work, parts, rest })
    };
    let login =
        |name, line, body| operation(name, Weight::Heavy, json(line, &body)?, LOGIN, FACE_REST);
    let (access, refresh) = (tokens.get("AccessToken")?, tokens.get("RefreshToken")?);
    let refresh = json!({
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": { "REFRESH_TOKEN": refresh },
    });
    let partner = json("POST /auth", &json!({ "username": USER, "password": PASSWORD }))?;
    let answer = Client::connect(address)?.call(&partner, "200")?.to_vec();
    // The partner API takes tokens of its own app client only.
    let bearer = format!("Bearer {}", text(&serde_json::from_slice(&answer)?, "/AccessToken")?);
    Ok(vec![
        operation(
            "password login, InitiateAuth",
            Weight::Heavy,
            login_request(USER)?,
            LOGIN,
            LOGIN_REST,
        )?,
        operation("partner login, POST /auth", Weight::Heavy, partner, LOGIN, FACE_REST)?,
        login(
            "portal login, POST /api/auth/login",
            "POST /api/auth/login",
            json!({ "username": USER, "password": PASSWORD }),
        )?,
        login(
            "tenant login, POST /Login",
            "POST /Login",
            json!({ "TenantName": TENANT, "UserName": USER, "Password": PASSWORD }),
        )?,
        operation(
            "refresh, InitiateAuth",
            Weight::Light,
            cognito("InitiateAuth", &refresh)?,
            Parts { sign: 2, ..Parts::REQUEST },
            "opening the refresh token, reading client, pool, session, user and groups, the claims, JSON",
        )?,
        operation(
            "GetUser",
            Weight::Light,
            cognito("GetUser", &json!({ "AccessToken": access }))?,
            Parts { verify: 1, ..Parts::REQUEST },
            "reading the token, a read of the database, and its records; the parts are so cheap that these weigh as much",
        )?,
        operation(
            "partner, GET /permissions",
            Weight::Light,
            request("GET /permissions", &[("authorization", &bearer)], "")?,
            Parts { verify: 1, ..Parts::REQUEST },
            "the same as for GetUser, with groups, partner and permissions to read",
        )?,
    ])
}

fn json(line: &str, body: &Value) -> Result<Vec<u8>> {
    request(line, &[("content-type", "application/json")], &body.to_string())
}
