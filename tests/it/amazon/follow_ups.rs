//! What Amazon has done cannot be undone: the caller is told so, whatever fails after it, and what
//! remains is done later.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper::system;
use poolkeeper_aws::Limits;
use poolkeeper_pool::backend::administration::{Administration as _, NewGroup};
use poolkeeper_pool::backend::follow_ups::FollowUps as _;
use poolkeeper_pool::backend::self_service::{Registration, SelfService as _};
use poolkeeper_pool::backend::user_pool::Via;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, FollowUp, FollowUpWork};
use poolkeeper_pool::ids::GroupName;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::time::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const FRESH: &str = "N3w-Passw0rd";
const JSON: (&str, &str) = ("content-type", "application/json");
const ADMIN: &str = "admin@example.com";

/// A server whose "Amazon" throttles at will; nothing is tried twice in one request.
async fn server() -> TestServer {
    let limits = Limits { attempts: 1, ..Limits::default() };
    let how = AtAmazon { limits, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    let alice = server.user(ALICE, &[]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    server.user(ADMIN, &["admin"]).await;
    server
}

async fn log_in(server: &TestServer, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    server.json("POST", "/api/auth/login", &body).await
}

/// The status of a call with an access token.
async fn me(server: &TestServer, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let answer = server.bare("GET", "/api/auth/me", &[("authorization", &bearer)]).await;
    answer.status.as_u16()
}

/// From now on "Amazon" does this, and no connection is left of before.
async fn set(server: &TestServer, fault: Fault, token: &str) {
    server.proxy().set(fault);
    for _ in 0..5 {
        me(server, token).await;
    }
}

/// A call of the portal's administrator while Amazon throttles an operation.
async fn throttled(
    server: &TestServer,
    operation: &'static str,
    line: &str,
    body: &Value,
) -> Answer {
    let token = log_in(server, ADMIN, PASSWORD).await.get("/access_token");
    set(server, Fault::Throttle(operation), &token).await;
    let bearer = format!("Bearer {token}");
    let answer = server.call(line, &[("authorization", &bearer), JSON], body.to_string()).await;
    set(server, Fault::None, &token).await;
    answer
}

/// Does what remains, at a time when it is due and Amazon is not left alone any more.
async fn catch_up(server: &TestServer) {
    server.clock.advance(Duration::from_mins(6));
    server.pools.catch_up(&system::server()).await;
}

/// What remains to be done, and how often it was tried.
async fn remaining(server: &TestServer) -> String {
    let end = Timestamp::from_seconds(i64::from(u32::MAX));
    let rows = server.store.due_follow_ups(&server.main_pool(), end, 9).await.unwrap();
    let row = |row: &FollowUp| format!("{:?} {}", row.work, row.attempts);
    rows.iter().map(row).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_password_that_was_reset_ends_the_sign_ins_later() {
    let server = server().await;
    let token = log_in(&server, ALICE, PASSWORD).await.get("/access_token");
    let forgot = json!({ "username": ALICE });
    assert_eq!(server.json("POST", "/api/auth/forgot-password", &forgot).await.status, 200);
    let code = server.newest_code().await.0;
    set(&server, Fault::Throttle("AdminUserGlobalSignOut"), &token).await;
    let reset = json!({ "username": ALICE, "code": code, "new_password": FRESH });
    let answer = server.json("POST", "/api/auth/reset-password", &reset).await;
    assert_snapshot!(answer.row(&[]), @r#"200 OK {"message":"Password reset successfully","success":true}"#);
    assert_snapshot!(remaining(&server).await, @"EndEverything 0");
    set(&server, Fault::None, &token).await;
    catch_up(&server).await;
    assert_snapshot!(remaining(&server).await, @"");
    assert_eq!(log_in(&server, ALICE, FRESH).await.status, 200);
}

#[tokio::test]
async fn what_fails_again_is_tried_again() {
    let server = server().await;
    let token = log_in(&server, ALICE, PASSWORD).await.get("/access_token");
    let operation = "AdminUserGlobalSignOut";
    for (line, body) in [
        (format!("POST /api/admin/users/{ALICE}/reset-password"), json!({ "password": FRESH })),
        (format!("POST /api/admin/users/{ALICE}/disable"), json!({})),
    ] {
        let answer = throttled(&server, operation, &line, &body).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
    }
    assert_snapshot!(remaining(&server).await, @"EndEverything 0, EndEverything 0");
    set(&server, Fault::Throttle(operation), &token).await;
    catch_up(&server).await;
    assert_snapshot!(remaining(&server).await, @"EndEverything 1, EndEverything 1");
    set(&server, Fault::None, &token).await;
    server.pools.catch_up(&system::server()).await;
    assert_snapshot!(remaining(&server).await, @"EndEverything 1, EndEverything 1");
    catch_up(&server).await;
    assert_snapshot!(remaining(&server).await, @"");
}

/// A user whom Amazon has made is there, though the code or the group came to nothing.
#[tokio::test]
async fn a_new_user_gets_the_groups_later() {
    let server = server().await;
    let token = log_in(&server, ADMIN, PASSWORD).await.get("/access_token");
    let (pool, request) = (server.main_pool(), system::operator());
    let group = NewGroup {
        pool: pool.clone(),
        name: GroupName::from("staff"),
        description: None,
        role_arn: None,
        precedence: None,
    };
    server.pools.create_group(&request, group).await.unwrap();
    for (fault, remains) in [
        (Fault::Throttle("AdminAddUserToGroup"), "JoinGroup(GroupName(\"staff\")) 0"),
        (Fault::Done("SignUp", "CodeDeliveryFailureException"), ""),
    ] {
        let username = format!("new{}@example.com", remains.len());
        set(&server, fault, &token).await;
        let new = Registration {
            via: Via::trusted(&server.client("public")),
            username: username.clone(),
            password: Some(Secret::from(PASSWORD)),
            attributes: Attributes::from_iter([("email", username.clone())]),
            groups: vec![GroupName::from("staff")],
            by_administrator: true,
        };
        let made = server.pools.register(&request, new).await.unwrap();
        assert_eq!(made.delivery, None);
        assert_eq!(remaining(&server).await, remains);
        set(&server, Fault::None, &token).await;
        catch_up(&server).await;
        let groups = server.pools.groups_of(&request, &pool, &username).await.unwrap();
        assert_eq!(groups.len(), 1, "{fault:?}");
    }
}

/// So that what is told as made is not removed at the same moment.
#[tokio::test]
async fn what_is_being_tried_is_not_withdrawn() {
    let server = server().await;
    let (request, pool) = (system::operator(), server.main_pool());
    let keep = || server.engine.keep_follow_up(&request, &pool, ALICE, FollowUpWork::RemoveUser);
    let untried = keep().await.unwrap();
    assert!(server.engine.withdraw_follow_up(&request, &untried).await.unwrap());
    assert!(!server.engine.withdraw_follow_up(&request, &untried).await.unwrap());
    let tried = keep().await.unwrap();
    server.clock.advance(Duration::from_mins(1));
    let claimed = server.engine.claim_follow_ups(&request, &pool).await.unwrap();
    assert_eq!(claimed.into_iter().map(|claimed| claimed.id).collect::<Vec<_>>(), [&*tried]);
    assert!(!server.engine.withdraw_follow_up(&request, &tried).await.unwrap());
}
