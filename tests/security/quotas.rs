//! A limit tells nobody which names are one user's, and several names are no more guesses.

use super::existence::{hiding, hiding_config, work};
use crate::support::{Answer, PASSWORD, TestPool, TestServer};
use poolkeeper_pool::entity::{Contact, MessagePurpose};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const HOUR: Duration = Duration::from_hours(1);
const NEW: &str = "N3w-Passw0rd";
const LIMIT: &str =
    r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#;
const WRONG: &str =
    r#"400 CodeMismatchException "Invalid verification code provided, please try again.""#;

/// Names of nobody, of every form.
const NOBODIES: [&str; 5] = [
    "nobody",
    "nobody@example.com",
    "+14325550000",
    "nobody.likes",
    "7d9a1a1e-51f7-4f7c-9a58-2f0a7a4c5f11",
];

/// A pool in which users have five names, through a client that hides them: with a confirmed user and
/// one whose sign-up waits for its code. Gives their names.
async fn pool(server: &TestServer) -> (TestPool<'_>, [String; 4], [String; 4]) {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    let settings = json!({
        "AliasAttributes": ["email", "phone_number", "preferred_username"],
        "AutoVerifiedAttributes": ["email"],
        "Policies": {
            "SignInPolicy": { "AllowedFirstAuthFactors": factors },
            "PasswordPolicy": { "PasswordHistorySize": 2, "MinimumLength": 6 },
        },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Name": "verified_email", "Priority": 1 }],
        },
    });
    let pool = server.pool(settings).await;
    let alice = attributes("alice", "+14325551212");
    let alice: Vec<_> = alice.iter().map(|(name, value)| (*name, value.as_str())).collect();
    pool.user("alice", &alice[..2]).await;
    let email = json!([{ "Name": "email", "Value": "pending@example.com" }]);
    let new = json!({ "Username": "pending", "Password": PASSWORD, "UserAttributes": email });
    assert_eq!(pool.call("SignUp", new).await.status, 200);
    let alice = named(&pool, "alice", "+14325551212").await;
    let pending = named(&pool, "pending", "+14325551313").await;
    (pool.hiding_client().await, alice, pending)
}

fn attributes(name: &str, number: &str) -> [(&'static str, String); 5] {
    [
        ("email", format!("{name}@example.com")),
        ("phone_number", number.to_owned()),
        ("email_verified", "true".to_owned()),
        ("phone_number_verified", "true".to_owned()),
        ("preferred_username", format!("{name}.likes")),
    ]
}

/// Gives a user all kinds of names.
async fn named(pool: &TestPool<'_>, name: &str, number: &str) -> [String; 4] {
    let attributes = attributes(name, number);
    let listed = attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value }));
    let listed: Vec<_> = listed.collect();
    let body = json!({ "Username": name, "UserAttributes": listed });
    assert_eq!(pool.admin("AdminUpdateUserAttributes", body).await.line(), "200 {}");
    let [email, number, _, _, preferred] = attributes.map(|(_, value)| value);
    let names = [name.to_owned(), email, number, preferred];
    for own in &names {
        let found = pool.admin("AdminGetUser", json!({ "Username": own })).await;
        assert_eq!(found.get("/Username"), name, "{own}");
    }
    names
}

/// How a request for a code is answered.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Forgot,
    Resend,
    Email,
    Sms,
}

impl Ask {
    async fn by(self, pool: &TestPool<'_>, name: &str) -> Answer {
        let prefer = |choice: &str| json!({ "USERNAME": name, "PREFERRED_CHALLENGE": choice });
        match self {
            Self::Forgot => pool.call("ForgotPassword", json!({ "Username": name })).await,
            Self::Resend => pool.call("ResendConfirmationCode", json!({ "Username": name })).await,
            Self::Email => pool.initiate("USER_AUTH", prefer("EMAIL_OTP")).await,
            Self::Sms => pool.initiate("USER_AUTH", prefer("SMS_OTP")).await,
        }
    }

    fn limit(self) -> usize {
        match self {
            Self::Forgot | Self::Resend => 5,
            Self::Email | Self::Sms => 20,
        }
    }

    fn purpose(self) -> MessagePurpose {
        match self {
            Self::Forgot => MessagePurpose::ResetPassword,
            Self::Resend => MessagePurpose::ConfirmSignUp,
            Self::Email | Self::Sms => MessagePurpose::SignInCode,
        }
    }
}

