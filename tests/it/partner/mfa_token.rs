use super::{ALICE, BOB, access_token, app_code, auth, mailed_code, mfa_code, session, signed_in};
use crate::support::{PASSWORD, TestServer, config};
use insta::assert_snapshot;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn code_of_the_app() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &["fd42"]).await;
    let session = session(&server, ALICE).await;
    let answer = app_code(&server, ALICE, &session, &server.totp_code()).await;
    assert_eq!(answer.show(), signed_in(Some("totp")));
}

#[tokio::test]
async fn mailed_code_completes() {
    let server = TestServer::start().await;
    server.email_mfa_user(ALICE, &["fd42"]).await;
    let session = session(&server, ALICE).await;
    let code = mailed_code(&server).await;
    let answer = mfa_code(&server, ALICE, "EMAIL_OTP", &session, &code).await;
    assert_eq!(answer.show(), signed_in(Some("email")));
}

/// They come along when people copy a code.
#[tokio::test]
async fn spaces_around_a_code_do_not_count() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &["fd42"]).await;
    server.email_mfa_user(BOB, &["fd42"]).await;
    let asked = session(&server, ALICE).await;
    let code = format!(" {}\n", server.totp_code());
    assert_eq!(app_code(&server, ALICE, &asked, &code).await.show(), signed_in(Some("totp")));
    let asked = session(&server, BOB).await;
    let code = format!("\t{}\u{a0}", mailed_code(&server).await);
    let answer = mfa_code(&server, BOB, "EMAIL_OTP", &asked, &code).await;
    assert_eq!(answer.show(), signed_in(Some("email")));
    let asked = session(&server, BOB).await;
    assert_snapshot!(mfa_code(&server, BOB, "EMAIL_OTP", &asked, " ").await.row(&[]), @r#"400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"mfa_token"}]}"#);
}

