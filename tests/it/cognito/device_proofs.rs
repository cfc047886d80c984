//! Proofs of remembered devices that must not count: wrong ones, and those that were overtaken.

use crate::support::{Answer, PASSWORD, Table, TestDevice, TestPool, TestServer, Tokens};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const SID: &str = "sid";

/// Signs in up to the device's proof.
async fn begin(pool: &TestPool<'_>, device: &TestDevice) -> (String, Answer) {
    let session = pool.sign_in_on(SID, PASSWORD, &device.key).await.get("/Session");
    let challenge = pool.device_srp(SID, &session, &device.key).await;
    (session, challenge)
}

async fn prove(pool: &TestPool<'_>, responses: &Value) -> Answer {
    pool.respond_without_session("DEVICE_PASSWORD_VERIFIER", responses).await
}

#[tokio::test]
async fn wrong_proofs() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    pool.phone_user("eve").await;
    let (_, eves) = pool.device("eve").await;
    // Another device of the same user, which is not asked for.
    let password = pool.sign_in(SID, PASSWORD).await;
    let (code, _) = server.newest_code().await;
    let code = json!({ "USERNAME": SID, "SMS_MFA_CODE": code });
    let signed_in = pool.respond("SMS_MFA", &password.get("/Session"), code).await;
    let (tokens, second) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    assert_eq!(pool.confirm_device(&tokens, &second).await.status, 200);

    let (_, challenge) = begin(&pool, &device).await;
    let right = device.claim(&challenge);
    let with = |name: &str, value: &str| {
        let mut altered = right.clone();
        altered[name] = json!(value);
        altered
    };
    let foreign = begin(&pool, &second).await.1.get("/ChallengeParameters/SECRET_BLOCK");
    let srp = pool.begin_srp(SID, None).await.get("/ChallengeParameters/SECRET_BLOCK");
    let wrong = TestDevice { secret: "wrong".to_owned(), ..device.clone() };
    let cases = [
        ("a wrong secret", wrong.claim(&challenge)),
        ("another device of the user's", second.claim(&challenge)),
        ("another user's device", eves.claim(&challenge)),
        ("no signature", with("PASSWORD_CLAIM_SIGNATURE", "AAAA")),
        ("another time stamp", with("TIMESTAMP", "Fri Jan 2 03:04:06 UTC 2026")),
        ("another device's block", with("PASSWORD_CLAIM_SECRET_BLOCK", &foreign)),
        ("a password's block", with("PASSWORD_CLAIM_SECRET_BLOCK", &srp)),
        ("no block", with("PASSWORD_CLAIM_SECRET_BLOCK", "AAAA")),
        ("another user", with("USERNAME", "eve")),
        ("another key", with("DEVICE_KEY", &second.key)),
    ];
    for (case, responses) in cases {
        server.clock.advance(Duration::from_secs(16));
        let (_, challenge) = begin(&pool, &device).await;
        let refused = prove(&pool, &responses).await;
        let expected = r#"400 NotAuthorizedException "Incorrect username or password.""#;
        assert_eq!(refused.line(), expected, "{case}");
        // What was begun again is not spoilt by it, and the other way in stays open.
        if case == "no block" {
            server.clock.advance(Duration::from_secs(16));
            assert_eq!(pool.prove_device(&device, &challenge).await.status, 200);
            let without = pool.sign_in(SID, PASSWORD).await;
            assert_eq!(without.get("/ChallengeName"), "SMS_MFA");
        }
    }
}

