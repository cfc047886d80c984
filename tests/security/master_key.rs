//! The master key: a wrong one changes nothing, and another one takes its place while servers run.

use crate::support::{
    ACCESS_KEY, Answer, CONFIDENTIAL_CLIENT, PASSWORD, POOL, TestPool, TestServer, Tokens, config,
    secret_hash,
};
use poolkeeper_pool::crypto::master_keys::{Announcement, MasterKeyProblem, RotationState, Walk};
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::entity::MasterKeyState;
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::system::Clock as _;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const SID: &str = "sid";

/// Each master key repeats a byte.
const OLD: u8 = 7;
const NEW: u8 = 9;
const WRONG: u8 = 1;

/// Everything in the database that is sealed, as it is.
async fn sealed(server: &TestServer) -> Vec<SealedRow> {
    let mut all = Vec::new();
    for place in SealedPlace::ALL {
        all.extend(server.store.sealed_rows(place, &RowKey::least(), 1000).await.unwrap());
    }
    all
}

async fn states(server: &TestServer) -> Vec<(i64, MasterKeyState)> {
    let known = server.store.master_keys().await.unwrap();
    known.iter().map(|key| (key.generation, key.state)).collect()
}

async fn starts(server: &TestServer, keys: &[u8]) -> TestServer {
    server.another_node_holding(keys).await.unwrap()
}

async fn refused(server: &TestServer, keys: &[u8]) -> MasterKeyProblem {
    server.another_node_holding(keys).await.err().unwrap()
}

async fn ask_code(server: &TestServer, access: &str) -> String {
    let ask = json!({ "AccessToken": access, "AttributeName": "email" });
    let asked = server.cognito().call("GetUserAttributeVerificationCode", &ask).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    server.newest_code().await.0
}

async fn give_code(server: &TestServer, access: &str, code: &str) -> Answer {
    let given = json!({ "AccessToken": access, "AttributeName": "email", "Code": code });
    server.cognito().call("VerifyUserAttribute", &given).await
}

async fn software_token(server: &TestServer, session: &str) -> Answer {
    let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    server.cognito().respond("SOFTWARE_TOKEN_MFA", session, responses).await
}

/// A call signed with an access key, and one that proves a client's secret.
async fn check_secrets(server: &TestServer) {
    let get = json!({ "UserPoolId": POOL, "Username": BOB });
    let got = server.cognito().admin("AdminGetUser", &get).await;
    assert_eq!(got.status, 200, "{ACCESS_KEY}: {}", got.text);
    let client = server.client(CONFIDENTIAL_CLIENT);
    let parameters = json!({
        "USERNAME": BOB,
        "PASSWORD": PASSWORD,
        "SECRET_HASH": secret_hash(BOB, client.as_str()),
    });
    let signed_in =
        server.cognito().initiate_as(client.as_str(), "USER_PASSWORD_AUTH", parameters).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
}

/// What is invented for a name that leads to nobody.
async fn salt_of(server: &TestServer) -> String {
    let asked = json!({ "USERNAME": "nobody@example.com", "SRP_A": "0a" });
    server.cognito().initiate("USER_SRP_AUTH", asked).await.get("/ChallengeParameters/SALT")
}

async fn announce(server: &TestServer) -> Announcement {
    let rotation = server.engine.master_key_rotation();
    match rotation.begin(false, server.clock.now()).await.unwrap() {
        RotationState::Announced(announced) => announced,
        other @ RotationState::Sealing { .. } => panic!("{other:?}"),
    }
}

