//! What all challenges share; each has a file of its own besides.

use crate::support::{PASSWORD, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn missing_parameters() {
    let server = TestServer::start().await;
    let session = "x".repeat(40);
    let cases = [
        ("NEW_PASSWORD_REQUIRED", json!({ "USERNAME": "a" })),
        ("NEW_PASSWORD_REQUIRED", json!({ "NEW_PASSWORD": "a" })),
        ("SOFTWARE_TOKEN_MFA", json!({ "USERNAME": "a" })),
        ("SOFTWARE_TOKEN_MFA", json!({ "SOFTWARE_TOKEN_MFA_CODE": "1" })),
        ("EMAIL_OTP", json!({ "USERNAME": "a", "SOFTWARE_TOKEN_MFA_CODE": "1" })),
        ("EMAIL_OTP", json!({ "EMAIL_OTP_CODE": "1" })),
        ("MFA_SETUP", json!({})),
    ];
    let mut table = Table::default();
    for (challenge, responses) in cases {
        let case = format!("{challenge} {responses}");
        table.row(&case, &server.cognito().respond(challenge, &session, responses).await);
    }
    assert_snapshot!(table, @r#"
    NEW_PASSWORD_REQUIRED {"USERNAME":"a"}: 400 InvalidParameterException "Missing required parameter NEW_PASSWORD"
    NEW_PASSWORD_REQUIRED {"NEW_PASSWORD":"a"}: 400 InvalidParameterException "Missing required parameter USERNAME"
    SOFTWARE_TOKEN_MFA {"USERNAME":"a"}: 400 InvalidParameterException "Missing required parameter SOFTWARE_TOKEN_MFA_CODE"
    SOFTWARE_TOKEN_MFA {"SOFTWARE_TOKEN_MFA_CODE":"1"}: 400 InvalidParameterException "Missing required parameter USERNAME"
    EMAIL_OTP {"SOFTWARE_TOKEN_MFA_CODE":"1","USERNAME":"a"}: 400 InvalidParameterException "Missing required parameter EMAIL_OTP_CODE"
    EMAIL_OTP {"EMAIL_OTP_CODE":"1"}: 400 InvalidParameterException "Missing required parameter USERNAME"
    MFA_SETUP {}: 400 InvalidParameterException "Missing required parameter USERNAME"
    "#);
}

#[tokio::test]
async fn missing_session() {
    let server = TestServer::start().await;
    let body = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ClientId": PUBLIC_CLIENT,
        "ChallengeResponses": { "USERNAME": "a", "NEW_PASSWORD": "a" },
    });
    let answer = server.cognito().call("RespondToAuthChallenge", &body).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "__type": "InvalidParameterException",
      "message": "Missing required parameter Session"
    }
    "#);
}

#[tokio::test]
async fn challenges_of_later_releases() {
    let server = TestServer::start().await;
    let challenges = [
        "PASSWORD_VERIFIER",
        "SMS_MFA",
        "SMS_OTP",
        "SELECT_CHALLENGE",
        "CUSTOM_CHALLENGE",
        "DEVICE_SRP_AUTH",
        "WEB_AUTHN",
        "ADMIN_NO_SRP_AUTH",
    ];
    let mut table = Table::default();
    for challenge in challenges {
        let responses = json!({ "USERNAME": "a", "ANSWER": "a", "PASSWORD": "a" });
        let answer = server.cognito().respond(challenge, &"x".repeat(40), responses).await;
        table.row(challenge, &answer);
    }
    assert_snapshot!(table, @r#"
    PASSWORD_VERIFIER: 400 InvalidParameterException "Missing required parameter PASSWORD_CLAIM_SECRET_BLOCK"
    SMS_MFA: 400 InvalidParameterException "Missing required parameter SMS_MFA_CODE"
    SMS_OTP: 400 InvalidParameterException "Missing required parameter SMS_OTP_CODE"
    SELECT_CHALLENGE: 400 InvalidParameterException "ANSWER is no available challenge."
    CUSTOM_CHALLENGE: 400 InvalidParameterException "CUSTOM_CHALLENGE is not supported by this release of Poolkeeper."
    DEVICE_SRP_AUTH: 400 InvalidParameterException "Missing required parameter DEVICE_KEY"
    WEB_AUTHN: 400 InvalidParameterException "WEB_AUTHN is not supported by this release of Poolkeeper."
    ADMIN_NO_SRP_AUTH: 400 InvalidParameterException "ADMIN_NO_SRP_AUTH is not supported by this release of Poolkeeper."
    "#);
}

#[tokio::test]
async fn unknown_client() {
    let server = TestServer::start().await;
    server.new_user("new@example.com", &[]).await;
    let body = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ClientId": "nobody",
        "Session": server.cognito().sign_in("new@example.com", PASSWORD).await.get("/Session"),
        "ChallengeResponses": { "USERNAME": "new@example.com", "NEW_PASSWORD": "a" },
    });
    let answer = server.cognito().call("RespondToAuthChallenge", &body).await;
    assert_snapshot!(answer.line(), @r#"400 ResourceNotFoundException "User pool client nobody does not exist.""#);
}
