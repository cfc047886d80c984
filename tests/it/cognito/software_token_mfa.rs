//! `SOFTWARE_TOKEN_MFA`.

use crate::support::{Answer, PASSWORD, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const TINA: &str = "tina@example.com";

async fn session(server: &TestServer) -> String {
    server.cognito().sign_in(TINA, PASSWORD).await.get("/Session")
}

async fn answer(server: &TestServer, session: &str, code: &str) -> Answer {
    let responses = json!({ "USERNAME": TINA, "SOFTWARE_TOKEN_MFA_CODE": code });
    server.cognito().respond("SOFTWARE_TOKEN_MFA", session, responses).await
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn asked_and_answered() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let asked = server.cognito().sign_in(TINA, PASSWORD).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    let done = answer(&server, &asked.get("/Session"), &server.totp_code()).await;
    assert_snapshot!(done.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn codes_that_are_wrong() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let session = session(&server).await;
    let right = server.totp_code();
    let mut table = Table::default();
    for (case, code) in
        [("wrong", wrong(&right)), ("empty", String::new()), ("long", right.clone() + "0")]
    {
        table.row(case, &answer(&server, &session, &code).await);
    }
    assert_snapshot!(table, @r#"
    wrong: 400 CodeMismatchException "Invalid code received for user"
    empty: 400 CodeMismatchException "Invalid code received for user"
    long: 400 CodeMismatchException "Invalid code received for user"
    "#);
    assert_eq!(answer(&server, &session, &right).await.status, 200, "the session still works");
}

#[tokio::test]
async fn a_step_of_drift_is_allowed_and_two_are_not() {
    // The clock starts in the middle of a step of thirty seconds.
    for (then, seconds, status) in
        [("late", 30, 200), ("late", 60, 400), ("early", 30, 200), ("early", 60, 400)]
    {
        let server = TestServer::start().await;
        server.totp_user(TINA, &[]).await;
        let pause = Duration::from_secs(seconds);
        let old = server.totp_code();
        server.clock.advance(pause);
        let code = if then == "late" { old } else { server.totp_code() };
        if then == "early" {
            server.clock.rewind(pause);
        }
        let answer = answer(&server, &session(&server).await, &code).await;
        assert_eq!(answer.status, status, "{seconds} s {then}");
    }
}

#[tokio::test]
async fn a_code_works_once_whatever_the_session() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let (first, second) = (session(&server).await, session(&server).await);
    let code = server.totp_code();
    assert_eq!(answer(&server, &first, &code).await.status, 200);
    assert_snapshot!(answer(&server, &second, &code).await.line(), @r#"400 ExpiredCodeException "Your software token has already been used once.""#);
    server.clock.advance(Duration::from_secs(30));
    assert_eq!(answer(&server, &second, &code).await.status, 400, "nor a step later");
    assert_eq!(answer(&server, &second, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn a_session_works_once() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let session = session(&server).await;
    assert_eq!(answer(&server, &session, &server.totp_code()).await.status, 200);
    server.clock.advance(Duration::from_secs(30));
    assert_snapshot!(answer(&server, &session, &server.totp_code()).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session can only be used once.""#);
}

#[tokio::test]
async fn five_wrong_codes_lock_and_end_the_session() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let session = session(&server).await;
    let mut table = Table::default();
    for attempt in 1..=5 {
        let code = wrong(&server.totp_code());
        table.row(&format!("wrong {attempt}"), &answer(&server, &session, &code).await);
    }
    table.row("right, locked", &answer(&server, &session, &server.totp_code()).await);
    table.row("sign-in, locked", &server.cognito().sign_in(TINA, PASSWORD).await);
    server.clock.advance(Duration::from_secs(1));
    table.row("right, after the lock", &answer(&server, &session, &server.totp_code()).await);
    assert_snapshot!(table, @r#"
    wrong 1: 400 CodeMismatchException "Invalid code received for user"
    wrong 2: 400 CodeMismatchException "Invalid code received for user"
    wrong 3: 400 CodeMismatchException "Invalid code received for user"
    wrong 4: 400 CodeMismatchException "Invalid code received for user"
    wrong 5: 400 CodeMismatchException "Invalid code received for user"
    right, locked: 400 NotAuthorizedException "Password attempts exceeded"
    sign-in, locked: 400 NotAuthorizedException "Incorrect username or password."
    right, after the lock: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
    let fresh = server.cognito().sign_in(TINA, PASSWORD).await.get("/Session");
    assert_eq!(answer(&server, &fresh, &server.totp_code()).await.status, 200);
}

#[tokio::test]
async fn new_sessions_do_not_give_more_attempts() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let mut table = Table::default();
    for _ in 0..5 {
        let session = session(&server).await;
        let code = wrong(&server.totp_code());
        answer(&server, &session, &code).await;
    }
    table.row("sixth", &server.cognito().sign_in(TINA, PASSWORD).await);
    assert_snapshot!(table, @r#"sixth: 400 NotAuthorizedException "Incorrect username or password.""#);
}

#[tokio::test]
async fn a_session_expires() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    let session = session(&server).await;
    server.clock.advance(Duration::from_mins(3));
    assert_snapshot!(answer(&server, &session, &server.totp_code()).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session is expired.""#);
}

#[tokio::test]
async fn a_users_code_does_not_open_another_users_session() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    server.totp_user("tom@example.com", &[]).await;
    let session = session(&server).await;
    let responses =
        json!({ "USERNAME": "tom@example.com", "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    let answer = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}