/// (S10) A server with a wrong key used to start. Refreshing answered 400, so that applications dropped
/// their sign-ins; `RevokeToken` answered 200 and revoked nothing; valid codes were refused as wrong; users
/// that it made were 500 for the right server; and its declared access keys failed everywhere else.
#[tokio::test]
async fn a_server_with_a_wrong_key_does_not_start_and_changes_nothing() {
    let server = TestServer::start().await;
    server.user(BOB, &[]).await;
    let tokens = server.cognito().tokens(BOB).await;
    let code = ask_code(&server, &tokens.access).await;
    let before = sealed(&server).await;
    let check = async |wrong: &[u8]| {
        let problem = refused(&server, wrong).await;
        assert_eq!(
            problem.to_string(),
            "this is not the master key that the database is sealed under, and nothing was changed: \
             find the right one, or the database that belongs to this one"
        );
        assert_eq!(sealed(&server).await, before);
    };
    // A database from before keys were noted shows by what is sealed in it.
    check(&[WRONG]).await;
    assert_eq!(states(&server).await, []);
    let right = starts(&server, &[OLD]).await;
    assert_eq!(states(&server).await, [(1, MasterKeyState::Sealing)]);
    let before = sealed(&server).await;
    for wrong in [&[WRONG][..], &[NEW, WRONG]] {
        let problem = refused(&server, wrong).await;
        assert!(matches!(problem, MasterKeyProblem::Wrong), "{problem}");
    }
    assert_eq!(sealed(&server).await, before);
    assert_eq!(states(&server).await, [(1, MasterKeyState::Sealing)]);
    check_secrets(&right).await;
    assert_eq!(right.cognito().refresh(&tokens.refresh).await.status, 200);
    let checked = give_code(&right, &tokens.access, &code).await;
    assert_eq!(checked.status, 200, "{}", checked.text);
    let revoke = json!({ "ClientId": "public", "Token": tokens.refresh });
    assert_eq!(right.cognito().call("RevokeToken", &revoke).await.status, 200);
    let refused = right.cognito().refresh(&tokens.refresh).await;
    assert_eq!(refused.json()["message"], "Refresh Token has been revoked");
}

/// (O4) Two servers run while everything is sealed under another key. What strangers hold goes on as long
/// as the old key is held.
#[tokio::test]
async fn the_master_key_is_replaced_while_servers_run() {
    let first = TestServer::start().await;
    first.user(BOB, &[]).await;
    first.totp_user(ANN, &[]).await;
    let old_release_code = {
        let access = first.cognito().tokens(BOB).await.access;
        (ask_code(&first, &access).await, access)
    };
    let (a, b) = (starts(&first, &[NEW, OLD]).await, starts(&first, &[NEW, OLD]).await);
    let (pool, _, device) = a.remembered_device(SID).await;
    let TestPool { id, client, .. } = pool;
    let tokens = a.cognito().tokens(BOB).await;
    let pending = a.cognito().sign_in(ANN, PASSWORD).await.get("/Session");
    let listed = json!({ "UserPoolId": POOL, "Limit": 1 });
    let cursor = a.cognito().admin("ListUsers", &listed).await.get("/PaginationToken");
    let salt_of_nobody = salt_of(&a).await;

    let announced = announce(&a).await;
    assert!(!b.engine.follow_master_keys().await.unwrap(), "it holds the new key");
    let rotation = a.engine.master_key_rotation();
    rotation.switch(announced, a.clock.now()).await.unwrap();
    assert_eq!(states(&a).await, [(1, MasterKeyState::Opening), (2, MasterKeyState::Sealing)]);
    // The one seals under the new key, the other under the old one still.
    for server in [&a, &b] {
        assert_eq!(server.cognito().refresh(&tokens.refresh).await.status, 200);
        check_secrets(server).await;
    }
    let made_by_b = b.cognito().tokens(BOB).await;
    assert_eq!(a.cognito().refresh(&made_by_b.refresh).await.status, 200);
    let made_by_a = a.cognito().tokens(BOB).await;
    assert_eq!(b.cognito().refresh(&made_by_a.refresh).await.status, 200);
    b.engine.follow_master_keys().await.unwrap();

    let Walk { values, renewed } = rotation.walk().await.unwrap();
    assert!(values >= 8 && renewed >= 8, "{values} {renewed}");
    assert_eq!(rotation.walk().await.unwrap(), Walk { values, renewed: 0 });
    rotation.finish().await.unwrap();
    assert_eq!(states(&a).await, [(2, MasterKeyState::Sealing)]);

    let passed = software_token(&b, &pending).await;
    assert_eq!(passed.status, 200, "{}", passed.text);
    let listed = json!({ "UserPoolId": POOL, "Limit": 1, "PaginationToken": cursor });
    assert_eq!(b.cognito().admin("ListUsers", &listed).await.status, 200);
    assert_eq!(b.cognito().refresh(&tokens.refresh).await.status, 200);
    let (code, access) = old_release_code;
    let checked = give_code(&b, &access, &code).await;
    assert_eq!(checked.status, 200, "a digest of the release before: {}", checked.text);
    let code = ask_code(&b, &access).await;
    assert_eq!(salt_of(&b).await, salt_of_nobody);

    // Without the old key, what is in the database is all there.
    let new_alone = starts(&first, &[NEW]).await;
    assert_eq!(salt_of(&new_alone).await, salt_of_nobody);
    check_secrets(&new_alone).await;
    let checked = give_code(&new_alone, &access, &code).await;
    assert_eq!(checked.status, 200, "{}", checked.text);
    new_alone.clock.advance(Duration::from_secs(30));
    let session = new_alone.cognito().sign_in(ANN, PASSWORD).await.get("/Session");
    Tokens::of(&software_token(&new_alone, &session).await);
    let pool = TestPool { server: &new_alone, id, client };
    assert_eq!(pool.sign_in_with(SID, &device).await.status, 200);
    assert_eq!(new_alone.cognito().refresh(&made_by_a.refresh).await.status, 200);
    let lost = new_alone.cognito().refresh(&tokens.refresh).await;
    assert_eq!(
        (lost.status.as_u16(), lost.json()["message"].clone()),
        (400, json!("Invalid Refresh Token")),
        "who was signed in before signs in again"
    );
    assert!(matches!(refused(&first, &[OLD]).await, MasterKeyProblem::Wrong));
}

