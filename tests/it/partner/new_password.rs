use super::{
    ALICE, BOB, app_code, attempt, auth, mailed_code, mfa_code, new_password, session, signed_in,
};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use std::time::Duration;

const FRESH: &str = "N3w-Passw0rd";

#[tokio::test]
async fn complete() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &["fd42"]).await;
    let session = session(&server, ALICE).await;
    let answer = new_password(&server, ALICE, &session, FRESH).await;
    assert_eq!(answer.show(), signed_in(None));
    let old = auth(&server, ALICE).await;
    assert_eq!(old.get("/error_code"), "INVALID_CREDENTIALS");
    assert_eq!(attempt(&server, ALICE, FRESH).await.status, 200);
}

#[tokio::test]
async fn a_second_factor_follows() {
    let server = TestServer::start().await;
    let user = server.totp_user(ALICE, &[]).await;
    server.give_password(ALICE, PASSWORD, false).await;
    let first = session(&server, ALICE).await;
    let answer = new_password(&server, ALICE, &first, FRESH).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "Challenge": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "[username]"
      },
      "Session": "[sealed]",
      "mfa_settings": {
        "enabled": true,
        "methods": {
          "email": false,
          "totp": true
        },
        "preferred": "totp",
        "required": true
      }
    }
    "#);
    let second = answer.get("/Session");
    // Neither step's session does for the other.
    let skipped = app_code(&server, ALICE, &first, &server.totp_code()).await;
    assert_eq!(skipped.get("/error_code"), "SESSION_INVALID");
    let repeated = new_password(&server, ALICE, &second, FRESH).await;
    assert_eq!(repeated.get("/error_code"), "SESSION_INVALID");
    assert_eq!(app_code(&server, ALICE, &second, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn a_mailed_code_follows() {
    let server = TestServer::start().await;
    server.email_mfa_user(ALICE, &[]).await;
    server.give_password(ALICE, PASSWORD, false).await;
    let first = session(&server, ALICE).await;
    assert!(server.engine.outbox(1).await.unwrap().is_empty());
    let second = new_password(&server, ALICE, &first, FRESH).await.get("/Session");
    let code = mailed_code(&server).await;
    assert_eq!(mfa_code(&server, ALICE, "EMAIL_OTP", &second, &code).await.status, 200);
}

#[tokio::test]
async fn passwords_against_the_policy() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    let long = format!("Aa1!{}", "x".repeat(253));
    let mut rows = Vec::new();
    for password in
        ["Aa1!", &long, " Passw0rd!", "PASSW0RD!", "passw0rd!", "Password!", "Passw0rd1"]
    {
        let answer = new_password(&server, ALICE, &session, password).await;
        rows.push(format!("{password:.20}: {}", answer.row(&["www-authenticate"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    Aa1!: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"TOO_SHORT","message":"error.auth.password_policy"}
    Aa1!xxxxxxxxxxxxxxxx: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"TOO_LONG","message":"error.auth.password_policy"}
     Passw0rd!: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"OUTER_SPACE","message":"error.auth.password_policy"}
    PASSW0RD!: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_LOWERCASE","message":"error.auth.password_policy"}
    passw0rd!: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_UPPERCASE","message":"error.auth.password_policy"}
    Password!: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_NUMBER","message":"error.auth.password_policy"}
    Passw0rd1: 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_SYMBOL","message":"error.auth.password_policy"}
    "#);
    assert_eq!(new_password(&server, ALICE, &session, FRESH).await.status, 200);
}

#[tokio::test]
async fn sessions_that_are_dead() {
    let server = TestServer::start().await;
    let user = server.new_user(ALICE, &[]).await;
    server.new_user(BOB, &[]).await;
    server.totp_user("carol@example.com", &[]).await;
    let (mine, theirs) = (session(&server, ALICE).await, session(&server, BOB).await);
    let unasked = session(&server, ALICE).await;
    let factor = session(&server, "carol@example.com").await;
    let mut rows = Vec::new();
    for (case, username, session) in [
        ("of another user", ALICE, theirs.as_str()),
        ("of nobody", "nobody@example.com", &mine),
        ("for a second factor", "carol@example.com", &factor),
        ("garbage", ALICE, "garbage"),
    ] {
        let answer = new_password(&server, username, session, FRESH).await;
        rows.push(format!("{case}: {}", answer.row(&["www-authenticate"])));
    }
    assert_eq!(new_password(&server, ALICE, &mine, FRESH).await.status, 200);
    let again = new_password(&server, ALICE, &mine, "0ther-Passw0rd").await;
    rows.push(format!("used: {}", again.row(&[])));
    let overtaken = new_password(&server, ALICE, &unasked, "0ther-Passw0rd").await;
    rows.push(format!("overtaken: {}", overtaken.row(&[])));
    server.clock.advance(Duration::from_mins(3));
    rows.push(format!("expired: {}", new_password(&server, BOB, &theirs, FRESH).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    of another user: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    of nobody: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    for a second factor: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    garbage: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    used: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    overtaken: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    expired: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    "#);
    let answer = attempt(&server, user.username.as_str(), FRESH).await;
    assert_eq!(answer.status, 200, "none of them changed it");
}

#[tokio::test]
async fn who_is_shut_out_meanwhile_does_not_come_in() {
    let server = TestServer::start().await;
    let user = server.new_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    server.join(&user, "account-disabled").await;
    let suspended = new_password(&server, ALICE, &session, FRESH).await.row(&[]);
    server.edit(&user, |user| user.enabled = false).await;
    let disabled = new_password(&server, ALICE, &session, FRESH).await.row(&[]);
    assert_snapshot!(format!("{suspended}\n{disabled}"), @r#"
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    "#);
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        r#"{"username":"","session":"","new_password":""}"#,
        r#"{"username":1,"session":2,"new_password":3}"#,
        r#"{"Username":"a","Session":"x","NewPassword":"y"}"#,
        r#"{"username":"a","session":"x","session":"x","new_password":"y"}"#,
        "null",
    ] {
        let answer = server.text("PUT", "/auth/challenge/new-password", body).await;
        rows.push(format!("{body}\n  {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"

      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"session"},{"code":"missing","field":"new_password"}]}
    {"username":"","session":"","new_password":""}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"username"},{"code":"too_short","field":"session"},{"code":"too_short","field":"new_password"}]}
    {"username":1,"session":2,"new_password":3}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"username"},{"code":"invalid_type","field":"session"},{"code":"invalid_type","field":"new_password"}]}
    {"Username":"a","Session":"x","NewPassword":"y"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"new_password"}]}
    {"username":"a","session":"x","session":"x","new_password":"y"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"session"}]}
    null
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    "#);
}