#[tokio::test]
async fn wrong_proofs_lock_out() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let (session, challenge) = begin(&pool, &device).await;
    let wrong = TestDevice { secret: "wrong".to_owned(), ..device.clone() };
    let mut table = Table::default();
    for attempt in ["first", "second", "third", "fourth", "fifth", "sixth"] {
        table.row(attempt, &pool.prove_device(&wrong, &challenge).await);
    }
    table.row("the right one", &pool.prove_device(&device, &challenge).await);
    server.clock.advance(Duration::from_secs(16));
    table.row("later", &pool.prove_device(&device, &challenge).await);
    let again = pool.device_srp(SID, &session, &device.key).await;
    table.row("anew", &pool.prove_device(&device, &again).await);
    assert_snapshot!(table, @r#"
    first: 400 NotAuthorizedException "Incorrect username or password."
    second: 400 NotAuthorizedException "Incorrect username or password."
    third: 400 NotAuthorizedException "Incorrect username or password."
    fourth: 400 NotAuthorizedException "Incorrect username or password."
    fifth: 400 NotAuthorizedException "Incorrect username or password."
    sixth: 400 NotAuthorizedException "Password attempts exceeded"
    the right one: 400 NotAuthorizedException "Password attempts exceeded"
    later: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    anew: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
    assert_eq!(pool.sign_in_with(SID, &device).await.status, 200);
}

/// Everything that ends what was begun.
#[tokio::test]
async fn overtaken() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    let cases = ["forgotten", "not remembered", "password set", "signed out", "late", "proven"];
    for case in cases {
        let (pool, tokens, device) = server.remembered_device(SID).await;
        let (session, challenge) = begin(&pool, &device).await;
        server.clock.advance(Duration::from_secs(1));
        let status = json!({
            "Username": SID,
            "DeviceKey": device.key,
            "DeviceRememberedStatus": "not_remembered",
        });
        match case {
            "forgotten" => {
                pool.own_device("ForgetDevice", &tokens, &device.key).await;
            }
            "not remembered" => {
                pool.admin("AdminUpdateDeviceStatus", status).await;
            }
            "password set" => {
                let new = json!({ "Username": SID, "Password": PASSWORD, "Permanent": true });
                pool.admin("AdminSetUserPassword", new).await;
            }
            "signed out" => {
                pool.admin("AdminUserGlobalSignOut", json!({ "Username": SID })).await;
            }
            "late" => server.clock.advance(Duration::from_mins(2)),
            _ => {
                Tokens::of(&pool.prove_device(&device, &challenge).await);
            }
        }
        table.row(case, &pool.prove_device(&device, &challenge).await);
        let again = pool.device_srp(SID, &session, &device.key).await;
        if !again.status.is_success() {
            table.row("   begun again", &again);
            continue;
        }
        let proven = pool.prove_device(&device, &again).await;
        if case == "late" {
            // The block was old, the session is not.
            Tokens::of(&proven);
        } else {
            table.row("   begun again", &proven);
        }
    }
    assert_snapshot!(table, @r#"
    forgotten: 400 ResourceNotFoundException "Device does not exist."
       begun again: 400 ResourceNotFoundException "Device does not exist."
    not remembered: 400 NotAuthorizedException "Invalid session for the user."
       begun again: 400 NotAuthorizedException "Invalid session for the user."
    password set: 400 NotAuthorizedException "Invalid session for the user."
       begun again: 400 NotAuthorizedException "Invalid session for the user."
    signed out: 400 NotAuthorizedException "Invalid session for the user."
       begun again: 400 NotAuthorizedException "Invalid session for the user."
    late: 400 NotAuthorizedException "Incorrect username or password."
    proven: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
       begun again: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
}

/// A device that is forgotten and confirmed anew under the same key has another secret.
#[tokio::test]
async fn an_exchange_with_a_former_secret() {
    let server = TestServer::start().await;
    let (pool, tokens, device) = server.remembered_device(SID).await;
    let (_, challenge) = begin(&pool, &device).await;
    pool.own_device("ForgetDevice", &tokens, &device.key).await;
    let renewed = TestDevice { secret: "another".to_owned(), ..device.clone() };
    assert_eq!(pool.confirm_device(&tokens, &renewed).await.status, 200);
    let refused = pool.prove_device(&device, &challenge).await;
    assert_eq!(refused.get("/message"), "Incorrect username or password.");
    assert_eq!(pool.sign_in_with(SID, &renewed).await.status, 200);
}
