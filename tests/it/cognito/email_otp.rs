//! `EMAIL_OTP` as a second factor.

use crate::support::{Answer, PASSWORD, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use serde_json::json;
use std::time::Duration;

const EMMA: &str = "emma@example.com";

async fn session(server: &TestServer) -> String {
    server.cognito().sign_in(EMMA, PASSWORD).await.get("/Session")
}

/// The code of the newest message.
async fn code(server: &TestServer) -> String {
    let newest = server.engine.outbox(1).await.unwrap().pop().unwrap();
    newest.code.unwrap().expose().to_owned()
}

async fn answer(server: &TestServer, session: &str, code: &str) -> Answer {
    let responses = json!({ "USERNAME": EMMA, "EMAIL_OTP_CODE": code });
    server.cognito().respond("EMAIL_OTP", session, responses).await
}

#[tokio::test]
async fn asked_and_answered() {
    let server = TestServer::start().await;
    server.email_mfa_user(EMMA, &[]).await;
    let asked = server.cognito().sign_in(EMMA, PASSWORD).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "EMAIL_OTP",
      "ChallengeParameters": {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "e***@e***",
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    let done = answer(&server, &asked.get("/Session"), &code(&server).await).await;
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
async fn the_mail() {
    let server = TestServer::start().await;
    server.email_mfa_user(EMMA, &[]).await;
    session(&server).await;
    let mails = server.engine.outbox(10).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    let code = code(&server).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let body = mail.body.expose().replace(&code, "[code]");
    let shown = format!("{:?} to {}: {} / {body}", mail.channel, mail.to, mail.subject);
    assert_snapshot!(shown, @"Email to emma@example.com: Your authentication code / Your authentication code is [code].");
}

#[tokio::test]
async fn who_reads_the_code_owns_the_address() {
    let server = TestServer::start().await;
    let emma = server.email_mfa_user(EMMA, &[]).await;
    let session = session(&server).await;
    answer(&server, &session, &code(&server).await).await;
    let emma = server.engine.get_user(&operator(), &emma.pool, EMMA).await.unwrap();
    assert!(emma.attributes.flag("email_verified"));
}

#[tokio::test]
async fn no_mail_for_a_wrong_password() {
    let server = TestServer::start().await;
    server.email_mfa_user(EMMA, &[]).await;
    server.cognito().sign_in(EMMA, "wrong").await;
    assert!(server.engine.outbox(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn codes_and_sessions_that_do_not_count() {
    let server = TestServer::start().await;
    server.email_mfa_user(EMMA, &[]).await;
    let first = session(&server).await;
    let first_code = code(&server).await;
    server.clock.advance(Duration::from_secs(1));
    let second = session(&server).await;
    let second_code = code(&server).await;
    assert_ne!(first_code, second_code);
    let mut table = Table::default();
    table.row("another session's", &answer(&server, &second, &first_code).await);
    table.row("empty", &answer(&server, &second, "").await);
    let named_otherwise = json!({ "USERNAME": EMMA, "SMS_MFA_CODE": second_code });
    let cognito = server.cognito();
    table.row("under another name", &cognito.respond("EMAIL_OTP", &second, named_otherwise).await);
    assert_eq!(answer(&server, &second, &second_code).await.status, 200);
    table.row("spent", &answer(&server, &second, &second_code).await);
    server.clock.advance(Duration::from_secs(179));
    table.row("expired", &answer(&server, &first, &first_code).await);
    assert_snapshot!(table, @r#"
    another session's: 400 CodeMismatchException "Invalid code or auth state for the user."
    empty: 400 CodeMismatchException "Invalid code or auth state for the user."
    under another name: 400 InvalidParameterException "Missing required parameter EMAIL_OTP_CODE"
    spent: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    expired: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    "#);
}

#[tokio::test]
async fn five_wrong_codes_lock_and_end_the_session() {
    let server = TestServer::start().await;
    server.email_mfa_user(EMMA, &[]).await;
    let session = session(&server).await;
    let right = code(&server).await;
    let mut table = Table::default();
    for _ in 0..4 {
        answer(&server, &session, "no").await;
    }
    table.row("fifth", &answer(&server, &session, "no").await);
    table.row("right, locked", &answer(&server, &session, &right).await);
    server.clock.advance(Duration::from_secs(1));
    table.row("right, after the lock", &answer(&server, &session, &right).await);
    assert_snapshot!(table, @r#"
    fifth: 400 CodeMismatchException "Invalid code or auth state for the user."
    right, locked: 400 NotAuthorizedException "Password attempts exceeded"
    right, after the lock: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
}
