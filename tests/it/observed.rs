//! What the observer learns about requests: the reason that the caller is not told, and who did
//! what to whom.

use crate::support::{PASSWORD, POOL, Signer, TestServer};
use insta::assert_snapshot;
use poolkeeper::config::CognitoConfig;
use poolkeeper::system::operator;
use serde_json::json;
use std::num::NonZeroU32;

const ALICE: &str = "alice@example.com";
const NOBODY: &str = "nobody@example.com";

/// The events since the last call, with a name in place of the generated id.
fn heard(server: &TestServer, alice: &str) -> String {
    server.observer.heard().join("\n").replace(alice, "ALICE")
}

/// The caller gets the same answer in nearly all of these cases.
#[tokio::test]
async fn sign_ins_that_read_alike_have_reasons() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    server.observer.heard();
    cognito.sign_in(NOBODY, PASSWORD).await;
    cognito.sign_in(ALICE, "Wrong-Pass-1").await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @"
    decided BadCredentials []
    answered Cognito InitiateAuth 400 NotAuthorizedException reason=UnknownUser pool=eu-west-1_TestPool1 client=public user=- address=192.0.2.1
    decided BadCredentials []
    answered Cognito InitiateAuth 400 NotAuthorizedException reason=WrongPassword pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    ");
    server.engine.disable_user(&operator(), &POOL.into(), ALICE).await.unwrap();
    server.observer.heard();
    cognito.sign_in(ALICE, PASSWORD).await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @"
    decided UserDisabled []
    answered Cognito InitiateAuth 400 NotAuthorizedException reason=UserDisabled pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    ");
    server.engine.enable_user(&operator(), &POOL.into(), ALICE).await.unwrap();
    for _ in 0..5 {
        cognito.sign_in(ALICE, "Wrong-Pass-1").await;
    }
    server.observer.heard();
    cognito.sign_in(ALICE, PASSWORD).await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @"
    decided BadCredentials []
    answered Cognito InitiateAuth 400 NotAuthorizedException reason=LockedOut pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    ");
}

#[tokio::test]
async fn the_sign_in_apis_have_reasons() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    server.observer.heard();
    let body = json!({ "username": NOBODY, "password": PASSWORD });
    server.json("POST", "/auth", &body).await;
    let body = json!({ "username": ALICE, "password": "Wrong-Pass-1" });
    server.json("POST", "/api/auth/login", &body).await;
    let body = json!({ "UserName": ALICE, "TenantName": "nowhere", "Password": PASSWORD });
    server.json("POST", "/Login", &body).await;
    let bearer = [("authorization", "Bearer no.good.token")];
    server.bare("GET", "/api/auth/me", &bearer).await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @r#"
    decided BadCredentials []
    answered Partner /auth 401 INVALID_CREDENTIALS reason=UnknownUser pool=eu-west-1_TestPool1 client=partner user=- address=192.0.2.1
    decided BadCredentials []
    answered Portal /api/auth/login 401 - reason=WrongPassword pool=eu-west-1_TestPool1 client=portal user=ALICE address=192.0.2.1
    decided BadCredentials []
    answered Tenant /login 401 NotAuthorizedException reason=NotExpectedHere pool=eu-west-1_TestPool1 client=tenant user=ALICE address=192.0.2.1
    answered Portal /api/auth/me 401 - reason=AccessTokenInvalid pool=- client=- user=- address=192.0.2.1
    "#);
}

#[tokio::test]
async fn refusals_that_change_nothing_are_heard_of() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    server.observer.heard();
    cognito.get_user("no.good.token").await;
    cognito.get_user(&tokens.access).await;
    cognito.refresh("no.good.token").await;
    let body = json!({ "UserPoolId": POOL, "Username": NOBODY });
    cognito.admin("AdminGetUser", &body).await;
    let time = cognito.time();
    let signer = Signer { secret: "wrong", ..Signer::own(&time) };
    cognito.signed_by(&signer, "AdminGetUser", &body).await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @"
    answered Cognito GetUser 400 NotAuthorizedException reason=AccessTokenInvalid pool=- client=- user=- address=192.0.2.1
    answered Cognito GetUser 200 - reason=- pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    answered Cognito InitiateAuth 400 NotAuthorizedException reason=RefreshTokenInvalid pool=eu-west-1_TestPool1 client=public user=- address=192.0.2.1
    answered Cognito AdminGetUser 400 UserNotFoundException reason=UserNotFound pool=eu-west-1_TestPool1 client=- user=- address=192.0.2.1
    answered Cognito AdminGetUser 400 InvalidSignatureException reason=- pool=- client=- user=- address=192.0.2.1
    ");
}