/// A server that was not given the new key keeps it from sealing.
#[tokio::test]
async fn a_server_without_the_new_key_objects() {
    let first = TestServer::start().await;
    first.user(BOB, &[]).await;
    let (with_both, with_old) = (starts(&first, &[NEW, OLD]).await, starts(&first, &[OLD]).await);
    let missed = announce(&with_both).await;
    assert!(with_old.engine.follow_master_keys().await.unwrap(), "it objects");
    assert!(!with_old.engine.follow_master_keys().await.unwrap(), "once");
    let rotation = with_both.engine.master_key_rotation();
    let problem = rotation.switch(missed, first.clock.now()).await.unwrap_err();
    assert!(matches!(problem, MasterKeyProblem::Missed), "{problem}");
    assert_eq!(states(&first).await, [(1, MasterKeyState::Sealing)]);
    check_secrets(&with_old).await;

    // Whoever waited for the first announcement does not switch by the second, to which nobody has
    // had the time to object.
    first.clock.advance(Duration::from_secs(1));
    let announced = announce(&with_both).await;
    assert_eq!(announced.generation, missed.generation);
    let problem = rotation.switch(missed, first.clock.now()).await.unwrap_err();
    assert!(matches!(problem, MasterKeyProblem::Contended), "{problem}");

    // One that comes to know too late stops before it seals what nobody else opens.
    rotation.switch(announced, first.clock.now()).await.unwrap();
    let problem = with_old.engine.follow_master_keys().await.unwrap_err();
    assert!(matches!(problem, MasterKeyProblem::Wrong), "{problem}");
}

/// (O4) Broken off after each step, and begun again by another process.
#[tokio::test]
async fn a_replacement_that_was_broken_off_is_gone_on_with() {
    let first = TestServer::start().await;
    for name in [ANN, BOB] {
        first.user(name, &[]).await;
    }
    let again = async || starts(&first, &[NEW, OLD]).await;
    let announced = announce(&again().await).await;
    assert_eq!(announce(&again().await).await, announced);
    // By two processes that had begun both.
    for _ in 0..2 {
        let node = again().await;
        node.engine.master_key_rotation().switch(announced, node.clock.now()).await.unwrap();
    }
    let (opening, sealing) = (MasterKeyState::Opening, MasterKeyState::Sealing);
    assert_eq!(states(&first).await, [(1, opening), (2, sealing)]);
    let begin = async |node: &TestServer| {
        let rotation = node.engine.master_key_rotation();
        match rotation.begin(false, node.clock.now()).await.unwrap() {
            RotationState::Sealing { is_unfinished, .. } => is_unfinished,
            other @ RotationState::Announced(_) => panic!("{other:?}"),
        }
    };
    assert!(begin(&again().await).await);
    // Whoever lacks the old key would not find what is still under it.
    assert!(matches!(refused(&first, &[NEW]).await, MasterKeyProblem::Unfinished));
    let node = again().await;
    assert!(node.engine.master_key_rotation().walk().await.unwrap().renewed > 0);
    let node = again().await;
    assert!(begin(&node).await);
    assert_eq!(node.engine.master_key_rotation().walk().await.unwrap().renewed, 0);
    node.engine.master_key_rotation().finish().await.unwrap();
    node.engine.master_key_rotation().finish().await.unwrap();
    assert!(!begin(&again().await).await);
    check_secrets(&starts(&first, &[NEW]).await).await;
}

