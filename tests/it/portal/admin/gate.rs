use super::super::{ALICE, FRESH, configured, login, with_token};
use super::{Admin, ROOT};
use crate::support::{PASSWORD, TestServer, config};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_faces::PortalMount;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::entity::{AuthFlow, Contact};
use serde_json::json;
use std::path::Path;

/// What the API says of a user, everywhere: at login, at a refresh, of oneself, at the gate.
async fn said(server: &TestServer, username: &str) -> String {
    let answer = login(server, username).await;
    let token = answer.get("/access_token");
    let body = json!({ "refresh_token": answer.get("/refresh_token") });
    let refreshed = server.json("POST", "/api/auth/refresh-token", &body).await.json();
    let me = with_token(server, &token, "GET /api/auth/me", &json!(null)).await.json();
    let gate = with_token(server, &token, "GET /admin/groups", &json!(null)).await;
    let login = &answer.json()["user"]["is_admin"];
    format!("{login} {} {} {}", refreshed["user"]["is_admin"], me["is_admin"], gate.status)
}

#[tokio::test]
async fn everybody_is_told_the_same_everywhere() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user(ROOT, &["admin"]).await;
    let boss = server.user("boss@example.com", &[]).await;
    let mut rows = Vec::new();
    rows.push(format!("neither: {}", said(&server, ALICE).await));
    rows.push(format!("by group: {}", said(&server, ROOT).await));
    rows.push(format!("by an address not proven: {}", said(&server, "boss@example.com").await));
    server
        .edit(&boss, |user| {
            user.attributes.set("email_verified", "true");
            user.note_owner(Contact::Email);
        })
        .await;
    rows.push(format!("by address: {}", said(&server, "boss@example.com").await));
    assert_snapshot!(rows.join("\n"), @"
    neither: false false false 403 Forbidden
    by group: true true true 200 OK
    by an address not proven: false false false 403 Forbidden
    by address: true true true 200 OK
    ");
}

#[tokio::test]
async fn what_a_token_said_when_it_was_issued_does_not_count() {
    let admin = Admin::start().await;
    let server = &admin.server;
    // Or else the last administrator could not be removed.
    server.user("other@example.com", &["admin"]).await;
    assert_eq!(admin.bare("GET users").await.status, 200);
    let pool = server.main_pool();
    server.pools.remove_from_group(&operator(), &pool, ROOT, &"admin".into()).await.unwrap();
    assert_snapshot!(admin.bare("GET users").await.row(&[]), @r#"403 Forbidden {"detail":"Admin access required"}"#);
    server.pools.add_to_group(&operator(), &pool, ROOT, &"admin".into()).await.unwrap();
    assert_eq!(admin.bare("GET users").await.status, 200);
    // A disabled administrator is none, nor after being let in again, until a new sign-in.
    server.pools.disable_user(&operator(), &pool, ROOT).await.unwrap();
    assert_snapshot!(admin.bare("GET users").await.row(&["www-authenticate"]), @r#"401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer"#);
    server.pools.enable_user(&operator(), &pool, ROOT).await.unwrap();
    assert_eq!(admin.bare("GET users").await.status, 401);
}

/// Users may write any address into their profile.
#[tokio::test]
async fn who_takes_the_address_of_an_administrator() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = login(&server, ALICE).await.get("/access_token");
    let body = json!({
        "AccessToken": token,
        "UserAttributes": [{ "Name": "email", "Value": "boss@example.com" }],
    });
    assert_eq!(server.cognito().call("UpdateUserAttributes", &body).await.status, 200);
    let users = with_token(&server, &token, "GET /api/admin/users", &json!(null)).await;
    assert_eq!(users.status, 403);
    // It is not even a name of hers before she has proven it.
    assert_eq!(login(&server, "boss@example.com").await.get("/detail"), "User not found");
    assert_eq!(said(&server, ALICE).await, "false false false 403 Forbidden");
    // Nor may they say that it is verified.
    let body = json!({
        "AccessToken": token,
        "UserAttributes": [{ "Name": "email_verified", "Value": "true" }],
    });
    assert_eq!(server.cognito().call("UpdateUserAttributes", &body).await.status, 400);
}

/// Where usernames are free, one can look like the address of an administrator.
#[tokio::test]
async fn who_has_the_address_of_an_administrator_for_a_username() {
    let mut config = config(Path::new(""));
    let pool = &mut config.pools[0];
    pool.username_attributes.clear();
    pool.rules.auto_verified = vec![Contact::Email];
    pool.clients.iter_mut().for_each(|client| client.flows.push(AuthFlow::UserPassword));
    let server = TestServer::with(config).await;
    let body = json!({
        "ClientId": "portal",
        "Username": "boss@example.com",
        "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email", "Value": "sly@example.com" }],
    });
    assert_eq!(server.cognito().call("SignUp", &body).await.status, 200);
    let code = super::super::code(&server, "sly@example.com").await;
    let body =
        json!({ "ClientId": "portal", "Username": "boss@example.com", "ConfirmationCode": code });
    assert_eq!(server.cognito().call("ConfirmSignUp", &body).await.status, 200);
    assert_eq!(said(&server, "boss@example.com").await, "false false false 403 Forbidden");
}

#[tokio::test]
async fn strangers_are_told_nothing_by_any_route_under_either_prefix() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let token = login(&server, ALICE).await.get("/access_token");
    let mut rows = Vec::new();
    for route in PortalMount::routes().iter().filter(|route| route.path.contains("admin")) {
        for path in [route.path.to_owned(), route.path.replace("/api/admin", "/admin")] {
            let line = format!("{} {}", route.method, path.replace(['{', '}'], ""));
            for token in ["", token.as_str()] {
                let body = json!({ "email": FRESH, "limit": [] });
                let answer = with_token(&server, token, &line, &body).await;
                rows.push(answer.row(&["www-authenticate"]));
            }
        }
    }
    assert_eq!(rows.len(), 13 * 4);
    rows.sort();
    rows.dedup();
    assert_snapshot!(rows.join("\n"), @r#"
    401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    403 Forbidden {"detail":"Admin access required"}
    "#);
}

#[tokio::test]
async fn both_prefixes_are_one() {
    let server = configured(|api| api.prefix = "/portal".to_owned()).await;
    server.user(ROOT, &["admin"]).await;
    let body = json!({ "username": ROOT, "password": PASSWORD });
    let token = server.json("POST", "/portal/api/auth/login", &body).await.get("/access_token");
    let get = async |path: &str| {
        with_token(&server, &token, &format!("GET /portal{path}"), &json!(null)).await.text
    };
    assert_eq!(get("/api/admin/groups").await, get("/admin/groups/").await);
    assert_eq!(get("/api/admin/users/a").await, get("/admin/users/a").await);
    assert_eq!(get("/adminx/groups").await, r#"{"detail":"Not Found"}"#);
}