#[tokio::test]
async fn wrong_then_right_in_the_same_session() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    let wrong = app_code(&server, ALICE, &session, "000000").await;
    assert_snapshot!(wrong.show_with(&["www-authenticate"]), @r#"
    400 Bad Request
    www-authenticate: -
    {
      "Session": "[sealed]",
      "error_code": "MFA_TOKEN_INVALID",
      "message": "error.auth.mfa_token_invalid"
    }
    "#);
    let again = wrong.get("/Session");
    assert_eq!(app_code(&server, ALICE, &again, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn a_wrong_mailed_code_is_told_like_a_wrong_code_of_the_app() {
    let server = TestServer::start().await;
    server.email_mfa_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    let code = mailed_code(&server).await;
    let other = if code == "123456" { "654321" } else { "123456" };
    for wrong in [other, &code[..5], "abcdef", "１２３４５６"] {
        let answer = mfa_code(&server, ALICE, "EMAIL_OTP", &session, wrong).await;
        assert_eq!(
            (answer.status.as_u16(), answer.get("/error_code").as_str()),
            (400, "MFA_TOKEN_INVALID")
        );
    }
}

#[tokio::test]
async fn sessions_that_are_dead() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    server.totp_user(BOB, &[]).await;
    server.new_user("new@example.com", &[]).await;
    let (mine, theirs) = (session(&server, ALICE).await, session(&server, BOB).await);
    let temporary = session(&server, "new@example.com").await;
    let tampered = format!("{}AAAA", &mine[..mine.len() - 4]);
    let code = server.totp_code();
    let mut rows = Vec::new();
    for (case, session, challenge) in [
        ("of another user", theirs.as_str(), "SOFTWARE_TOKEN_MFA"),
        ("for a new password", &temporary, "SOFTWARE_TOKEN_MFA"),
        ("for another factor", &mine, "EMAIL_OTP"),
        ("tampered with", &tampered, "SOFTWARE_TOKEN_MFA"),
        ("cut off", &mine[..40], "SOFTWARE_TOKEN_MFA"),
        ("garbage", "garbage", "SOFTWARE_TOKEN_MFA"),
    ] {
        let answer = mfa_code(&server, ALICE, challenge, session, &code).await;
        rows.push(format!("{case}: {}", answer.row(&["www-authenticate"])));
    }
    assert_eq!(app_code(&server, ALICE, &mine, &code).await.status, 200);
    server.clock.advance(Duration::from_secs(30));
    let reused = app_code(&server, ALICE, &mine, &server.totp_code()).await;
    rows.push(format!("used: {}", reused.row(&["www-authenticate"])));
    server.clock.advance(Duration::from_secs(150));
    let late = app_code(&server, BOB, &theirs, &server.totp_code()).await;
    rows.push(format!("expired: {}", late.row(&["www-authenticate"])));
    assert_snapshot!(rows.join("\n"), @r#"
    of another user: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    for a new password: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    for another factor: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    tampered with: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    cut off: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    garbage: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    used: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    expired: 401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    "#);
}

#[tokio::test]
async fn a_session_lives_three_minutes() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    server.clock.advance(Duration::from_millis(179_999));
    assert_eq!(app_code(&server, ALICE, &session, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn a_session_of_another_client() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let session = server.cognito().sign_in(ALICE, PASSWORD).await.get("/Session");
    let answer = app_code(&server, ALICE, &session, &server.totp_code()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.get("/error_code").as_str()),
        (401, "SESSION_INVALID")
    );
}

#[tokio::test]
async fn a_code_works_once() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let (first, second) = (session(&server, ALICE).await, session(&server, ALICE).await);
    let code = server.totp_code();
    assert_eq!(app_code(&server, ALICE, &first, &code).await.status, 200);
    let answer = app_code(&server, ALICE, &second, &code).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "Session": "[sealed]",
      "error_code": "MFA_TOKEN_EXPIRED",
      "message": "error.auth.mfa_token_expired"
    }
    "#);
    server.clock.advance(Duration::from_secs(30));
    let again = answer.get("/Session");
    assert_eq!(app_code(&server, ALICE, &again, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn clocks_may_differ_by_one_step() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    for (seconds, status) in [(30, 200), (60, 400)] {
        let code = server.totp_code();
        server.clock.advance(Duration::from_secs(seconds));
        let session = session(&server, ALICE).await;
        assert_eq!(app_code(&server, ALICE, &session, &code).await.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_mailed_code_belongs_to_its_session() {
    let server = TestServer::start().await;
    server.email_mfa_user(ALICE, &[]).await;
    let first = session(&server, ALICE).await;
    let code = mailed_code(&server).await;
    server.clock.advance(Duration::from_secs(1));
    let second = session(&server, ALICE).await;
    assert_ne!(mailed_code(&server).await, code);
    let answer = mfa_code(&server, ALICE, "EMAIL_OTP", &second, &code).await;
    assert_eq!(
        (answer.status.as_u16(), answer.get("/error_code").as_str()),
        (400, "MFA_TOKEN_INVALID")
    );
    assert_eq!(mfa_code(&server, ALICE, "EMAIL_OTP", &first, &code).await.status, 200);
}

#[tokio::test]
async fn five_wrong_codes_end_the_session() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    let mut rows = Vec::new();
    for _ in 0..5 {
        rows.push(app_code(&server, ALICE, &session, "000000").await.row(&[]));
    }
    rows.push(app_code(&server, ALICE, &session, &server.totp_code()).await.row(&[]));
    rows.push(auth(&server, ALICE).await.row(&[]));
    server.clock.advance(Duration::from_secs(1));
    rows.push(app_code(&server, ALICE, &session, &server.totp_code()).await.row(&[]));
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"Session":"[sealed]","error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    400 Bad Request {"Session":"[sealed]","error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    400 Bad Request {"Session":"[sealed]","error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    400 Bad Request {"Session":"[sealed]","error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    400 Bad Request {"Session":"[sealed]","error_code":"MFA_TOKEN_INVALID","message":"error.auth.mfa_token_invalid"}
    401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}
    401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}
    401 Unauthorized {"error_code":"SESSION_INVALID","message":"error.auth.session_invalid"}
    "#);
    let session = super::session(&server, ALICE).await;
    assert_eq!(app_code(&server, ALICE, &session, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn new_sessions_are_no_new_guesses() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    for _ in 0..5 {
        let session = session(&server, ALICE).await;
        assert_eq!(app_code(&server, ALICE, &session, "000000").await.status, 400);
    }
    assert_eq!(auth(&server, ALICE).await.get("/error_code"), "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn who_is_shut_out_meanwhile_does_not_come_in() {
    let server = TestServer::start().await;
    let user = server.totp_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    server.join(&user, "account-disabled").await;
    let code = server.totp_code();
    let suspended = app_code(&server, ALICE, &session, &code).await.row(&["www-authenticate"]);
    server.edit(&user, |user| user.enabled = false).await;
    let disabled = app_code(&server, ALICE, &session, &code).await.row(&["www-authenticate"]);
    assert_snapshot!(format!("{suspended}\n{disabled}"), @r#"
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    "#);
}

#[tokio::test]
async fn cognitos_spelling_is_accepted() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    server.totp_user(ALICE, &[]).await;
    let body = json!({
        "Username": "ALICE@example.com ",
        "Challenge": "SOFTWARE_TOKEN_MFA",
        "Session": session(&server, ALICE).await,
        "MfaToken": server.totp_code(),
        "RememberDevice": true,
    });
    let answer = server.json("PUT", "/auth/challenge/mfa-token/", &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["DeviceKey"].is_string());
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        r#"{"username":" ","challenge":"","session":"","mfa_token":""}"#,
        r#"{"username":1,"challenge":2,"session":3,"mfa_token":123456,"remember_device":"yes"}"#,
        r#"{"username":"a","challenge":"CUSTOM_CHALLENGE","session":"x","mfa_token":"000000"}"#,
        r#"{"username":"a","challenge":"EMAIL_OTP","Challenge":"EMAIL_OTP","session":"x","mfa_token":"1","mfa_token":"2"}"#,
        "[",
    ] {
        let answer = server.text("PUT", "/auth/challenge/mfa-token", body).await;
        rows.push(format!("{body}\n  {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"

      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"challenge"},{"code":"missing","field":"session"},{"code":"missing","field":"mfa_token"}]}
    {"username":" ","challenge":"","session":"","mfa_token":""}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"username"},{"code":"invalid_value","field":"challenge"},{"code":"too_short","field":"session"},{"code":"too_short","field":"mfa_token"}]}
    {"username":1,"challenge":2,"session":3,"mfa_token":123456,"remember_device":"yes"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"username"},{"code":"invalid_type","field":"challenge"},{"code":"invalid_type","field":"session"},{"code":"invalid_type","field":"mfa_token"},{"code":"invalid_type","field":"remember_device"}]}
    {"username":"a","challenge":"CUSTOM_CHALLENGE","session":"x","mfa_token":"000000"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"challenge"}]}
    {"username":"a","challenge":"EMAIL_OTP","Challenge":"EMAIL_OTP","session":"x","mfa_token":"1","mfa_token":"2"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"challenge"},{"code":"duplicate","field":"mfa_token"}]}
    [
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    "#);
}