/// Where an answer says that a code went.
fn destination(answer: &Answer) -> String {
    let json = answer.json();
    let places =
        ["/CodeDeliveryDetails/Destination", "/ChallengeParameters/CODE_DELIVERY_DESTINATION"];
    let found = places.iter().find_map(|place| json.pointer(place).and_then(Value::as_str));
    found.unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

async fn messages(server: &TestServer, purpose: MessagePurpose) -> usize {
    let messages = server.engine.outbox(999).await.unwrap();
    messages.iter().filter(|message| message.purpose == purpose).count()
}

/// (S13)
#[tokio::test]
async fn names_share_no_limit_that_is_told() {
    let server = TestServer::start().await;
    let (pool, alice, pending) = pool(&server).await;
    for ask in [Ask::Forgot, Ask::Resend, Ask::Email, Ask::Sms] {
        let names = if matches!(ask, Ask::Resend) { &pending } else { &alice };
        let before = messages(&server, ask.purpose()).await;
        let place = destination(&ask.by(&pool, &names[0]).await);
        for _ in 1..ask.limit() {
            assert_eq!(ask.by(&pool, &names[0]).await.status, 200);
        }
        let sent = before + ask.limit();
        assert_eq!(messages(&server, ask.purpose()).await, sent, "{ask:?}");
        assert_eq!(ask.by(&pool, &names[0]).await.line(), LIMIT, "{ask:?}");
        // Of the same user, none of whose names was used so far but one.
        for name in &names[1..] {
            for _ in 0..ask.limit() {
                assert_eq!(destination(&ask.by(&pool, name).await), place, "{ask:?} {name}");
            }
            assert_eq!(ask.by(&pool, name).await.line(), LIMIT, "{ask:?} {name}");
        }
        for name in NOBODIES {
            for _ in 0..ask.limit() {
                assert_eq!(ask.by(&pool, name).await.status, 200, "{ask:?} {name}");
            }
            assert_eq!(ask.by(&pool, name).await.line(), LIMIT, "{ask:?} {name}");
        }
        assert_eq!(messages(&server, ask.purpose()).await, sent, "{ask:?}: a flood");
        server.clock.advance(HOUR);
        assert_eq!(ask.by(&pool, &names[1]).await.status, 200);
        assert_eq!(messages(&server, ask.purpose()).await, sent + 1, "{ask:?}");
        server.clock.advance(HOUR);
    }
}

/// Beyond the user's own limit, too, and with a right code. (S13)
#[tokio::test]
async fn nor_does_the_work_tell() {
    let server = TestServer::start().await;
    let (pool, alice, pending) = pool(&server).await;
    for (ask, names) in [(Ask::Forgot, &alice), (Ask::Resend, &pending), (Ask::Email, &alice)] {
        for _ in 0..ask.limit() {
            ask.by(&pool, &names[0]).await;
        }
        ask.by(&pool, &names[1]).await;
        ask.by(&pool, NOBODIES[1]).await;
        let silenced = work(&server, ask.by(&pool, &names[1])).await;
        assert_eq!(silenced, work(&server, ask.by(&pool, NOBODIES[1])).await, "{ask:?}");
    }
    server.clock.advance(HOUR);
    for (ask, names) in [(Ask::Forgot, &alice), (Ask::Resend, &pending)] {
        ask.by(&pool, &names[0]).await;
        let code = server.newest_code().await.0;
        let confirm = async |name: &str, code: &str| match ask {
            Ask::Forgot => reset(&pool, name, code, NEW).await,
            _ => confirm_sign_up(&pool, name, code).await,
        };
        ask.by(&pool, NOBODIES[1]).await;
        for _ in 0..15 {
            confirm(&names[0], &other(&code)).await;
        }
        let right = work(&server, confirm(&names[1], &code)).await;
        assert_eq!(right, work(&server, confirm(NOBODIES[1], &code)).await, "{ask:?}");
    }
}

/// A right code takes longer than a wrong one. Where the limit is told, neither is looked at. (S13)
#[tokio::test]
async fn nor_whether_a_code_was_right() {
    let server = TestServer::start().await;
    let (pool, alice, _) = pool(&server).await;
    reset(&pool, &alice[1], "000000", NEW).await;
    server.clock.advance(Duration::from_mins(59));
    for _ in 0..15 {
        reset(&pool, &alice[0], "000000", NEW).await;
    }
    server.clock.advance(Duration::from_mins(1));
    // The user's own hour is over, the name's is not.
    Ask::Forgot.by(&pool, &alice[0]).await;
    let code = server.newest_code().await.0;
    let told = reset(&pool, &alice[0], &code, NEW).await.line();
    assert_eq!(told, LIMIT);
    let right = work(&server, reset(&pool, &alice[0], &code, NEW)).await;
    assert_eq!(right, work(&server, reset(&pool, &alice[0], &other(&code), NEW)).await);
    assert_eq!(reset(&pool, &alice[1], &code, NEW).await.line(), "200 {}");
}

fn other(code: &str) -> String {
    let first = if code.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", &code[1..])
}

async fn reset(pool: &TestPool<'_>, name: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "Username": name, "ConfirmationCode": code, "Password": password });
    pool.call("ConfirmForgotPassword", body).await
}

async fn confirm_sign_up(pool: &TestPool<'_>, name: &str, code: &str) -> Answer {
    let body = json!({ "Username": name, "ConfirmationCode": code });
    pool.call("ConfirmSignUp", body).await
}

/// (S13)
#[tokio::test]
async fn several_names_are_no_more_guesses() {
    let server = TestServer::start().await;
    let (pool, alice, pending) = pool(&server).await;
    for (wrong, password) in [(14, "An0ther-Passw0rd"), (15, NEW)] {
        Ask::Forgot.by(&pool, &alice[0]).await;
        let code = server.newest_code().await.0;
        for at in 0..wrong {
            let told = reset(&pool, &alice[at % 4], &other(&code), NEW).await.line();
            assert_eq!(told, WRONG, "{at}");
            assert_eq!(reset(&pool, NOBODIES[at % 5], &code, NEW).await.line(), WRONG, "{at}");
        }
        if wrong == 14 {
            assert_eq!(reset(&pool, &alice[1], &code, password).await.line(), "200 {}");
        } else {
            for name in alice.iter().map(String::as_str).chain(NOBODIES) {
                assert_eq!(reset(&pool, name, &code, password).await.line(), WRONG, "{name}");
            }
        }
        server.clock.advance(HOUR);
    }
    assert_eq!(pool.sign_in("alice", NEW).await.get("/__type"), "NotAuthorizedException");
    Ask::Resend.by(&pool, &pending[0]).await;
    let code = server.newest_code().await.0;
    for at in 0..15 {
        let told = confirm_sign_up(&pool, &pending[at % 4], &other(&code)).await.line();
        assert_eq!(told, WRONG, "{at}");
    }
    for name in pending.iter().map(String::as_str).chain(NOBODIES) {
        assert_eq!(confirm_sign_up(&pool, name, &code).await.line(), WRONG, "{name}");
    }
    server.clock.advance(HOUR);
    assert_eq!(confirm_sign_up(&pool, &pending[1], &code).await.status, 200);
}

/// What was sent last stays good, however often others ask. (S13)
#[tokio::test]
async fn asking_by_other_names_voids_no_code() {
    let server = TestServer::start().await;
    let (pool, alice, pending) = pool(&server).await;
    for (ask, names) in [(Ask::Forgot, &alice), (Ask::Resend, &pending)] {
        for _ in 0..5 {
            server.clock.advance(Duration::from_secs(1));
            ask.by(&pool, &names[0]).await;
        }
        let code = server.newest_code().await.0;
        for name in &names[1..] {
            assert_eq!(ask.by(&pool, name).await.status, 200);
        }
        let done = match ask {
            Ask::Forgot => reset(&pool, &names[0], &code, NEW).await,
            _ => confirm_sign_up(&pool, &names[0], &code).await,
        };
        assert_eq!(done.status, 200, "{ask:?}: {}", done.text);
    }
}

/// The refusal of a password of late tells that the code was right. (S13)
#[tokio::test(flavor = "multi_thread")]
async fn nor_are_they_for_many_at_once() {
    let server = Arc::new(TestServer::start().await);
    let (pool, alice, _) = pool(&server).await;
    Ask::Forgot.by(&pool, &alice[0]).await;
    let code = server.newest_code().await.0;
    let attempts: JoinSet<_> = (0..60)
        .map(|at| {
            let server = Arc::clone(&server);
            let body = json!({
                "ClientId": pool.client,
                "Username": alice[at % 4],
                "ConfirmationCode": code,
                "Password": PASSWORD,
            });
            async move { server.cognito().call("ConfirmForgotPassword", &body).await.line() }
        })
        .collect();
    let told = attempts.join_all().await;
    let (wrong, seen): (Vec<_>, Vec<_>) = told.into_iter().partition(|line| line == WRONG);
    let reused = "400 PasswordHistoryPolicyViolationException";
    assert!(seen.iter().all(|line| line.starts_with(reused)), "{seen:#?}");
    assert_eq!((seen.len(), wrong.len()), (15, 45));
}

/// Through clients that tell who exists, the limit is the user's.
#[tokio::test]
async fn where_users_are_not_hidden_the_limit_is_theirs() {
    let server = TestServer::start().await;
    let (hiding, alice, _) = pool(&server).await;
    let client = json!({ "ClientName": "telling", "PreventUserExistenceErrors": "LEGACY" });
    let client = hiding.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let pool = TestPool { server: &server, id: hiding.id.clone(), client };
    for at in 0..5 {
        assert_eq!(Ask::Forgot.by(&pool, &alice[at % 4]).await.status, 200);
    }
    for name in &alice {
        assert_eq!(Ask::Forgot.by(&pool, name).await.line(), LIMIT);
        assert_eq!(Ask::Forgot.by(&hiding, name).await.status, 200);
    }
    assert_eq!(messages(&server, MessagePurpose::ResetPassword).await, 5);
}

/// (S13)
#[tokio::test]
async fn nor_through_the_sign_in_apis() {
    let server = hiding().await;
    let alice = server.user("alice@example.com", &["partner-id-acme"]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    let names = ["alice@example.com", alice.sub.as_str()];
    for (ask, answer, code_member, password_member) in [
        ("/auth/forgot_password", "/auth/forgot_password/confirm", "conf_code", "password"),
        ("/api/auth/forgot-password", "/api/auth/reset-password", "code", "new_password"),
    ] {
        let asked = async |name: &str, times: usize| {
            let mut rows = Vec::new();
            for _ in 0..times {
                let body = json!({ "username": name });
                rows.push(server.json("POST", ask, &body).await.row(&["retry-after"]));
            }
            rows
        };
        let before = messages(&server, MessagePurpose::ResetPassword).await;
        let nobodys = asked(NOBODIES[1], 6).await;
        assert!(nobodys[4].starts_with("20") && nobodys[5].starts_with("429"), "{nobodys:#?}");
        for name in names.into_iter().chain([NOBODIES[4]]) {
            assert_eq!(asked(name, 6).await, nobodys, "{ask} {name}");
        }
        assert_eq!(messages(&server, MessagePurpose::ResetPassword).await, before + 5);
        server.clock.advance(HOUR);
        asked(names[0], 1).await;
        let code = server.newest_code().await.0;
        let answered = async |name: &str, code: &str| {
            let mut body = json!({ "username": name });
            (body[code_member], body[password_member]) = (json!(code), json!(NEW));
            server.json("POST", answer, &body).await.row(&["retry-after"])
        };
        let wrong = answered(NOBODIES[1], &code).await;
        for at in 0..15 {
            assert_eq!(answered(names[at % 2], &other(&code)).await, wrong, "{answer} {at}");
        }
        for name in names {
            assert_eq!(answered(name, &code).await, wrong, "{answer} {name}");
        }
        server.clock.advance(HOUR);
    }
}

/// (S13)
#[tokio::test]
async fn nor_when_they_confirm_sign_ups() {
    let mut config = hiding_config();
    config.pools[0].rules.auto_verified = vec![Contact::Email];
    let server = TestServer::with(config).await;
    for (at, (path, member)) in
        [("/auth/partners/users/confirm", "conf_code"), ("/api/auth/verify", "code")]
            .into_iter()
            .enumerate()
    {
        let email = format!("pending{at}@example.com");
        let new = json!({ "email": email, "password": PASSWORD, "name": "P", "country": "KE" });
        let made = server.json("POST", "/api/auth/register", &new).await;
        assert!(made.status.is_success(), "{}", made.text);
        let code = server.newest_code().await.0;
        let sub = server.found(&email).await.sub;
        let names = [email.as_str(), sub.as_str()];
        let confirm = async |name: &str, code: &str| {
            let mut body = json!({ "email": name });
            body[member] = json!(code);
            server.json("POST", path, &body).await
        };
        let wrong = confirm(NOBODIES[1], &code).await.row(&["retry-after"]);
        for at in 0..15 {
            let told = confirm(names[at % 2], &other(&code)).await.row(&["retry-after"]);
            assert_eq!(told, wrong, "{path} {at}");
        }
        for name in names {
            assert_eq!(confirm(name, &code).await.row(&["retry-after"]), wrong, "{path} {name}");
        }
        server.clock.advance(HOUR);
        assert!(confirm(names[1], &code).await.status.is_success(), "{path}");
    }
}
