//! `RefreshTokenRotation`: a refresh token that is replaced at every use.

use crate::support::{Answer, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ANN: &str = "ann";

fn settings(grace: u32, flows: &[&str]) -> Value {
    json!({
        "ClientName": "rotating",
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": grace },
        "RefreshTokenValidity": 1,
        "ExplicitAuthFlows": flows,
    })
}

/// A pool with a user, through a client that rotates.
async fn rotating(server: &TestServer, grace: u32) -> TestPool<'_> {
    let pool = server.pool(json!({})).await;
    pool.user(ANN, &[]).await;
    let client = settings(grace, &["ALLOW_USER_PASSWORD_AUTH"]);
    let client = pool.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    TestPool { client, ..pool }
}

async fn exchange(pool: &TestPool<'_>, token: &str) -> Answer {
    pool.call("GetTokensFromRefreshToken", json!({ "RefreshToken": token })).await
}

fn refresh_token(answer: &Answer) -> String {
    answer.get("/AuthenticationResult/RefreshToken")
}

#[tokio::test]
async fn every_use_gives_a_new_one() {
    let server = TestServer::start().await;
    let pool = rotating(&server, 0).await;
    let first = pool.tokens(ANN).await.refresh;
    let answer = exchange(&pool, &first).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      }
    }
    "#);
    let second = refresh_token(&answer);
    assert_ne!(first, second);
    let third = refresh_token(&exchange(&pool, &second).await);
    server.clock.advance(Duration::from_hours(23));
    let fourth = refresh_token(&exchange(&pool, &third).await);
    server.clock.advance(Duration::from_hours(1));
    // No token outlives the sign-in's first one.
    assert_snapshot!(exchange(&pool, &fourth).await.line(), @r#"400 NotAuthorizedException "Refresh Token has expired""#);
}

#[tokio::test]
async fn an_old_one_ends_the_sign_in() {
    let server = TestServer::start().await;
    let pool = rotating(&server, 0).await;
    let tokens = pool.tokens(ANN).await;
    let other = pool.tokens(ANN).await;
    let new = exchange(&pool, &tokens.refresh).await;
    let access = new.get("/AuthenticationResult/AccessToken");
    let mut table = Table::default();
    table.row("the old one", &exchange(&pool, &tokens.refresh).await);
    table.row("the new one", &exchange(&pool, &refresh_token(&new)).await);
    table.row("first access token", &server.cognito().get_user(&tokens.access).await);
    table.row("new access token", &server.cognito().get_user(&access).await);
    assert_snapshot!(table, @r#"
    the old one: 400 RefreshTokenReuseException "Refresh token has been invalidated by rotation"
    the new one: 400 NotAuthorizedException "Refresh Token has been revoked"
    first access token: 400 NotAuthorizedException "Access Token has been revoked"
    new access token: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
    assert_eq!(exchange(&pool, &other.refresh).await.status, 200);
}

#[tokio::test]
async fn within_the_grace_period_it_leads_to_the_one_that_took_its_place() {
    let server = TestServer::start().await;
    let pool = rotating(&server, 10).await;
    let first = pool.tokens(ANN).await.refresh;
    let second = refresh_token(&exchange(&pool, &first).await);
    server.clock.advance(Duration::from_secs(9));
    let again = refresh_token(&exchange(&pool, &first).await);
    let third = refresh_token(&exchange(&pool, &second).await);
    // Both were the second: whichever is used later finds itself replaced.
    assert_eq!(exchange(&pool, &again).await.status, 200);
    let mut table = Table::default();
    table.row("the first, two steps behind", &exchange(&pool, &first).await);
    table.row("the third", &exchange(&pool, &third).await);
    assert_snapshot!(table, @r#"
    the first, two steps behind: 400 RefreshTokenReuseException "Refresh token has been invalidated by rotation"
    the third: 400 NotAuthorizedException "Refresh Token has been revoked"
    "#);
}

#[tokio::test]
async fn after_it_the_sign_in_ends() {
    let server = TestServer::start().await;
    let pool = rotating(&server, 10).await;
    let first = pool.tokens(ANN).await.refresh;
    let second = refresh_token(&exchange(&pool, &first).await);
    server.clock.advance(Duration::from_secs(10));
    let mut table = Table::default();
    table.row("the first", &exchange(&pool, &first).await);
    table.row("the second", &exchange(&pool, &second).await);
    assert_snapshot!(table, @r#"
    the first: 400 RefreshTokenReuseException "Refresh token has been invalidated by rotation"
    the second: 400 NotAuthorizedException "Refresh Token has been revoked"
    "#);
}

#[tokio::test]
async fn nothing_else_refreshes() {
    let server = TestServer::start().await;
    let pool = rotating(&server, 10).await;
    let token = pool.tokens(ANN).await.refresh;
    let answer = pool.initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": token })).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "REFRESH_TOKEN_AUTH flow not enabled for this client""#);
}

#[tokio::test]
async fn the_setting_is_kept_and_stands_alone() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let made = settings(30, &["ALLOW_USER_PASSWORD_AUTH"]);
    let made = pool.admin("CreateUserPoolClient", made).await.json();
    let id = made["UserPoolClient"]["ClientId"].clone();
    let found = pool.admin("DescribeUserPoolClient", json!({ "ClientId": id })).await.json();
    assert_eq!(found, made);
    let expected = json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 30 });
    assert_eq!(found["UserPoolClient"]["RefreshTokenRotation"], expected);
    let mut table = Table::default();
    let both = settings(30, &["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]);
    table.row("with the flow, in our words", &pool.admin("CreateUserPoolClient", both).await);
    let long = settings(61, &["ALLOW_USER_PASSWORD_AUTH"]);
    table.row("too long", &pool.admin("CreateUserPoolClient", long).await);
    assert_snapshot!(table, @r#"
    with the flow, in our words: 400 InvalidParameterException "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled when refresh token rotation is enabled."
    too long: 400 InvalidParameterException "1 validation error detected: Value '61' at 'refreshTokenRotation.retryGracePeriodSeconds' failed to satisfy constraint: Member must have value less than or equal to 60"
    "#);
}