/// (O4) Of two who replace the key in opposite directions, the first forgets no key that the second
/// needs.
#[tokio::test]
async fn a_replacement_that_was_turned_around_ends() {
    let first = TestServer::start().await;
    first.user(BOB, &[]).await;
    let (there, back) = (starts(&first, &[NEW, OLD]).await, starts(&first, &[OLD, NEW]).await);
    for node in [&there, &back] {
        let announced = announce(node).await;
        let rotation = node.engine.master_key_rotation();
        rotation.switch(announced, node.clock.now()).await.unwrap();
        rotation.walk().await.unwrap();
    }
    let rotation = there.engine.master_key_rotation();
    let (walked, finished) = (rotation.walk().await.unwrap_err(), rotation.finish().await);
    assert!(matches!(walked, MasterKeyProblem::Contended), "{walked}");
    assert!(matches!(finished, Err(MasterKeyProblem::Contended)), "{finished:?}");
    let (opening, sealing) = (MasterKeyState::Opening, MasterKeyState::Sealing);
    assert_eq!(states(&first).await, [(1, opening), (2, opening), (3, sealing)]);
    back.engine.master_key_rotation().finish().await.unwrap();
    check_secrets(&starts(&first, &[OLD]).await).await;
}

/// (O4) Whoever had the master key and the database knows what digests are made with, too.
#[tokio::test]
async fn digests_are_made_with_another_key_if_that_is_asked_for() {
    let first = TestServer::start().await;
    for name in [ANN, BOB] {
        first.user(name, &[]).await;
    }
    let node = starts(&first, &[NEW, OLD]).await;
    let ann = node.cognito().tokens(ANN).await.access;
    let bob = node.cognito().tokens(BOB).await.access;
    let (for_ann, for_bob) = (ask_code(&node, &ann).await, ask_code(&node, &bob).await);
    let salt = salt_of(&node).await;
    let rotation = node.engine.master_key_rotation();
    // An announcement with the old digests is replaced.
    let with_old = announce(&node).await;
    let begun = rotation.begin(true, node.clock.now()).await.unwrap();
    let RotationState::Announced(announced) = begun else { panic!("{begun:?}") };
    assert_ne!(announced.generation, with_old.generation);
    rotation.switch(announced, node.clock.now()).await.unwrap();
    let late = rotation.begin(true, node.clock.now()).await.unwrap_err();
    assert!(matches!(late, MasterKeyProblem::DigestsKept), "{late}");
    assert_ne!(salt_of(&node).await, salt);
    assert_eq!(give_code(&node, &ann, &for_ann).await.status, 200);
    rotation.walk().await.unwrap();
    rotation.finish().await.unwrap();
    let late = give_code(&node, &bob, &for_bob).await;
    assert_eq!(late.json()["__type"], "CodeMismatchException", "{}", late.text);
}

/// (S10) What tells the right key goes along to PostgreSQL.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_copy_knows_its_key() {
    let server = TestServer::on_a_file(config(Path::new(""))).await;
    drop(starts(&server, &[OLD]).await);
    let known = server.store.master_keys().await.unwrap();
    let server = server.copied().await;
    assert_eq!(server.store.master_keys().await.unwrap(), known);
    assert!(matches!(refused(&server, &[WRONG]).await, MasterKeyProblem::Wrong));
    starts(&server, &[OLD]).await;
}
