//! `USER_SRP_AUTH`: the password is proven without being sent.

use crate::support::{Answer, PASSWORD, POOL, PUBLIC_CLIENT, SrpClient, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn begin(server: &TestServer, username: &str) -> Answer {
    let parameters = json!({ "USERNAME": username, "SRP_A": SrpClient::new().srp_a() });
    server.cognito().initiate("USER_SRP_AUTH", parameters).await
}

/// The answer of a client that knows this password.
fn claim(challenge: &Answer, password: &str) -> Value {
    SrpClient::new().claim(challenge, POOL, password)
}

async fn answer(server: &TestServer, responses: &Value) -> Answer {
    let body = json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ClientId": PUBLIC_CLIENT,
        "ChallengeResponses": responses,
    });
    server.cognito().call("RespondToAuthChallenge", &body).await
}

#[tokio::test]
async fn a_right_password_signs_in() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let challenge = begin(&server, ALICE).await;
    assert_snapshot!(challenge.show(), @r#"
    200 OK
    {
      "ChallengeName": "PASSWORD_VERIFIER",
      "ChallengeParameters": {
        "SALT": "16db803cfa3144de5d6d37451c67e937",
        "SECRET_BLOCK": "[sealed]",
        "SRP_B": "[number of the group]",
        "USERNAME": "94e34a0e-ffe1-4c58-b223-48245a58bc09",
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      }
    }
    "#);
    assert_snapshot!(answer(&server, &claim(&challenge, PASSWORD)).await.show(), @r#"
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
async fn wrong_proofs_are_refused_alike() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let (mine, other) = (begin(&server, ALICE).await, begin(&server, "bob@example.com").await);
    let right = claim(&mine, PASSWORD);
    let with = |name: &str, value: &str| {
        let mut altered = right.clone();
        altered[name] = json!(value);
        altered
    };
    let block = right["PASSWORD_CLAIM_SECRET_BLOCK"].as_str().unwrap();
    let foreign = other.get("/ChallengeParameters/SECRET_BLOCK");
    let cases = [
        ("wrong password", claim(&mine, "Wrong-Passw0rd!")),
        ("no signature", with("PASSWORD_CLAIM_SIGNATURE", "AAAA")),
        ("another time stamp", with("TIMESTAMP", "Fri Jan 2 03:04:06 UTC 2026")),
        ("another user's block", with("PASSWORD_CLAIM_SECRET_BLOCK", &foreign)),
        ("a cut block", with("PASSWORD_CLAIM_SECRET_BLOCK", &block[..block.len() - 4])),
        ("no block", with("PASSWORD_CLAIM_SECRET_BLOCK", "AAAA")),
        ("another user", with("USERNAME", "bob@example.com")),
    ];
    for (case, responses) in cases {
        // Failures in a row would lock the user out.
        server.clock.advance(Duration::from_secs(16));
        let refused = answer(&server, &responses).await;
        let expected = ("NotAuthorizedException", "Incorrect username or password.");
        assert_eq!((&*refused.get("/__type"), &*refused.get("/message")), expected, "{case}");
    }
}

/// The time is a part of what is signed: a client that writes it otherwise fails at Amazon, too.
#[tokio::test]
async fn the_time_has_one_form() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut lines = Vec::new();
    for time in [
        "Fri Jan 02 03:04:05 UTC 2026",
        "Mon Jan 2 03:04:05 UTC 2026",
        "Fri Jan 2 24:04:05 UTC 2026",
        "Vie Ene 2 03:04:05 UTC 2026",
        "2026-01-02T03:04:05Z",
        "",
        "Fri Jan 2 03:04:05 UTC 2026",
    ] {
        let challenge = begin(&server, ALICE).await;
        let responses = SrpClient::new().claim_at(&challenge, POOL, PASSWORD, time);
        let answer = answer(&server, &responses).await;
        let told = if answer.status == 200 { "200".to_owned() } else { answer.line() };
        lines.push(format!("{time:?}: {told}"));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    "Fri Jan 02 03:04:05 UTC 2026": 400 NotAuthorizedException "Incorrect username or password."
    "Mon Jan 2 03:04:05 UTC 2026": 400 NotAuthorizedException "Incorrect username or password."
    "Fri Jan 2 24:04:05 UTC 2026": 400 InvalidParameterException "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english"
    "Vie Ene 2 03:04:05 UTC 2026": 400 InvalidParameterException "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english"
    "2026-01-02T03:04:05Z": 400 InvalidParameterException "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english"
    "": 400 InvalidParameterException "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english"
    "Fri Jan 2 03:04:05 UTC 2026": 200
    "#);
}

#[tokio::test]
async fn a_block_works_once_and_not_for_long() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let challenge = begin(&server, ALICE).await;
    let responses = claim(&challenge, PASSWORD);
    assert_eq!(answer(&server, &responses).await.status, 200);
    assert_snapshot!(answer(&server, &responses).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Invalid session for the user, session can only be used once."
    }
    "#);
    let late = claim(&begin(&server, ALICE).await, PASSWORD);
    server.clock.advance(Duration::from_mins(2));
    assert_snapshot!(answer(&server, &late).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
}

#[tokio::test]
async fn names_that_lead_to_nobody_get_the_same_salt_every_time() {
    let server = TestServer::start().await;
    let parameters = |answer: &Answer| {
        let mut parameters = answer.json()["ChallengeParameters"].clone();
        for changing in ["SRP_B", "SECRET_BLOCK"] {
            assert!(parameters.as_object_mut().unwrap().remove(changing).is_some());
        }
        parameters
    };
    let first = begin(&server, "nobody@example.com").await;
    assert_eq!(parameters(&begin(&server, "nobody@example.com").await), parameters(&first));
    assert_ne!(parameters(&begin(&server, "nobody2@example.com").await), parameters(&first));
    assert_snapshot!(answer(&server, &claim(&first, PASSWORD)).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
}

#[tokio::test]
async fn other_challenges_follow() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let challenge = begin(&server, ALICE).await;
    assert_snapshot!(answer(&server, &claim(&challenge, PASSWORD)).await.show(), @r#"
    200 OK
    {
      "ChallengeName": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    server.new_user("new@example.com", &[]).await;
    let challenge = begin(&server, "new@example.com").await;
    assert_snapshot!(answer(&server, &claim(&challenge, PASSWORD)).await.show(), @r#"
    200 OK
    {
      "ChallengeName": "NEW_PASSWORD_REQUIRED",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "435e5853-1b9f-45b1-b5d9-1342a16d37ca",
        "requiredAttributes": "[]",
        "userAttributes": "{\"email\":\"new@example.com\"}"
      },
      "Session": "[sealed]"
    }
    "#);
}

#[tokio::test]
async fn values_that_would_give_the_key_away_are_refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    for srp_a in ["0", "00", "not hexadecimal"] {
        let parameters = json!({ "USERNAME": ALICE, "SRP_A": srp_a });
        let refused = server.cognito().initiate("USER_SRP_AUTH", parameters).await;
        assert_eq!(refused.get("/__type"), "InvalidParameterException", "{srp_a}");
    }
}
