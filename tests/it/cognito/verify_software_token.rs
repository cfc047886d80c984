use crate::support::{PASSWORD, Table, TestServer, Tokens};
use insta::assert_snapshot;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::system::Clock as _;
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

/// Hands out a key and tells it.
async fn associate(server: &TestServer, access_token: &str) -> String {
    let body = json!({ "AccessToken": access_token });
    server.cognito().call("AssociateSoftwareToken", &body).await.get("/SecretCode")
}

fn code(server: &TestServer, key: &str) -> String {
    poolkeeper_pool::crypto::totp::code(&Secret::from(key), server.clock.now()).unwrap()
}

async fn verify(server: &TestServer, token: &str, code: &str) -> crate::support::Answer {
    let body = json!({ "AccessToken": token, "UserCode": code, "FriendlyDeviceName": "phone" });
    server.cognito().call("VerifySoftwareToken", &body).await
}

#[tokio::test]
async fn a_first_app_is_in_force_but_not_asked_for() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = server.cognito().tokens(ALICE).await.access;
    let key = associate(&server, &token).await;
    let answer = verify(&server, &token, &code(&server, &key)).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Status": "SUCCESS"
    }
    "#);
    assert_eq!(server.cognito().get_user(&token).await.json().get("UserMFASettingList"), None);
    server.cognito().tokens(ALICE).await;
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    table.row("nothing associated", &verify(&server, &tokens.access, "123456").await);
    let key = associate(&server, &tokens.access).await;
    let newer = associate(&server, &tokens.access).await;
    let right = code(&server, &newer);
    table.row("an older key's code", &verify(&server, &tokens.access, &code(&server, &key)).await);
    table.row("an ID token", &verify(&server, &tokens.id, &right).await);
    let cognito = server.cognito();
    let body = json!({ "UserCode": right });
    table.row("nobody", &cognito.call("VerifySoftwareToken", &body).await);
    assert_eq!(verify(&server, &tokens.access, &right).await.status, 200);
    table.row("a second time", &verify(&server, &tokens.access, &right).await);
    assert_snapshot!(table, @r#"
    nothing associated: 400 InvalidParameterException "User has not set up software token mfa"
    an older key's code: 400 EnableSoftwareTokenMFAException "Code mismatch and fail enable Software Token MFA"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    nobody: 400 InvalidParameterException "Exactly one of AccessToken and Session must be given."
    a second time: 400 InvalidParameterException "User has not set up software token mfa"
    "#);
}

/// The old app stays in force until the new one is proven, and not a moment longer.
#[tokio::test]
async fn a_new_app_replaces_the_old_one_once_it_is_proven() {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[]).await;
    let cognito = server.cognito();
    let sign_in = async |code: String| {
        let session = cognito.sign_in(ALICE, PASSWORD).await.get("/Session");
        let responses =
            json!({ "USERNAME": alice.username.as_str(), "SOFTWARE_TOKEN_MFA_CODE": code });
        cognito.respond("SOFTWARE_TOKEN_MFA", &session, responses).await
    };
    let token = Tokens::of(&sign_in(server.totp_code()).await).access;
    let key = associate(&server, &token).await;
    server.clock.advance(Duration::from_secs(30));
    assert_eq!(verify(&server, &token, "000000").await.status, 400);
    let early = sign_in(code(&server, &key)).await;
    assert_eq!(early.status, 400, "not proven yet");
    assert_eq!(sign_in(server.totp_code()).await.status, 200, "still in force");
    assert_eq!(verify(&server, &token, &code(&server, &key)).await.status, 200);
    server.clock.advance(Duration::from_secs(30));
    assert_eq!(sign_in(server.totp_code()).await.status, 400, "replaced");
    assert_eq!(sign_in(code(&server, &key)).await.status, 200, "in force");
    let shown = cognito.get_user(&token).await.json();
    assert_eq!(shown["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
}

#[tokio::test]
async fn the_friendly_name_comes_with_the_challenge() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let token = server.cognito().tokens(ALICE).await.access;
    let key = associate(&server, &token).await;
    verify(&server, &token, &code(&server, &key)).await;
    server.edit(&alice, |user| user.mfa.totp.as_mut().unwrap().enabled = true).await;
    let asked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_eq!(asked.get("/ChallengeParameters/FRIENDLY_DEVICE_NAME"), "phone");
}

/// The service model would let it have 128 KiB, in every challenge and in sessions of 4 KiB.
#[tokio::test]
async fn a_friendly_name_has_a_kilobyte() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = server.cognito().tokens(ALICE).await.access;
    let key = associate(&server, &token).await;
    let named = async |length: usize| {
        let body = json!({
            "AccessToken": token,
            "UserCode": code(&server, &key),
            "FriendlyDeviceName": "x".repeat(length),
        });
        server.cognito().call("VerifySoftwareToken", &body).await
    };
    assert_snapshot!(named(1025).await.line(), @r#"400 InvalidParameterException "FriendlyDeviceName is longer than 1024 bytes.""#);
    assert_eq!(named(1024).await.status, 200);
}
