use super::{ALICE, BOB, access_token, app_code, auth, call, session};
use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const BEGIN: &str = "GET /auth/mfa/configure/totp";
const PROVE: &str = "PUT /auth/mfa/configure/totp";

async fn begin(server: &TestServer, token: &str) -> String {
    call(server, BEGIN, token, &Value::Null).await.get("/qr_secret")
}

#[tokio::test]
async fn a_key_is_handed_out() {
    let server = TestServer::start().await;
    server.user("ann+b@example.com", &[]).await;
    let token = access_token(&server, "ann+b@example.com").await;
    let answer = call(&server, BEGIN, &token, &Value::Null).await;
    let key = answer.get("/qr_secret");
    assert_eq!(key.len(), 52);
    assert_snapshot!(answer.show().replace(&key, "[totp key]"), @r#"
    200 OK
    {
      "qr_secret": "[totp key]",
      "qr_uri": "otpauth://totp/test:ann%2Bb%40example.com?secret=[totp key]&issuer=test&algorithm=SHA1&digits=6&period=30"
    }
    "#);
    assert_ne!(begin(&server, &token).await, key);
}

#[tokio::test]
async fn a_proven_app_is_asked_for() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let key = begin(&server, &token).await;
    let body = json!({ "mfa_token": format!(" {} ", server.totp(&key)) });
    assert_snapshot!(call(&server, PROVE, &token, &body).await.show(), @r#"
    200 OK
    {
      "enabled": true,
      "methods": {
        "email": false,
        "totp": true
      },
      "preferred": "totp",
      "required": true
    }
    "#);
    let challenge = auth(&server, ALICE).await;
    assert_eq!(challenge.get("/Challenge"), "SOFTWARE_TOKEN_MFA");
    server.clock.advance(Duration::from_secs(30));
    let code = server.totp(&key);
    let done = app_code(&server, ALICE, &challenge.get("/Session"), &code).await;
    assert_eq!(done.status, 200);
}

/// Nothing that goes wrong here is a 401: clients would sign their user out.
#[tokio::test]
async fn what_is_wrong_with_a_proof() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let mut rows = Vec::new();
    let mut prove = async |case: &str, body: Value| {
        rows.push(format!("{case}: {}", call(&server, PROVE, &token, &body).await.row(&[])));
    };
    prove("nothing pending", json!({ "mfa_token": "123456" })).await;
    let void = begin(&server, &token).await;
    let key = begin(&server, &token).await;
    prove("wrong", json!({ "mfa_token": "000000" })).await;
    prove("no number", json!({ "mfa_token": "abcdef" })).await;
    prove("of the key before", json!({ "mfa_token": server.totp(&void) })).await;
    prove("missing", json!({})).await;
    prove("empty", json!({ "mfa_token": "" })).await;
    prove("number", json!({ "mfa_token": 123_456 })).await;
    prove("long", json!({ "mfa_token": "1".repeat(65) })).await;
    prove("right", json!({ "mfa_token": server.totp(&key) })).await;
    prove("again", json!({ "mfa_token": server.totp(&key) })).await;
    assert_snapshot!(rows.join("\n"), @r#"
    nothing pending: 409 Conflict {"error_code":"CONFLICT","message":"error.conflict"}
    wrong: 400 Bad Request {"error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    no number: 400 Bad Request {"error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    of the key before: 400 Bad Request {"error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    missing: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"mfa_token"}]}
    empty: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"mfa_token"}]}
    number: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"mfa_token"}]}
    long: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"mfa_token"}]}
    right: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    again: 409 Conflict {"error_code":"CONFLICT","message":"error.conflict"}
    "#);
}

/// The code that proved an app is spent: it does not sign in, nor prove anything again.
#[tokio::test]
async fn the_code_of_a_proof_works_once() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let key = begin(&server, &token).await;
    let code = server.totp(&key);
    let body = json!({ "mfa_token": code });
    assert_eq!(call(&server, PROVE, &token, &body).await.status, 200);
    let session = session(&server, ALICE).await;
    let spent = app_code(&server, ALICE, &session, &code).await;
    assert_eq!(spent.get("/error_code"), "MFA_TOKEN_EXPIRED");
}

#[tokio::test]
async fn the_app_in_force_stays_until_the_new_one_is_proven() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let first = session(&server, ALICE).await;
    let token = app_code(&server, ALICE, &first, &server.totp_code()).await.get("/AccessToken");
    let key = begin(&server, &token).await;
    server.clock.advance(Duration::from_secs(30));
    let second = session(&server, ALICE).await;
    let new = app_code(&server, ALICE, &second, &server.totp(&key)).await;
    assert_eq!(new.get("/error_code"), "MFA_TOKEN_INVALID");
    assert_eq!(app_code(&server, ALICE, &second, &server.totp_code()).await.status, 200);
    let body = json!({ "mfa_token": server.totp(&key) });
    assert_eq!(call(&server, PROVE, &token, &body).await.status, 200);
    server.clock.advance(Duration::from_secs(30));
    let third = session(&server, ALICE).await;
    let old = app_code(&server, ALICE, &third, &server.totp_code()).await;
    assert_eq!(old.get("/error_code"), "MFA_TOKEN_INVALID");
    assert_eq!(app_code(&server, ALICE, &third, &server.totp(&key)).await.status, 200);
}

#[tokio::test]
async fn keys_belong_to_their_user() {
    let server = TestServer::start().await;
    for name in [ALICE, BOB] {
        server.user(name, &[]).await;
    }
    let (mine, theirs) = (access_token(&server, ALICE).await, access_token(&server, BOB).await);
    let key = begin(&server, &mine).await;
    let body = json!({ "mfa_token": server.totp(&key) });
    assert_eq!(call(&server, PROVE, &theirs, &body).await.get("/error_code"), "CONFLICT");
    begin(&server, &theirs).await;
    assert_eq!(call(&server, PROVE, &theirs, &body).await.get("/error_code"), "MFA_TOKEN_INVALID");
}
