//! Groups that are believed for a while: what is changed through this server counts at once, what is
//! changed at Amazon itself a little later.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Grant;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const LIFE: Duration = Duration::from_secs(10);
const BOSS: &str = "boss@example.com";
const ACME: &str = "partner-id-acme";

/// A server with an administrator of everything.
async fn server() -> TestServer {
    let how = AtAmazon { group_life: LIFE, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    for group in ["user-admins", "webapp-access-group-1"] {
        server.make_group(group).await;
        let (pool, permission) = (server.main_pool(), Grant::MANAGE_USERS.to_owned());
        let grant = Grant { pool, group: group.into(), partner: None, permission };
        server.engine.grant(&operator(), grant).await.unwrap();
    }
    server.user(BOSS, &["admin", ACME, "user-admins"]).await;
    server
}

/// Signs in at the partner API, or at the portal.
async fn token(server: &TestServer, path: &str, user: &str) -> String {
    let body = json!({ "username": user, "password": PASSWORD });
    let answer = server.json("POST", path, &body).await.json();
    let token = ["AccessToken", "access_token"].iter().find_map(|name| answer[*name].as_str());
    token.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn call(server: &TestServer, line: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    server.call(line, &headers, body.to_string()).await
}

/// What a user with this token may do at the partner API.
async fn permissions(server: &TestServer, token: &str) -> String {
    let answer = call(server, "GET /permissions", token, &Value::Null).await;
    format!("{} {}", answer.status.as_u16(), answer.text)
}

/// What the portal's administrator asks for, which must be done.
async fn administer(server: &TestServer, line: &str, body: &Value) {
    let boss = token(server, "/api/auth/login", BOSS).await;
    let answer = call(server, line, &boss, body).await;
    assert_eq!(answer.status, 200, "{line}: {}", answer.text);
}

#[tokio::test]
async fn groups_that_the_portal_changes_count_at_once() {
    let server = server().await;
    server.user(ALICE, &[ACME, "admin"]).await;
    let [partner, portal] =
        [token(&server, "/auth", ALICE).await, token(&server, "/api/auth/login", ALICE).await];
    let mut rows = Vec::new();
    for (verb, group) in [
        ("POST", "account-disabled"),
        ("DELETE", "account-disabled"),
        ("DELETE", ACME),
        ("POST", ACME),
        ("DELETE", "admin"),
    ] {
        // What is known now is remembered.
        permissions(&server, &partner).await;
        call(&server, "GET /api/admin/groups", &portal, &Value::Null).await;
        let line = format!("{verb} /api/admin/users/{ALICE}/groups/{group}");
        administer(&server, &line, &Value::Null).await;
        let groups = call(&server, "GET /api/admin/groups", &portal, &Value::Null).await.status;
        let permissions = permissions(&server, &partner).await;
        rows.push(format!("{verb} {group}: {permissions}, portal {}", groups.as_u16()));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    POST account-disabled: 401 {"message":"error.auth.account_disabled","error_code":"ACCOUNT_DISABLED"}, portal 200
    DELETE account-disabled: 200 [], portal 200
    DELETE partner-id-acme: 403 {"message":"error.partner.forbidden","error_code":"PARTNER_FORBIDDEN"}, portal 200
    POST partner-id-acme: 200 [], portal 200
    DELETE admin: 200 [], portal 403
    "#);
}

/// A group that is deleted has no members.
#[tokio::test]
async fn a_group_that_is_deleted_counts_at_once() {
    let server = server().await;
    server.user(ALICE, &[ACME]).await;
    let alice = token(&server, "/auth", ALICE).await;
    let before = permissions(&server, &alice).await;
    administer(&server, &format!("DELETE /api/admin/groups/{ACME}"), &Value::Null).await;
    assert_snapshot!([before, permissions(&server, &alice).await].join("\n"), @r#"
    200 []
    403 {"message":"error.partner.forbidden","error_code":"PARTNER_FORBIDDEN"}
    "#);
}

#[tokio::test]
async fn what_a_partner_s_administrator_does_counts_at_once() {
    let server = server().await;
    server.user(ALICE, &[ACME]).await;
    let boss = token(&server, "/auth", BOSS).await;
    let mut alice = token(&server, "/auth", ALICE).await;
    let mut rows = Vec::new();
    for (verb, body) in [
        ("groups", json!({ "groups": ["webapp-access-group-1"] })),
        ("disable", Value::Null),
        ("enable", Value::Null),
    ] {
        permissions(&server, &alice).await;
        let line = format!("PUT /auth/partners/users/{ALICE}/{verb}");
        let done = call(&server, &line, &boss, &body).await;
        assert_eq!(done.status, 204, "{line}: {}", done.text);
        let body = json!({ "username": ALICE, "password": PASSWORD });
        let sign_in = server.json("POST", "/auth", &body).await;
        let told = [permissions(&server, &alice).await, sign_in.status.as_u16().to_string()];
        rows.push(format!("{verb}: {}", told.join(", sign-in ")));
        if sign_in.status == 200 {
            alice = sign_in.get("/AccessToken");
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    groups: 200 ["user.manage"], sign-in 200
    disable: 401 {"message":"error.auth.token_invalid","error_code":"TOKEN_INVALID"}, sign-in 401
    enable: 401 {"message":"error.auth.token_invalid","error_code":"TOKEN_INVALID"}, sign-in 200
    "#);
}

/// Under the name of somebody who is deleted, somebody else has no more rights than his own.
#[tokio::test]
async fn a_user_who_is_made_again_is_somebody_else() {
    let server = server().await;
    server.user(ALICE, &[ACME]).await;
    let first = token(&server, "/auth", ALICE).await;
    let mut rows = vec![permissions(&server, &first).await];
    administer(&server, &format!("DELETE /api/admin/users/{ALICE}"), &Value::Null).await;
    rows.push(permissions(&server, &first).await);
    let body = json!({
        "username": ALICE, "email": ALICE, "temporary_password": "Temp0rary!", "send_email": false,
    });
    administer(&server, "POST /api/admin/users", &body).await;
    server.give_password(ALICE, PASSWORD, true).await;
    rows.push(permissions(&server, &first).await);
    rows.push(permissions(&server, &token(&server, "/auth", ALICE).await).await);
    assert_snapshot!(rows.join("\n"), @r#"
    200 []
    401 {"message":"error.auth.token_invalid","error_code":"TOKEN_INVALID"}
    401 {"message":"error.auth.token_invalid","error_code":"TOKEN_INVALID"}
    403 {"message":"error.partner.forbidden","error_code":"PARTNER_FORBIDDEN"}
    "#);
}

/// What is changed at Amazon is seen when the groups are not believed any more.
#[tokio::test]
async fn groups_that_change_elsewhere_count_after_a_while() {
    let server = server().await;
    let user = server.user(ALICE, &[ACME]).await;
    let alice = token(&server, "/auth", ALICE).await;
    let mut rows = vec![permissions(&server, &alice).await];
    server.join(&user, "account-disabled").await;
    server.clock.advance(Duration::from_millis(9_999));
    rows.push(permissions(&server, &alice).await);
    server.clock.advance(Duration::from_millis(1));
    rows.push(permissions(&server, &alice).await);
    assert_snapshot!(rows.join("\n"), @r#"
    200 []
    200 []
    401 {"message":"error.auth.account_disabled","error_code":"ACCOUNT_DISABLED"}
    "#);
}
