//! Remembered devices: Cognito's own, proven by us.

use super::ALICE;
use crate::support::*;
use poolkeeper::system::operator;
use poolkeeper_aws::Flow;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{
    ChallengeAnswer, ChallengeKind, DevicePair, Outcome, Refresh, Respond, SignIn, SignedIn,
    UserPool as _, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::DeviceRules;
use poolkeeper_pool::ids::{ClientId, PoolId};
use std::path::Path;
use std::time::Duration;

/// A server whose pool at "Amazon" tracks devices.
async fn tracking_server(on_prompt: bool) -> TestServer {
    let mut config = config(Path::new(""));
    config.pools[0].rules.devices = Some(DeviceRules {
        challenge_required_on_new_device: true,
        device_only_remembered_on_user_prompt: on_prompt,
    });
    TestServer::at_amazon(config, AtAmazon { flow: Some(Flow::User), ..AtAmazon::default() }).await
}

fn command(user: &str, device: Option<&DevicePair>) -> SignIn {
    SignIn {
        via: Via::trusted(&ClientId::from(CONFIDENTIAL_CLIENT)),
        username: user.to_owned(),
        password: Secret::from(PASSWORD),
        device: device.cloned(),
        entry_policy: EntryPolicy::default(),
    }
}

/// What comes of a password: the name of the challenge, or that the user is signed in.
async fn asked(server: &TestServer, user: &str, device: Option<&DevicePair>) -> &'static str {
    match server.pools.sign_in(&operator(), command(user, device)).await.unwrap() {
        Outcome::SignedIn(_) => "signed in",
        Outcome::Challenge(challenge) => challenge.kind.name(),
    }
}

/// Signs in with password and code, and has the device remembered.
async fn remember(server: &TestServer, user: &str) -> SignedIn {
    sign_in_with_code(server, user, true).await
}

