//! Requests that are cut short: the caller has gone, or Amazon falls silent, after Amazon has done what
//! cannot be undone. What follows from that is done all the same.

use super::ALICE;
use crate::support::*;
use poolkeeper::server::{self, Limits as ServerLimits};
use poolkeeper::system;
use poolkeeper_aws::Limits;
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::entity::Grant;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::time::Timestamp;
use serde_json::{Value, json};
use std::future::pending;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

const FRESH: &str = "N3w-Passw0rd";
const ADMIN: &str = "admin@example.com";
const ACME: &str = "partner-id-acme";
const SIGN_OUT: &str = "AdminUserGlobalSignOut";

/// A server whose "Amazon" falls silent at will. An answer may take so long.
async fn server(answer: Duration) -> TestServer {
    let limits = Limits { attempts: 1, answer, ..AtAmazon::default().limits };
    let how = AtAmazon { limits, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.proxy().set(Fault::Listen);
    let alice = server.user(ALICE, &[ACME]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    for group in ["user-admins", "webapp-access-group-1"] {
        server.make_group(group).await;
        let (pool, permission) = (server.main_pool(), Grant::MANAGE_USERS.to_owned());
        let grant = Grant { pool, group: group.into(), partner: None, permission };
        server.engine.grant(&system::operator(), grant).await.unwrap();
    }
    server.user(ADMIN, &["admin", ACME, "user-admins"]).await;
    server
}

async fn token(server: &TestServer, client: &str, user: &str) -> String {
    let password = json!({ "USERNAME": user, "PASSWORD": PASSWORD });
    let flow = "ADMIN_USER_PASSWORD_AUTH";
    let answer = server.cognito().admin_initiate(client, flow, password).await;
    answer.get("/AuthenticationResult/AccessToken")
}

/// The body that replaces Alice's forgotten password.
async fn reset(server: &TestServer) -> Value {
    let asked = json!({ "ClientId": PORTAL_CLIENT, "Username": ALICE });
    assert_eq!(server.cognito().call("ForgotPassword", &asked).await.status, 200);
    let code = server.newest_code().await.0;
    json!({ "username": ALICE, "code": code, "new_password": FRESH })
}

/// From now on, the first call of an operation goes so.
fn first(server: &TestServer, operation: &'static str, how: How) {
    server.proxy().operations();
    server.proxy().set(Fault::Calls(vec![CallFault { operation, number: 1, how }].leak()));
}

/// From now on, "Amazon" does not hear the first call of an operation, and does not answer it.
fn silence(server: &TestServer, operation: &'static str) {
    first(server, operation, How::Silent);
}

/// From now on, "Amazon" does what the first call of an operation asks, and does not answer it.
fn hold(server: &TestServer, operation: &'static str) {
    first(server, operation, How::Held);
}

/// Sends a request, and gives it up when "Amazon" has heard an operation.
async fn cut(server: &TestServer, line: &str, token: Option<&str>, body: &Value, operation: &str) {
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(token.map(|_| ("authorization", bearer.as_str())));
    tokio::select! {
        answer = server.call(line, &headers, body.to_string()) => panic!("{line}: {answer:?}"),
        () = server.proxy().hears(operation) => {}
    }
}

/// What remains to be done.
async fn remaining(server: &TestServer) -> Vec<String> {
    let end = Timestamp::from_seconds(i64::from(u32::MAX));
    let rows = server.store.due_follow_ups(&server.main_pool(), end, 9).await.unwrap();
    rows.iter().map(|row| format!("{:?} {}", row.work, row.attempts)).collect()
}

/// Does what remains and is due after so long: these calls.
async fn catch_up_after(server: &TestServer, time: Duration) -> Vec<String> {
    server.proxy().set(Fault::Listen);
    server.proxy().operations();
    server.clock.advance(time);
    server.pools.catch_up(&system::server()).await;
    server.proxy().operations()
}

/// A caller who hangs up while the sign-ins are being ended has ended them.
#[tokio::test]
async fn a_caller_who_has_gone_leaves_nothing_undone() {
    let server = server(Duration::from_secs(20)).await;
    let body = reset(&server).await;
    silence(&server, SIGN_OUT);
    cut(&server, "POST /api/auth/reset-password", None, &body, SIGN_OUT).await;
    assert_eq!(remaining(&server).await, ["EndEverything 0"]);
    // The one who asked may be at it still.
    assert!(catch_up_after(&server, Duration::from_secs(59)).await.is_empty());
    assert_eq!(remaining(&server).await, ["EndEverything 0"]);
    let done = catch_up_after(&server, Duration::from_secs(1)).await;
    assert_eq!(done, [SIGN_OUT, "AdminListDevices"]);
    assert!(remaining(&server).await.is_empty());
}

/// The same of a user who is to join groups: all of them are noted before the first is tried.
#[tokio::test]
async fn a_new_user_whose_maker_has_gone_gets_all_groups() {
    let server = server(Duration::from_secs(20)).await;
    let admin = token(&server, PARTNER_CLIENT, ADMIN).await;
    let new = "new@example.com";
    let body = json!({ "email": new, "password": PASSWORD, "groups": ["webapp-access-group-1"] });
    silence(&server, "AdminAddUserToGroup");
    let line = "POST /auth/partners/users";
    cut(&server, line, Some(&admin), &body, "AdminAddUserToGroup").await;
    assert_eq!(remaining(&server).await.len(), 2);
    let done = catch_up_after(&server, Duration::from_mins(1)).await;
    assert_eq!(done, ["AdminAddUserToGroup"; 2]);
    assert!(remaining(&server).await.is_empty());
    let (request, pool) = (system::operator(), server.main_pool());
    let groups = server.engine.groups_of(&request, &pool, new).await.unwrap();
    let groups: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, [ACME, "webapp-access-group-1"]);
}

/// If "Amazon" falls silent after the password was set, the caller is told that it was.
#[tokio::test]
async fn an_amazon_that_falls_silent_is_asked_again_later() {
    let server = server(Duration::from_millis(500)).await;
    let admin = token(&server, PORTAL_CLIENT, ADMIN).await;
    for (path, body) in
        [("reset-password", json!({ "temporary_password": FRESH })), ("disable", json!({}))]
    {
        silence(&server, SIGN_OUT);
        let line = format!("POST /api/admin/users/{ALICE}/{path}");
        let bearer = format!("Bearer {admin}");
        let headers = [("content-type", "application/json"), ("authorization", &bearer)];
        let answer = server.call(&line, &headers, body.to_string()).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
        assert_eq!(remaining(&server).await, ["EndEverything 0"], "{line}");
        let done = catch_up_after(&server, Duration::from_mins(1)).await;
        assert_eq!(done, [SIGN_OUT, "AdminListDevices"], "{line}");
        assert!(remaining(&server).await.is_empty(), "{line}");
    }
}

/// Over a socket: whoever hangs up while the password is being set has still ended the sign-ins.
#[tokio::test]
async fn a_connection_that_breaks_ends_no_request_that_has_begun() {
    let server = server(Duration::from_secs(20)).await;
    let body = reset(&server).await.to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let router = server.router();
    let serving = tokio::spawn(async move {
        let (limits, proxies) = (ServerLimits::default(), TrustedProxies::default());
        server::serve(&limits, &proxies, listener, router, pending()).await;
    });
    hold(&server, "ConfirmForgotPassword");
    let request = format!(
        "POST /api/auth/reset-password HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    server.proxy().hears("ConfirmForgotPassword").await;
    drop(stream);
    // The server notices that before Amazon answers.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    server.proxy().set(Fault::Listen);
    server.proxy().hears(SIGN_OUT).await;
    while !remaining(&server).await.is_empty() {
        tokio::task::yield_now().await;
    }
    serving.abort();
}
