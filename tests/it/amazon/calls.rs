//! How many calls each main endpoint makes to Amazon. Each counts in a quota, and some cost money:
//! `docs/amazon-cognito.md` has the same table.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// The table, with a row for each request.
struct Calls<'a> {
    server: &'a TestServer,
    rows: String,
}

impl Calls<'_> {
    /// Sends a request and notes what it asked of Amazon.
    async fn row(&mut self, name: &str, line: &str, token: Option<&str>, body: &str) -> Answer {
        let bearer = format!("Bearer {}", token.unwrap_or_default());
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(token.map(|_| ("authorization", bearer.as_str())));
        self.server.proxy().operations();
        let answer = self.server.call(line, &headers, body.to_owned()).await;
        assert!(answer.status.is_success(), "{name}: {} {}", answer.status, answer.text);
        let mut asked = self.server.proxy().operations();
        // Some are made at once.
        asked.sort();
        writeln!(self.rows, "{name}: {} {}", asked.len(), asked.join(" ")).unwrap();
        answer
    }
}

#[tokio::test]
async fn each_main_endpoint() {
    let how =
        AtAmazon { proxied: true, group_life: Duration::from_secs(10), ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    server.totp_user("tina@example.com", &[]).await;
    server.proxy().set(Fault::Listen);
    let mut calls = Calls { server: &server, rows: String::new() };
    let person = json!({ "username": ALICE, "password": PASSWORD }).to_string();
    let login = calls.row("portal sign-in", "POST /api/auth/login", None, &person).await;
    let token = login.get("/access_token");
    for name in ["portal call, cold", "portal call, warm"] {
        calls.row(name, "GET /api/auth/me", Some(&token), "").await;
    }
    server.clock.advance(Duration::from_secs(11));
    calls.row("portal call, cold again", "GET /api/auth/me", Some(&token), "").await;
    let refresh = json!({ "refresh_token": login.get("/refresh_token") }).to_string();
    calls.row("portal refresh", "POST /api/auth/refresh-token", None, &refresh).await;
    calls.row("partner sign-in", "POST /auth", None, &person).await;
    let tenant = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    calls.row("tenant sign-in", "POST /Login", None, &tenant.to_string()).await;
    let tina = json!({ "username": "tina@example.com", "password": PASSWORD }).to_string();
    let asked = calls.row("partner sign-in up to a challenge", "POST /auth", None, &tina).await;
    let answer = json!({
        "username": "tina@example.com",
        "session": asked.get("/Session"),
        "challenge": "SOFTWARE_TOKEN_MFA",
        "mfa_token": server.totp_code(),
    });
    let line = "PUT /auth/challenge/mfa-token";
    calls.row("partner answer to the challenge", line, None, &answer.to_string()).await;
    assert_snapshot!(calls.rows, @r"
    portal sign-in: 2 AdminInitiateAuth GetUser
    portal call, cold: 2 AdminListGroupsForUser GetUser
    portal call, warm: 1 GetUser
    portal call, cold again: 2 AdminListGroupsForUser GetUser
    portal refresh: 2 GetTokensFromRefreshToken GetUser
    partner sign-in: 2 AdminInitiateAuth GetUser
    tenant sign-in: 2 AdminInitiateAuth GetUser
    partner sign-in up to a challenge: 3 AdminGetUser AdminInitiateAuth AdminListGroupsForUser
    partner answer to the challenge: 3 AdminListGroupsForUser AdminRespondToAuthChallenge GetUser
    ");
}
