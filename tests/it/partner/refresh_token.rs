use super::{ALICE, auth};
use crate::support::{Answer, PARTNER_CLIENT, PASSWORD, TestServer, claims};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

async fn refresh(server: &TestServer, token: &str) -> Answer {
    server.json("POST", "/auth/refresh_token", &json!({ "token": token })).await
}

async fn refresh_token(server: &TestServer) -> String {
    auth(server, ALICE).await.get("/RefreshToken")
}

#[tokio::test]
async fn new_tokens_and_no_refresh_token() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let token = refresh_token(&server).await;
    let answer = refresh(&server, &token).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "AccessToken": "[jwt]",
      "ExpiresIn": 3600,
      "IdToken": "[jwt]",
      "TokenType": "Bearer"
    }
    "#);
    assert_eq!(claims(&answer.get("/IdToken"))["token_use"], "id");
    assert_eq!(claims(&answer.get("/AccessToken"))["token_use"], "access");
}

#[tokio::test]
async fn the_first_token_stays_good_for_thirty_days() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = refresh_token(&server).await;
    for _ in 0..29 {
        server.clock.advance(DAY);
        assert_eq!(refresh(&server, &token).await.status, 200);
    }
    server.clock.advance(DAY);
    assert_eq!(refresh(&server, &token).await.get("/error_code"), "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn groups_are_those_of_now() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &["fd42"]).await;
    let token = refresh_token(&server).await;
    server.join(&user, "partner-id-acme").await;
    let access = refresh(&server, &token).await.get("/AccessToken");
    assert_eq!(claims(&access)["cognito:groups"], json!(["fd42", "partner-id-acme"]));
}

#[tokio::test]
async fn tokens_that_are_no_good() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let answer = auth(&server, ALICE).await;
    let (good, access) = (answer.get("/RefreshToken"), answer.get("/AccessToken"));
    let login = json!({ "username": ALICE, "password": PASSWORD });
    let foreign = server.json("POST", "/api/auth/login", &login).await.get("/refresh_token");
    let public = server.cognito().sign_in(ALICE, PASSWORD).await;
    let public = public.get("/AuthenticationResult/RefreshToken");
    let tampered = format!("{}AAAA", &good[..good.len() - 4]);
    let longer = format!("{good}.");
    let mut rows = Vec::new();
    for (case, token) in [
        ("garbage", "garbage"),
        ("access token", &access),
        ("of the portal's client", &foreign),
        ("of the public client", &public),
        ("tampered with", &tampered),
        ("with one more part", &longer),
    ] {
        rows.push(format!("{case}: {}", refresh(&server, token).await.row(&["www-authenticate"])));
    }
    assert_eq!(refresh(&server, &good).await.status, 200);
    assert_snapshot!(rows.join("\n"), @r#"
    garbage: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    access token: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    of the portal's client: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    of the public client: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    tampered with: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    with one more part: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    "#);
}

#[tokio::test]
async fn sign_ins_that_were_ended() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let mut rows = Vec::new();
    let answer = auth(&server, ALICE).await;
    let (client, token) = (PARTNER_CLIENT, answer.get("/RefreshToken"));
    let revocation = json!({ "ClientId": client, "Token": token });
    assert_eq!(server.cognito().call("RevokeToken", &revocation).await.status, 200);
    rows.push(format!("revoked: {}", refresh(&server, &token).await.row(&[])));

    let answer = auth(&server, ALICE).await;
    let sign_out = json!({ "AccessToken": answer.get("/AccessToken") });
    assert_eq!(server.cognito().call("GlobalSignOut", &sign_out).await.status, 200);
    let signed_out = refresh(&server, &answer.get("/RefreshToken")).await;
    rows.push(format!("signed out: {}", signed_out.row(&[])));

    let token = refresh_token(&server).await;
    server.give_password(ALICE, PASSWORD, true).await;
    rows.push(format!("password reset: {}", refresh(&server, &token).await.row(&[])));

    let token = refresh_token(&server).await;
    server.join(&user, "account-disabled").await;
    rows.push(format!("suspended: {}", refresh(&server, &token).await.row(&[])));
    server.edit(&user, |user| user.enabled = false).await;
    rows.push(format!("disabled: {}", refresh(&server, &token).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    revoked: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    signed out: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    password reset: 401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    suspended: 401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    disabled: 401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    "#);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        "{}",
        r#"{"token":""}"#,
        r#"{"token":null}"#,
        r#"{"token":["a"]}"#,
        r#"{"Token":"a","refresh_token":"b"}"#,
        r#"{"token":"a","token":"a"}"#,
        "[]",
        "{",
    ] {
        let answer = server.text("POST", "/auth/refresh_token", body).await;
        rows.push(format!("{body}\n  {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"

      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"token"}]}
    {}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"token"}]}
    {"token":""}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"token"}]}
    {"token":null}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"token"}]}
    {"token":["a"]}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"token"}]}
    {"Token":"a","refresh_token":"b"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"token"}]}
    {"token":"a","token":"a"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"token"}]}
    []
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    {
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    "#);
}

#[tokio::test]
async fn with_a_slash_and_a_partner() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let body = json!({ "token": refresh_token(&server).await }).to_string();
    let partner = ("x-preferred-partner-id", "fd1");
    assert_eq!(server.call("POST /auth/refresh_token/", &[partner], body).await.status, 200);
}
