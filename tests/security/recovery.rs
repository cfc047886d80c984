//! Sign-ups, forgotten and changed passwords under attack.

use crate::support::{Answer, PASSWORD, TestPool, TestServer};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinSet;

const ANN: &str = "ann@example.com";
/// As long as [`ANN`], and it begins alike.
const NOBODY: &str = "abe@example.com";
const NEW: &str = "N3w-password!";

fn kind(answer: &Answer) -> String {
    if answer.status.is_success() { "success".to_owned() } else { answer.get("/__type") }
}

fn remembering() -> Value {
    json!({ "Policies": { "PasswordPolicy": { "PasswordHistorySize": 3, "MinimumLength": 6 } } })
}

fn other(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

async fn change(pool: &TestPool<'_>, token: &str, old: &str, new: &str) -> Answer {
    let body = json!({ "AccessToken": token, "PreviousPassword": old, "ProposedPassword": new });
    pool.server.cognito().call("ChangePassword", &body).await
}

async fn confirm_reset(pool: &TestPool<'_>, name: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "Username": name, "ConfirmationCode": code, "Password": password });
    pool.call("ConfirmForgotPassword", body).await
}

async fn forgot(pool: &TestPool<'_>, name: &str) -> Answer {
    pool.call("ForgotPassword", json!({ "Username": name })).await
}

async fn sign_up(pool: &TestPool<'_>, name: &str, attributes: &[(&str, &str)]) -> Answer {
    let attribute = |(name, value): &(&str, &str)| json!({ "Name": name, "Value": value });
    let attributes: Vec<_> = attributes.iter().map(attribute).collect();
    let body = json!({ "Username": name, "Password": PASSWORD, "UserAttributes": attributes });
    pool.call("SignUp", body).await
}

/// A stolen access token buys five looks at the password an hour, whatever is proposed: the
/// refusal of a password of late must not tell that the guess was right.
#[tokio::test]
async fn what_the_pool_remembers_is_no_way_around_the_limit_of_changes() {
    let server = TestServer::start().await;
    let pool = server.pool(remembering()).await;
    pool.user("ann", &[]).await;
    let token = pool.tokens("ann").await.access;
    for _ in 0..5 {
        server.clock.advance(Duration::from_mins(1));
        change(&pool, &token, "wrong-1A!", "wrong-1A!").await;
    }
    server.clock.advance(Duration::from_mins(1));
    let wrong = change(&pool, &token, "wrong-1A!", "wrong-1A!").await;
    let right = change(&pool, &token, PASSWORD, PASSWORD).await;
    assert_eq!(kind(&wrong), "LimitExceededException");
    assert_eq!(right.text, wrong.text);
}

/// The same in a crowd, where none of the guesses has been counted yet when they are compared.
#[tokio::test(flavor = "multi_thread")]
async fn nor_is_it_for_many_at_once() {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(remembering()).await;
    pool.user("ann", &[]).await;
    let token = pool.tokens("ann").await.access;
    for round in 0..3 {
        server.clock.advance(Duration::from_hours(2));
        let token = if round == 0 { token.clone() } else { pool.tokens("ann").await.access };
        let calls: JoinSet<_> = (0..60)
            .map(|at| {
                let (server, token) = (Arc::clone(&server), token.clone());
                let guess = if at == 59 { PASSWORD } else { "wrong-1A!" };
                async move {
                    let body = json!({
                        "AccessToken": token,
                        "PreviousPassword": guess,
                        "ProposedPassword": guess,
                    });
                    server.cognito().call("ChangePassword", &body).await
                }
            })
            .collect();
        let answers = calls.join_all().await;
        let looked_at = |answer: &&Answer| {
            let told = kind(answer);
            told == "PasswordHistoryPolicyViolationException"
                || answer.text.contains("Incorrect username or password.")
        };
        let told = answers.iter().filter(looked_at).count();
        assert!(told <= 5, "round {round}: {told} guesses were looked at");
    }
}

#[tokio::test]
async fn what_the_pool_remembers_is_no_way_around_the_limit_of_codes() {
    let server = TestServer::start().await;
    let pool = server.pool(remembering()).await;
    pool.user("ann", &[("email", ANN), ("email_verified", "true")]).await;
    assert_eq!(forgot(&pool, "ann").await.status, 200);
    let code = server.newest_code().await.0;
    for _ in 0..15 {
        confirm_reset(&pool, "ann", &other(&code), PASSWORD).await;
    }
    let wrong = confirm_reset(&pool, "ann", &other(&code), PASSWORD).await;
    let right = confirm_reset(&pool, "ann", &code, PASSWORD).await;
    assert_eq!(kind(&wrong), "LimitExceededException");
    assert_eq!(right.text, wrong.text);
}

/// Every attempt with the right code counts, too.
#[tokio::test]
async fn a_password_of_late_costs_an_attempt() {
    let server = TestServer::start().await;
    let pool = server.pool(remembering()).await;
    pool.user("ann", &[("email", ANN), ("email_verified", "true")]).await;
    assert_eq!(forgot(&pool, "ann").await.status, 200);
    let code = server.newest_code().await.0;
    for _ in 0..15 {
        let told = confirm_reset(&pool, "ann", &code, PASSWORD).await;
        assert_eq!(kind(&told), "PasswordHistoryPolicyViolationException");
    }
    assert_eq!(kind(&confirm_reset(&pool, "ann", &code, NEW).await), "LimitExceededException");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_confirmations_by_one_code_one_wins() {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    sign_up(&pool, "ann", &[("email", ANN)]).await;
    let sign_up_code = server.newest_code().await.0;
    pool.user("bob", &[("email", ANN), ("email_verified", "true")]).await;
    server.clock.advance(Duration::from_secs(1));
    forgot(&pool, "bob").await;
    let reset_code = server.newest_code().await.0;
    for (operation, body) in [
        ("ConfirmSignUp", json!({ "Username": "ann", "ConfirmationCode": sign_up_code })),
        (
            "ConfirmForgotPassword",
            json!({ "Username": "bob", "ConfirmationCode": reset_code, "Password": NEW }),
        ),
    ] {
        let mut body = body;
        body["ClientId"] = json!(pool.client);
        let calls: JoinSet<_> = (0..20)
            .map(|_| {
                let (server, body) = (Arc::clone(&server), body.clone());
                async move { server.cognito().call(operation, &body).await }
            })
            .collect();
        let answers = calls.join_all().await;
        let told: Vec<_> = answers.iter().map(kind).collect();
        let won = told.iter().filter(|told| *told == "success").count();
        assert_eq!(won, 1, "{operation}: {told:?}");
        assert!(!told.iter().any(|told| told.contains("Internal")), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_wrong_codes_fifteen_are_told_so() {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let hiding = pool.hiding_client().await;
    pool.user("ann", &[("email", ANN), ("email_verified", "true")]).await;
    for name in ["ann", "nobody"] {
        assert_eq!(forgot(&hiding, name).await.status, 200);
        let body = json!({
            "ClientId": hiding.client, "Username": name,
            "ConfirmationCode": "12345x", "Password": NEW,
        });
        let calls: JoinSet<_> = (0..100)
            .map(|_| {
                let (server, body) = (Arc::clone(&server), body.clone());
                async move { server.cognito().call("ConfirmForgotPassword", &body).await }
            })
            .collect();
        let answers = calls.join_all().await;
        let count = |wanted: &str| answers.iter().filter(|answer| kind(answer) == wanted).count();
        assert_eq!(count("CodeMismatchException"), 15, "{name}");
        assert_eq!(count("LimitExceededException"), 85, "{name}");
    }
}

/// A code is good for one purpose and one user.
#[tokio::test]
async fn codes_are_good_for_what_they_were_sent_for() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    sign_up(&pool, "ann", &[("email", ANN)]).await;
    let sign_up_code = server.newest_code().await.0;
    for name in ["bob", "eve"] {
        server.clock.advance(Duration::from_secs(1));
        pool.user(name, &[("email", ANN), ("email_verified", "true")]).await;
        assert_eq!(forgot(&pool, name).await.status, 200);
    }
    let eves = server.newest_code().await.0;
    for code in [&sign_up_code, &eves] {
        assert_eq!(kind(&confirm_reset(&pool, "bob", code, NEW).await), "CodeMismatchException");
    }
    let body = json!({ "Username": "ann", "ConfirmationCode": eves });
    assert_eq!(kind(&pool.call("ConfirmSignUp", body).await), "CodeMismatchException");
}

#[tokio::test]
async fn known_and_unknown_users_cost_the_same_comparisons() {
    let server = TestServer::start().await;
    let pool = server.pool(remembering()).await;
    let hiding = pool.hiding_client().await;
    pool.user(ANN, &[("email", ANN), ("email_verified", "true")]).await;
    let mut seen = Vec::new();
    for name in [ANN, NOBODY] {
        let before = server.workers.comparisons.load(Ordering::SeqCst);
        let early = confirm_reset(&hiding, name, "12345x", NEW).await.text;
        let sent = forgot(&hiding, name).await.text;
        let wrong = confirm_reset(&hiding, name, "12345x", NEW).await.text;
        let work = server.workers.comparisons.load(Ordering::SeqCst) - before;
        seen.push((early, sent, wrong, work));
    }
    assert_eq!(seen[0], seen[1]);
}

/// In whatever case an address is typed.
#[tokio::test]
async fn the_case_of_a_masked_address_tells_nothing() {
    let server = TestServer::start().await;
    let pool = server
        .pool(json!({
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["email"],
            "UsernameConfiguration": { "CaseSensitive": false },
        }))
        .await;
    let hiding = pool.hiding_client().await;
    pool.user(ANN, &[("email_verified", "true")]).await;
    pool.user("Bob@Example.com", &[("email_verified", "true")]).await;
    let known = [ANN, "Ann@Example.com", "bob@example.com", "BOB@example.com"];
    let unknown = [NOBODY, "Abe@Example.com", "ben@example.com", "BEN@example.com"];
    for (known, unknown) in known.into_iter().zip(unknown) {
        let (known, unknown) = (forgot(&hiding, known).await, forgot(&hiding, unknown).await);
        assert_eq!(known.text, unknown.text);
    }
}

#[tokio::test]
async fn the_medium_is_one_that_the_pool_uses() {
    let server = TestServer::start().await;
    let ways = json!([{ "Priority": 1, "Name": "verified_phone_number" }]);
    let pool = server
        .pool(json!({
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["phone_number"],
            "AccountRecoverySetting": { "RecoveryMechanisms": ways },
        }))
        .await;
    let hiding = pool.hiding_client().await;
    let number = ("phone_number", "+14325551212");
    pool.user(ANN, &[number, ("phone_number_verified", "true")]).await;
    assert_eq!(sign_up(&pool, "ada@example.com", &[number]).await.status, 200);
    let medium = |answer: &Answer| answer.get("/CodeDeliveryDetails/DeliveryMedium");
    let (known, unknown) = (forgot(&hiding, ANN).await, forgot(&hiding, NOBODY).await);
    assert_eq!(medium(&known), medium(&unknown));
    let mut sent = Vec::new();
    for name in ["ada@example.com", NOBODY] {
        let body = json!({ "Username": name });
        sent.push(medium(&hiding.call("ResendConfirmationCode", body).await));
    }
    assert_eq!(sent[0], sent[1]);
}

/// Where there is nothing to verify, an unconfirmed user looks like nobody.
#[tokio::test]
async fn who_cannot_be_sent_a_code_again_looks_like_nobody() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let hiding = pool.hiding_client().await;
    assert_eq!(sign_up(&pool, "ann", &[("email", ANN)]).await.status, 200);
    let mut told = Vec::new();
    for name in ["ann", "nobody"] {
        let answer = hiding.call("ResendConfirmationCode", json!({ "Username": name })).await;
        told.push(kind(&answer));
    }
    assert_eq!(told, ["success", "success"]);
}
