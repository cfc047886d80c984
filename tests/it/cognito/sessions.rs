//! The sign-ins of a user: listed, limited, ended one by one.

use crate::support::{Answer, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const ANN: &str = "ann";

async fn tracking(server: &TestServer, most: u32) -> TestPool<'_> {
    let pool = server.pool(json!({})).await;
    let rules = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": most } });
    assert_eq!(pool.admin("SetUserPoolSessionConfiguration", rules).await.status, 200);
    pool.user(ANN, &[]).await;
    pool
}

async fn own(pool: &TestPool<'_>, token: &str) -> Answer {
    pool.server.cognito().call("ListUserSessions", &json!({ "AccessToken": token })).await
}

/// The ids of a user's sessions, newest first.
async fn ids(pool: &TestPool<'_>) -> Vec<String> {
    let listed = pool.admin("AdminListUserSessions", json!({ "Username": ANN })).await.json();
    let ids = listed["Sessions"].as_array().unwrap().iter();
    ids.map(|session| session["SessionId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_setting() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let mut table = Table::default();
    table.row("default", &pool.admin("GetUserPoolSessionConfiguration", json!({})).await);
    for most in [5, 0, 101] {
        let rules =
            json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": most } });
        table.row(&most.to_string(), &pool.admin("SetUserPoolSessionConfiguration", rules).await);
    }
    table.row("set", &pool.admin("GetUserPoolSessionConfiguration", json!({})).await);
    let unknown = json!({ "UserPoolId": "eu-west-1_unknown" });
    let unknown = server.cognito().admin("GetUserPoolSessionConfiguration", &unknown).await;
    table.row("unknown pool", &unknown);
    assert_snapshot!(table.to_string().replace(&pool.id, "[pool]"), @r#"
    default: 200 {"UserPoolId":"[pool]","UserSessionTracking":"DISABLED","TokenSession":{"MaxPerUser":20}}
    5: 200 {"UserPoolId":"[pool]","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":5}}
    0: 400 InvalidParameterException "1 validation error detected: Value '0' at 'tokenSession.maxPerUser' failed to satisfy constraint: Member must have value greater than or equal to 1"
    101: 400 InvalidParameterException "1 validation error detected: Value '101' at 'tokenSession.maxPerUser' failed to satisfy constraint: Member must have value less than or equal to 100"
    set: 200 {"UserPoolId":"[pool]","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":5}}
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_unknown does not exist."
    "#);
}

#[tokio::test]
async fn the_setting_of_a_client() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let client = |id: &str| json!({ "ClientId": id });
    let mut table = Table::default();
    let get = "GetUserPoolClientSessionConfiguration";
    table.row("default", &pool.admin(get, client(&pool.client)).await);
    for minutes in [90, -1, 129_601] {
        let mut rules = client(&pool.client);
        rules["SSOSession"] = json!({ "MaxValidityMinutes": minutes });
        let set = pool.admin("SetUserPoolClientSessionConfiguration", rules).await;
        table.row(&minutes.to_string(), &set);
    }
    table.row("set", &pool.admin(get, client(&pool.client)).await);
    table.row("unknown client", &pool.admin(get, client("unknown")).await);
    let shown = table.to_string().replace(&pool.id, "[pool]").replace(&pool.client, "[client]");
    assert_snapshot!(shown, @r#"
    default: 200 {"UserPoolId":"[pool]","ClientId":"[client]","SSOSession":{"MaxValidityMinutes":60}}
    90: 200 {"UserPoolId":"[pool]","ClientId":"[client]","SSOSession":{"MaxValidityMinutes":90}}
    -1: 400 InvalidParameterException "1 validation error detected: Value '-1' at 'sSOSession.maxValidityMinutes' failed to satisfy constraint: Member must have value greater than or equal to 0"
    129601: 400 InvalidParameterException "1 validation error detected: Value '129601' at 'sSOSession.maxValidityMinutes' failed to satisfy constraint: Member must have value less than or equal to 129600"
    set: 200 {"UserPoolId":"[pool]","ClientId":"[client]","SSOSession":{"MaxValidityMinutes":90}}
    unknown client: 400 ResourceNotFoundException "User pool client unknown does not exist."
    "#);
}

#[tokio::test]
async fn listed_newest_first_with_a_mark_on_ones_own() {
    let server = TestServer::start().await;
    let pool = tracking(&server, 20).await;
    pool.tokens(ANN).await;
    server.clock.advance(Duration::from_mins(1));
    let token = pool.tokens(ANN).await.access;
    let shown = own(&pool, &token).await.show().replace(&pool.client, "[client]");
    let all = ids(&pool).await;
    assert_eq!(all.len(), 2);
    for id in &all {
        let (kind, rest) = id.split_at(3);
        assert_eq!((kind, rest.len()), ("tkn", 25));
        assert!(rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{id}");
    }
    assert_snapshot!(shown.replace(&all[0], "[newer]").replace(&all[1], "[older]"), @r#"
    200 OK
    {
      "Sessions": [
        {
          "ClientId": "[client]",
          "CreateDate": 1767323105,
          "IsCurrentSession": true,
          "LastActiveDate": 1767323105,
          "LastIPAddress": "192.0.2.1",
          "SessionId": "[newer]",
          "SessionType": "TOKEN"
        },
        {
          "ClientId": "[client]",
          "CreateDate": 1767323045,
          "IsCurrentSession": false,
          "LastActiveDate": 1767323045,
          "LastIPAddress": "192.0.2.1",
          "SessionId": "[older]",
          "SessionType": "TOKEN"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn one_is_ended_and_the_others_live() {
    let server = TestServer::start().await;
    let pool = tracking(&server, 20).await;
    let first = pool.tokens(ANN).await;
    server.clock.advance(Duration::from_secs(1));
    let second = pool.tokens(ANN).await;
    let all = ids(&pool).await;
    let revoke = async |token: &str, id: &str| {
        let body = json!({ "AccessToken": token, "SessionId": id });
        server.cognito().call("RevokeUserSession", &body).await
    };
    pool.user("eve", &[]).await;
    let eve = pool.tokens("eve").await.access;
    let mut table = Table::default();
    table.row("another's", &revoke(&eve, &all[1]).await);
    table.row("of no form", &revoke(&second.access, "x").await);
    table.row("unknown", &revoke(&second.access, "tknaaaaaaaaaaaaaaaaaaaaaaaaa").await);
    table.row("first", &revoke(&second.access, &all[1]).await);
    table.row("again", &revoke(&second.access, &all[1]).await);
    table.row("its access token", &server.cognito().get_user(&first.access).await);
    let refresh = json!({ "REFRESH_TOKEN": first.refresh });
    table.row("its refresh token", &pool.initiate("REFRESH_TOKEN_AUTH", refresh).await);
    let body = json!({ "Username": ANN, "SessionId": all[0] });
    assert_eq!(server.cognito().get_user(&second.access).await.status, 200);
    table.row("second, by an administrator", &pool.admin("AdminRevokeUserSession", body).await);
    table.row("its access token", &server.cognito().get_user(&second.access).await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Session does not exist."
    of no form: 400 InvalidParameterException "2 validation errors detected: Value 'x' at 'sessionId' failed to satisfy constraint: Member must have length greater than or equal to 28; Value 'x' at 'sessionId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(tkn|sso)[a-z0-9]{25}$"
    unknown: 400 ResourceNotFoundException "Session does not exist."
    first: 200 {}
    again: 400 ResourceNotFoundException "Session does not exist."
    its access token: 400 NotAuthorizedException "Access Token has been revoked"
    its refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    second, by an administrator: 200 {}
    its access token: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
    assert_eq!(ids(&pool).await, Vec::<String>::new());
}

#[tokio::test]
async fn one_too_many_ends_the_one_used_least_recently() {
    let server = TestServer::start().await;
    let pool = tracking(&server, 2).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(pool.tokens(ANN).await);
        server.clock.advance(Duration::from_secs(1));
    }
    let mut alive = Vec::new();
    for tokens in &all {
        alive.push(server.cognito().get_user(&tokens.access).await.status == 200);
    }
    assert_eq!(alive, [false, true, true]);
    // Fewer from now on: all that are too many go at the next sign-in.
    let rules = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 1 } });
    pool.admin("SetUserPoolSessionConfiguration", rules).await;
    pool.tokens(ANN).await;
    assert_eq!(ids(&pool).await.len(), 1);
}

#[tokio::test]
async fn not_where_the_pool_does_not_track() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user(ANN, &[]).await;
    let token = pool.tokens(ANN).await.access;
    let id = "tknaaaaaaaaaaaaaaaaaaaaaaaaa";
    let mut table = Table::default();
    table.row("list", &own(&pool, &token).await);
    let body = json!({ "AccessToken": token, "SessionId": id });
    table.row("revoke", &server.cognito().call("RevokeUserSession", &body).await);
    let body = json!({ "Username": ANN });
    table.row("admin list", &pool.admin("AdminListUserSessions", body).await);
    let body = json!({ "Username": ANN, "SessionId": id });
    table.row("admin revoke", &pool.admin("AdminRevokeUserSession", body).await);
    let body = json!({ "Username": "nobody" });
    table.row("unknown user", &pool.admin("AdminListUserSessions", body).await);
    let body = json!({ "AccessToken": token, "NextToken": "x" });
    table.row("no such page", &server.cognito().call("ListUserSessions", &body).await);
    assert_snapshot!(table, @r#"
    list: 400 OperationNotEnabledException "User session tracking is not enabled for this user pool."
    revoke: 400 OperationNotEnabledException "User session tracking is not enabled for this user pool."
    admin list: 400 OperationNotEnabledException "User session tracking is not enabled for this user pool."
    admin revoke: 400 OperationNotEnabledException "User session tracking is not enabled for this user pool."
    unknown user: 400 UserNotFoundException "User does not exist."
    no such page: 400 InvalidParameterException "Invalid pagination token."
    "#);
}