async fn sign_in_with_code(server: &TestServer, user: &str, remember: bool) -> SignedIn {
    let challenge = match server.pools.sign_in(&operator(), command(user, None)).await.unwrap() {
        Outcome::Challenge(challenge) => challenge,
        other @ Outcome::SignedIn(_) => panic!("{other:?}"),
    };
    assert!(matches!(challenge.kind, ChallengeKind::SoftwareTokenMfa { .. }));
    let answer = Respond {
        via: Via::trusted(&ClientId::from(CONFIDENTIAL_CLIENT)),
        session: challenge.session,
        username: Some(user.to_owned()),
        answer: ChallengeAnswer::SoftwareToken(Secret::from(server.totp_code().as_str())),
        remember_device: remember,
        entry_policy: EntryPolicy::default(),
    };
    match server.pools.respond(&operator(), answer).await.unwrap() {
        Outcome::SignedIn(signed_in) => {
            server.clock.advance(Duration::from_secs(30));
            *signed_in
        }
        other @ Outcome::Challenge(_) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_remembered_device_stands_for_the_code() {
    for on_prompt in [false, true] {
        let server = tracking_server(on_prompt).await;
        server.totp_user(ALICE, &[]).await;
        let device = remember(&server, ALICE).await.remembered.unwrap();
        assert!(device.group_key.expose().starts_with('-'));
        assert_eq!(asked(&server, ALICE, Some(&device)).await, "signed in");
        assert_eq!(asked(&server, ALICE, None).await, "SOFTWARE_TOKEN_MFA");
    }
}

#[tokio::test]
async fn only_the_last_device_and_for_a_week() {
    let server = tracking_server(false).await;
    server.totp_user(ALICE, &[]).await;
    let first = remember(&server, ALICE).await.remembered.unwrap();
    let second = remember(&server, ALICE).await.remembered.unwrap();
    assert_eq!(asked(&server, ALICE, Some(&first)).await, "SOFTWARE_TOKEN_MFA");
    assert_eq!(asked(&server, ALICE, Some(&second)).await, "signed in");
    server.clock.advance(Duration::from_hours(7 * 24));
    assert_eq!(asked(&server, ALICE, Some(&second)).await, "SOFTWARE_TOKEN_MFA");
}

#[tokio::test]
async fn what_is_no_device_of_this_user_is_as_if_none_was_named() {
    let server = tracking_server(false).await;
    server.totp_user(ALICE, &[]).await;
    server.totp_user("bob@example.com", &[]).await;
    let own = remember(&server, ALICE).await.remembered.unwrap();
    let foreign = remember(&server, "bob@example.com").await.remembered.unwrap();
    let mixed = DevicePair { key: own.key.clone(), group_key: foreign.group_key.clone() };
    let made_up = DevicePair { key: own.key.clone(), group_key: Secret::from("-made up") };
    let empty = DevicePair { key: own.key.clone(), group_key: Secret::from("") };
    for pair in [&foreign, &mixed, &made_up, &empty] {
        assert_eq!(asked(&server, ALICE, Some(pair)).await, "SOFTWARE_TOKEN_MFA");
    }
    assert_eq!(asked(&server, ALICE, Some(&own)).await, "signed in");
}

#[tokio::test]
async fn a_new_password_forgets_it() {
    let server = tracking_server(false).await;
    server.totp_user(ALICE, &[]).await;
    let device = remember(&server, ALICE).await.remembered.unwrap();
    let (pool, password) = (PoolId::from(POOL), Secret::from(PASSWORD));
    server.pools.set_password(&operator(), &pool, ALICE, &password, true).await.unwrap();
    assert_eq!(asked(&server, ALICE, Some(&device)).await, "SOFTWARE_TOKEN_MFA");
}

fn refresh(client: &str, token: &Secret) -> Refresh {
    Refresh {
        via: Via::trusted(&ClientId::from(client)),
        refresh_token: token.clone(),
        device_key: None,
        entry_policy: EntryPolicy::default(),
    }
}

/// Amazon hands out a device at every sign-in, and refreshes no tokens for one that is not confirmed.
#[tokio::test]
async fn sign_ins_that_are_not_remembered_are_refreshed_too() {
    for on_prompt in [false, true] {
        let server = tracking_server(on_prompt).await;
        server.user("bob@example.com", &[]).await;
        let outcome = server.pools.sign_in(&operator(), command("bob@example.com", None)).await;
        let Outcome::SignedIn(signed_in) = outcome.unwrap() else { panic!("not signed in") };
        assert!(signed_in.remembered.is_none());
        let command = refresh(CONFIDENTIAL_CLIENT, &signed_in.refresh_token.unwrap());
        let refreshed = server.pools.refresh(&operator(), command).await.unwrap();
        assert_eq!(refreshed.profile.sub, signed_in.profile.sub);
    }
}

/// One remembered device takes the place of another, not of the sign-ins elsewhere.
#[tokio::test]
async fn remembering_a_device_ends_no_other_sign_in() {
    let server = tracking_server(false).await;
    server.totp_user(ALICE, &[]).await;
    let elsewhere = sign_in_with_code(&server, ALICE, false).await;
    assert!(elsewhere.remembered.is_none());
    remember(&server, ALICE).await.remembered.unwrap();
    let command = refresh(CONFIDENTIAL_CLIENT, &elsewhere.refresh_token.unwrap());
    server.pools.refresh(&operator(), command).await.unwrap();
}

/// Cognito wants to hear of the device at every refresh; our callers do not know that.
#[tokio::test]
async fn refresh_tokens_know_their_device() {
    let server = tracking_server(false).await;
    server.totp_user(ALICE, &[]).await;
    let signed_in = remember(&server, ALICE).await;
    let token = signed_in.refresh_token.unwrap();
    let refreshed =
        server.pools.refresh(&operator(), refresh(CONFIDENTIAL_CLIENT, &token)).await.unwrap();
    assert_eq!(refreshed.profile.sub, signed_in.profile.sub);
    let elsewhere =
        server.pools.refresh(&operator(), refresh(PUBLIC_CLIENT, &token)).await.unwrap_err();
    assert_eq!(elsewhere.to_string(), "the refresh token is invalid");
    let client = ClientId::from(CONFIDENTIAL_CLIENT);
    server.pools.revoke(&operator(), &Via::trusted(&client), &token).await.unwrap();
    let revoked =
        server.pools.refresh(&operator(), refresh(CONFIDENTIAL_CLIENT, &token)).await.unwrap_err();
    assert_eq!(revoked.to_string(), "the refresh token has been revoked");
}
