//! A clock that was wrong and is set right harms nobody for longer than the longest real lock
//! (S10, P7).

use super::{DOORS, Face, server_with};
use crate::support::{PASSWORD, TestServer, config};
use poolkeeper::config::CognitoConfig;
use poolkeeper_faces::PartnerLimits;
use poolkeeper_pool::entity::Channel;
use serde_json::json;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

const ALICE: &str = "alice@example.com";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// An endpoint of each face that counts attempts by address.
const ATTEMPTS: [&str; 5] =
    ["POST /auth", "POST /api/auth/login", "POST /Login", "POST /RespondToChallenge", "POST /"];

/// A server that allows two attempts a minute everywhere.
async fn limited() -> TestServer {
    let attempts_per_address = NonZeroU32::new(2);
    let mut config = config(Path::new(""));
    config.partner_api.as_mut().unwrap().limits =
        PartnerLimits { attempts_per_address, ..PartnerLimits::NONE };
    config.portal_api.as_mut().unwrap().attempts_per_address = attempts_per_address;
    config.tenant_api.as_mut().unwrap().attempts_per_address = attempts_per_address;
    config.cognito = Some(CognitoConfig { attempts_per_address, forward: None });
    TestServer::with(config).await
}

/// Whether one more attempt is looked at.
async fn is_allowed(server: &TestServer, line: &str) -> bool {
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth"),
    ];
    let headers = if line == "POST /" { &headers[..] } else { &[] };
    let answer = server.call(line, headers, "{}").await;
    answer.status != 429 && !answer.text.contains("TooManyRequestsException")
}

#[tokio::test]
async fn a_corrected_clock_refuses_no_address() {
    for by in [HOUR, DAY] {
        let server = limited().await;
        for line in ATTEMPTS {
            while is_allowed(&server, line).await {}
        }
        server.clock.rewind(by);
        for line in ATTEMPTS {
            assert!(is_allowed(&server, line).await, "{line}");
            // The limit itself goes on.
            assert!(is_allowed(&server, line).await, "{line}");
            assert!(!is_allowed(&server, line).await, "{line}");
        }
    }
}

#[tokio::test]
async fn a_corrected_clock_keeps_nobody_locked_out() {
    for by in [HOUR, DAY] {
        for face in DOORS {
            let server = server_with(ALICE).await;
            for _ in 0..6 {
                face.sign_in(&server, ALICE, "Wr0ng-passw0rd").await;
            }
            assert_ne!(face.sign_in(&server, ALICE, PASSWORD).await.status, 200, "{face:?}");
            server.clock.rewind(by);
            assert_eq!(face.sign_in(&server, ALICE, PASSWORD).await.status, 200, "{face:?}");
        }
    }
}

/// Failures noted in the future are remembered: the next one locks again, for longer.
#[tokio::test]
async fn a_corrected_clock_gives_no_more_guesses() {
    let server = server_with(ALICE).await;
    for _ in 0..6 {
        Face::Partner.sign_in(&server, ALICE, "Wr0ng-passw0rd").await;
    }
    server.clock.rewind(HOUR);
    Face::Partner.sign_in(&server, ALICE, "Wr0ng-passw0rd").await;
    assert_ne!(Face::Partner.sign_in(&server, ALICE, PASSWORD).await.status, 200);
}

/// Hourly quotas of codes that were used up while the clock was ahead begin anew.
#[tokio::test]
async fn a_corrected_clock_keeps_nobody_from_codes() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    pool.user("xena", &[("email", ALICE), ("email_verified", "true")]).await;
    let ask = || pool.call("ForgotPassword", json!({ "Username": "xena" }));
    for _ in 0..5 {
        assert_eq!(ask().await.status, 200);
    }
    assert_eq!(ask().await.get("/__type"), "LimitExceededException");
    server.clock.rewind(DAY);
    assert_eq!(ask().await.status, 200);
}

/// A message whose next attempt was planned while the clock was ahead is not left waiting.
#[tokio::test]
async fn a_corrected_clock_does_not_hold_up_messages() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    pool.user("xena", &[("email", ALICE), ("email_verified", "true")]).await;
    pool.call("ForgotPassword", json!({ "Username": "xena" })).await;
    let claim = async || server.engine.claim_due(Channel::Email, 10).await.unwrap().messages.len();
    server.clock.rewind(HOUR);
    assert_eq!(claim().await, 0);
    server.engine.sweep().await.unwrap();
    assert_eq!(claim().await, 1);
}

/// A sign-in that began by the wrong clock is over, instead of going on for the difference.
#[tokio::test]
async fn a_corrected_clock_lets_no_sign_in_wait_for_longer() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let body =
        json!({ "Username": "xena", "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS" });
    assert_eq!(pool.admin("AdminCreateUser", body).await.status, 200);
    let session = pool.sign_in("xena", PASSWORD).await.get("/Session");
    server.clock.rewind(HOUR);
    let responses = json!({ "USERNAME": "xena", "NEW_PASSWORD": "An0ther-passw0rd" });
    let answer = pool.respond("NEW_PASSWORD_REQUIRED", &session, responses).await;
    assert_eq!(answer.get("/__type"), "NotAuthorizedException");
}