#[tokio::test]
async fn a_session_is_no_token() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &["fd42"]).await;
    server.user(BOB, &["fd42"]).await;
    let session = session(&server, ALICE).await;
    for token in [&session, &format!("{session}.{session}.{session}")] {
        let header = format!("Bearer {token}");
        let answer = server.bare("GET", "/partners/", &[("authorization", &header)]).await;
        assert_eq!(answer.get("/error_code"), "TOKEN_INVALID");
        let refresh = server.json("POST", "/auth/refresh_token", &json!({ "token": token })).await;
        assert_eq!(refresh.get("/error_code"), "REFRESH_TOKEN_INVALID");
    }
    assert!(!access_token(&server, BOB).await.is_empty());
}

/// Users who have both factors and prefer none are asked for the app: there is no endpoint at which
/// they could choose.
#[tokio::test]
async fn of_several_factors_the_app_is_taken() {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[]).await;
    let both = |user: &mut poolkeeper_pool::entity::User| {
        user.mfa.totp.as_mut().unwrap().preferred = false;
        user.mfa.email = Some(poolkeeper_pool::entity::CodeMfa { preferred: false });
    };
    server.edit(&alice, both).await;
    let session = session(&server, ALICE).await;
    let answer = app_code(&server, ALICE, &session, &server.totp_code()).await;
    assert_eq!(answer.status, 200);
}