/// What is refused before any endpoint sees it.
#[tokio::test]
async fn early_refusals_have_paths_and_reasons() {
    let one = NonZeroU32::new(1);
    let server = TestServer::configured(|config| {
        config.cognito = Some(CognitoConfig { attempts_per_address: one, forward: None });
        config.partner_api.as_mut().unwrap().limits.attempts_per_address = one;
        config.portal_api.as_mut().unwrap().attempts_per_address = one;
        config.tenant_api.as_mut().unwrap().attempts_per_address = one;
    })
    .await;
    let headers = [("content-type", "application/json")];
    let elsewhere = [("host", "elsewhere.example.com")];
    let mut told = Vec::new();
    for path in ["/auth", "/api/auth/login", "/Login"] {
        server.call(&format!("POST {path}"), &headers, "{}").await;
        server.observer.heard();
        server.call(&format!("POST {path}"), &headers, "{}").await;
        server.bare("POST", path, &elsewhere).await;
        told.extend(server.observer.heard());
    }
    let cognito = server.cognito();
    cognito.refresh("no.good.token").await;
    server.observer.heard();
    cognito.refresh("no.good.token").await;
    server.bare("PUT", "/auth/partners/users/ann%40example.com/disable", &elsewhere).await;
    server.bare("GET", "/nowhere", &elsewhere).await;
    told.extend(server.observer.heard());
    assert_snapshot!(told.join("\n"), @r#"
    answered Partner /auth 429 RATE_LIMITED reason=RateLimited detail="partner attempts" pool=- client=- user=- address=192.0.2.1
    answered Partner /auth 421 MISDIRECTED_REQUEST reason=UnknownHost pool=- client=- user=- address=192.0.2.1
    answered Portal /api/auth/login 500 - reason=RateLimited detail="portal attempts" pool=- client=- user=- address=192.0.2.1
    answered Portal /api/auth/login 421 - reason=UnknownHost pool=- client=- user=- address=192.0.2.1
    answered Tenant /login 429 TooManyRequests reason=RateLimited detail="tenant logins" pool=- client=- user=- address=192.0.2.1
    answered Tenant /login 421 MisdirectedRequest reason=UnknownHost pool=- client=- user=- address=192.0.2.1
    answered Cognito InitiateAuth 400 TooManyRequestsException reason=RateLimited detail="cognito attempts" pool=- client=- user=- address=192.0.2.1
    answered Partner /auth/partners/users/{email}/disable 421 MISDIRECTED_REQUEST reason=UnknownHost pool=- client=- user=- address=192.0.2.1
    answered - - 421 - reason=UnknownHost pool=- client=- user=- address=192.0.2.1
    "#);
}

#[tokio::test]
async fn changes_are_heard_of_with_what_they_did() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    server.observer.heard();
    let tokens = cognito.tokens(ALICE).await;
    let body = json!({ "AccessToken": tokens.access });
    cognito.call("GlobalSignOut", &body).await;
    let body = json!({ "UserPoolId": POOL, "Username": ALICE });
    cognito.admin("AdminDisableUser", &body).await;
    cognito.admin("AdminDeleteUser", &body).await;
    assert_snapshot!(heard(&server, alice.sub.as_str()), @r"
    decided - [SignedIn]
    answered Cognito InitiateAuth 200 - reason=- pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    decided - [UserUpdated, SignedOut]
    answered Cognito GlobalSignOut 200 - reason=- pool=eu-west-1_TestPool1 client=public user=ALICE address=192.0.2.1
    decided - [UserUpdated, SignedOut]
    answered Cognito AdminDisableUser 200 - reason=- pool=eu-west-1_TestPool1 client=- user=ALICE address=192.0.2.1
    decided - [UserDeleted]
    answered Cognito AdminDeleteUser 200 - reason=- pool=eu-west-1_TestPool1 client=- user=ALICE address=192.0.2.1
    ");
}
