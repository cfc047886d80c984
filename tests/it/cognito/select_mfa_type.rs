//! `SELECT_MFA_TYPE`: several second factors and no preference.

use crate::support::{Answer, PASSWORD, TENANT, TENANT_GROUP, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::{CodeMfa, User, UserStatus};
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

/// A server with alice, who has both factors and prefers none.
async fn start() -> (TestServer, User) {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[TENANT_GROUP]).await;
    let alice = server
        .edit(&alice, |user| {
            user.mfa.totp.as_mut().unwrap().preferred = false;
            user.mfa.email = Some(CodeMfa { preferred: false });
        })
        .await;
    (server, alice)
}

async fn session(server: &TestServer) -> String {
    server.cognito().sign_in(ALICE, PASSWORD).await.get("/Session")
}

async fn select(server: &TestServer, session: &str, answer: &str) -> Answer {
    let responses = json!({ "USERNAME": ALICE, "ANSWER": answer });
    server.cognito().respond("SELECT_MFA_TYPE", session, responses).await
}

async fn mails(server: &TestServer) -> usize {
    server.engine.outbox(100).await.unwrap().len()
}

#[tokio::test]
async fn the_authenticator_app() {
    let (server, _) = start().await;
    let asked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "SELECT_MFA_TYPE",
      "ChallengeParameters": {
        "MFAS_CAN_CHOOSE": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    let chosen = select(&server, &asked.get("/Session"), "SOFTWARE_TOKEN_MFA").await;
    assert_snapshot!(chosen.show(), @r#"
    200 OK
    {
      "ChallengeName": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    assert_ne!(chosen.get("/Session"), asked.get("/Session"));
    assert_eq!(mails(&server).await, 0);
    let responses = json!({ "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    let session = chosen.get("/Session");
    let done = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await;
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
async fn a_code_by_mail_under_both_its_names() {
    for (name, sent) in [("EMAIL_OTP", 1), ("EMAIL_MFA", 1)] {
        let (server, _) = start().await;
        let session = session(&server).await;
        assert_eq!(mails(&server).await, 0, "nothing is mailed before it is chosen");
        let chosen = select(&server, &session, name).await;
        assert_eq!(mails(&server).await, sent);
        let code = server.engine.outbox(1).await.unwrap().pop().unwrap().code.unwrap();
        let responses = json!({ "USERNAME": ALICE, "EMAIL_OTP_CODE": code.expose() });
        let next = chosen.get("/Session");
        let done = server.cognito().respond("EMAIL_OTP", &next, responses).await;
        assert_eq!(done.status, 200);
        if name == "EMAIL_OTP" {
            assert_snapshot!(chosen.show(), @r#"
            200 OK
            {
              "ChallengeName": "EMAIL_OTP",
              "ChallengeParameters": {
                "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
                "CODE_DELIVERY_DESTINATION": "a***@e***",
                "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
              },
              "Session": "[sealed]"
            }
            "#);
        }
    }
}

#[tokio::test]
async fn answers_that_do_not_count() {
    let (server, _) = start().await;
    let begun = session(&server).await;
    let mut table = Table::default();
    table.row("text messages", &select(&server, &begun, "SMS_MFA").await);
    table.row("none", &select(&server, &begun, "").await);
    let cognito = server.cognito();
    let unnamed = json!({ "USERNAME": ALICE });
    table.row("no ANSWER", &cognito.respond("SELECT_MFA_TYPE", &begun, unnamed).await);
    let code = json!({ "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    table.row("a code at once", &cognito.respond("SOFTWARE_TOKEN_MFA", &begun, code).await);
    let bob = json!({ "USERNAME": "bob@example.com", "ANSWER": "EMAIL_OTP" });
    table.row("another user", &cognito.respond("SELECT_MFA_TYPE", &begun, bob).await);
    let chosen = select(&server, &begun, "SOFTWARE_TOKEN_MFA").await;
    table.row("a second time", &select(&server, &begun, "EMAIL_OTP").await);
    let chosen = chosen.get("/Session");
    table.row("once more", &select(&server, &chosen, "EMAIL_OTP").await);
    let late = session(&server).await;
    server.clock.advance(Duration::from_mins(3));
    table.row("too late", &select(&server, &late, "EMAIL_OTP").await);
    assert_snapshot!(table, @r#"
    text messages: 400 InvalidParameterException "ANSWER must be one of SOFTWARE_TOKEN_MFA, EMAIL_OTP."
    none: 400 InvalidParameterException "ANSWER must be one of SOFTWARE_TOKEN_MFA, EMAIL_OTP and SMS_MFA."
    no ANSWER: 400 InvalidParameterException "Missing required parameter ANSWER"
    a code at once: 400 NotAuthorizedException "Invalid session for the user."
    another user: 400 NotAuthorizedException "Invalid session for the user."
    a second time: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    once more: 400 NotAuthorizedException "Invalid session for the user."
    too late: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    "#);
    assert_eq!(mails(&server).await, 0);
}

/// Wrong codes of before count on: choosing is no way around the lock.
#[tokio::test]
async fn a_choice_forgives_no_failures() {
    let (server, _) = start().await;
    for _ in 0..5 {
        let session = session(&server).await;
        let session = select(&server, &session, "SOFTWARE_TOKEN_MFA").await.get("/Session");
        let wrong = json!({ "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": "none" });
        server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, wrong).await;
    }
    let locked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_snapshot!(locked.line(), @r#"400 NotAuthorizedException "Incorrect username or password.""#);
}

#[tokio::test]
async fn a_preference_that_came_meanwhile() {
    let (server, alice) = start().await;
    let begun = session(&server).await;
    server.edit(&alice, |user| user.mfa.totp.as_mut().unwrap().preferred = true).await;
    assert_snapshot!(select(&server, &begun, "EMAIL_OTP").await.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
    assert_eq!(mails(&server).await, 0);
}

#[tokio::test]
async fn after_a_new_password() {
    let (server, alice) = start().await;
    server.edit(&alice, |user| user.status = UserStatus::ForceChangePassword).await;
    let begun = session(&server).await;
    let responses = json!({ "USERNAME": ALICE, "NEW_PASSWORD": "An0ther!pass" });
    let asked = server.cognito().respond("NEW_PASSWORD_REQUIRED", &begun, responses).await;
    assert_eq!(asked.get("/ChallengeName"), "SELECT_MFA_TYPE");
    assert_eq!(select(&server, &asked.get("/Session"), "EMAIL_OTP").await.status, 200);
}

/// The partner API cannot put the question and takes the app; the portal knows no second factors;
/// the tenant API hands every challenge on as it is.
#[tokio::test]
async fn the_other_apis() {
    let (server, _) = start().await;
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let partner = server.json("POST", "/auth", &body).await;
    assert_snapshot!(partner.show(), @r#"
    200 OK
    {
      "Challenge": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]",
      "mfa_settings": {
        "enabled": true,
        "methods": {
          "email": true,
          "totp": true
        },
        "preferred": null,
        "required": true
      }
    }
    "#);
    let portal = server.json("POST", "/api/auth/login", &body).await;
    assert_snapshot!(portal.show(), @r#"
    500 Internal Server Error
    {
      "detail": "Authentication error: SELECT_MFA_TYPE"
    }
    "#);
    let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
    let tenant = server.json("POST", "/Login", &body).await;
    assert_snapshot!(tenant.show(), @r#"
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "SELECT_MFA_TYPE",
        "ChallengeParameters": {
          "MFAS_CAN_CHOOSE": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
          "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        },
        "Session": "[sealed]"
      }
    }
    "#);
}
