//! Who exists shows to no stranger: not by names, lengths, choices, codes or locks, and not by the
//! work that is done.

use super::DOORS;
use crate::support::{Answer, PASSWORD, SrpClient, TENANT_GROUP, TestPool, TestServer, config};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// A server on which every face hides users.
pub(super) async fn hiding() -> TestServer {
    TestServer::with(hiding_config()).await
}

pub(super) fn hiding_config() -> Config {
    let mut config = config(Path::new(""));
    let portal = config.portal_api.as_mut().unwrap();
    (portal.hide_unknown_users, portal.registration) = (true, true);
    config.pools[0].clients.iter_mut().for_each(|client| client.hides_users = true);
    config
}

/// A pool of chosen usernames with an alias, all first factors, and users of every kind; the client
/// hides them.
async fn pool(server: &TestServer) -> TestPool<'_> {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    let settings = json!({
        "AliasAttributes": ["email"],
        "UsernameConfiguration": { "CaseSensitive": false },
        "AutoVerifiedAttributes": ["email"],
        "MfaConfiguration": "OPTIONAL",
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } },
    });
    let pool = server.pool(settings).await;
    for name in ["alice", "factor", "disabled", "reset"] {
        let email = format!("{name}@example.com");
        pool.user(name, &[("email", &email), ("email_verified", "true")]).await;
    }
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "Username": "factor", "EmailMfaSettings": block });
    pool.admin("AdminSetUserMFAPreference", preference).await;
    pool.admin("AdminDisableUser", json!({ "Username": "disabled" })).await;
    pool.admin("AdminResetUserPassword", json!({ "Username": "reset" })).await;
    let email = json!([{ "Name": "email", "Value": "new@example.com" }]);
    let new = json!({
        "Username": "temporary", "UserAttributes": email, "TemporaryPassword": "T3mp-Passw0rd",
    });
    pool.admin("AdminCreateUser", new).await;
    let email = json!([{ "Name": "email", "Value": "pending@example.com" }]);
    let new = json!({ "Username": "pending", "Password": PASSWORD, "UserAttributes": email });
    assert_eq!(pool.call("SignUp", new).await.status, 200);
    pool.hiding_client().await
}

/// All that the pool's users and strangers are called.
const NAMES: [&str; 7] = ["alice", "factor", "disabled", "temporary", "pending", "reset", "nobody"];

async fn srp(pool: &TestPool<'_>, name: &str) -> Answer {
    let parameters = json!({ "USERNAME": name, "SRP_A": SrpClient::new().srp_a() });
    pool.initiate("USER_SRP_AUTH", parameters).await
}

async fn begin(pool: &TestPool<'_>, name: &str) -> Answer {
    pool.initiate("USER_AUTH", json!({ "USERNAME": name })).await
}

/// (A3, S4)
#[tokio::test]
async fn names_are_told_in_the_same_form() {
    let server = TestServer::start().await;
    let pool = pool(&server).await;
    for name in ["ALICE", "NOBODY"] {
        let told = srp(&pool, name).await;
        for parameter in ["USERNAME", "USER_ID_FOR_SRP"] {
            let told = told.get(&format!("/ChallengeParameters/{parameter}"));
            assert_eq!(told, name.to_lowercase());
        }
    }
    let told = async |name: &str| srp(&pool, name).await.get("/ChallengeParameters/USERNAME");
    assert_eq!(told("ALICE@example.com").await, "alice");
    let invented = told("nobody@example.com").await;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    assert!(invented.bytes().all(is_plain), "{invented}");
    assert_eq!(told("NOBODY@example.com").await, invented);
    assert_ne!(told("somebody@example.com").await, invented);
    // Whoever begins again with what was told gets the same salt, as users do.
    let salt = async |name: &str| srp(&pool, name).await.get("/ChallengeParameters/SALT");
    for name in ["alice@example.com", "nobody@example.com", "somebody@example.com"] {
        assert_eq!(salt(name).await, salt(&told(name).await).await, "{name}");
    }
    // What was told is good to go on with.
    let wrong = async |name: &str| {
        let asked = begin(&pool, name).await;
        let told = asked.get("/ChallengeParameters/USERNAME");
        let responses = json!({ "USERNAME": told, "ANSWER": "PASSWORD", "PASSWORD": "wrong" });
        pool.respond("SELECT_CHALLENGE", &asked.get("/Session"), responses).await.line()
    };
    assert_eq!(wrong("nobody@example.com").await, wrong("alice@example.com").await);
    // Where addresses take the username's place, the username is a UUID.
    let settings = json!({ "UsernameAttributes": ["email"] });
    let pool = server.pool(settings).await.hiding_client().await;
    let told = srp(&pool, "nobody@example.com").await.get("/ChallengeParameters/USERNAME");
    assert_eq!((told.len(), told.matches('-').count()), (36, 4), "{told}");
    let upper = srp(&pool, "NOBODY").await.get("/ChallengeParameters/USERNAME");
    assert_eq!(upper, "NOBODY", "case counts in this pool");
}

/// (S4)
#[tokio::test]
async fn sealed_values_have_one_length() {
    let server = TestServer::start().await;
    let pool = pool(&server).await;
    for length in [1, 20, 60, 128] {
        let name = "n".repeat(length);
        pool.user(&name, &[]).await;
        let nobody = "o".repeat(length);
        let lengths = async |name: &str| {
            let block = srp(&pool, name).await.get("/ChallengeParameters/SECRET_BLOCK").len();
            (block, begin(&pool, name).await.get("/Session").len())
        };
        assert_eq!(lengths(&name).await, lengths(&nobody).await, "{length}");
        assert_eq!(lengths(&name).await, lengths("alice").await, "{length}");
    }
    let session = begin(&pool, "alice").await.get("/Session").len();
    assert!(session <= 2048, "as long as clients take: {session}");
}

/// (S4)
#[tokio::test]
async fn the_choices_are_the_pools() {
    let server = TestServer::start().await;
    let pool = pool(&server).await;
    for name in NAMES {
        let asked = begin(&pool, name).await.json();
        let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
        assert_eq!(asked["AvailableChallenges"], all, "{name}");
        for choice in ["EMAIL_OTP", "SMS_OTP"] {
            let parameters = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": choice });
            let asked = pool.initiate("USER_AUTH", parameters).await;
            assert_eq!(asked.get("/ChallengeName"), choice, "{name}");
        }
    }
    // A code alone goes to nobody of whom more is asked, who may not come in or has no address.
    let codes = server.engine.outbox(99).await.unwrap().into_iter();
    let codes = codes.filter(|m| m.purpose == poolkeeper_pool::entity::MessagePurpose::SignInCode);
    let mut to: Vec<_> = codes.map(|message| message.to).collect();
    to.retain(|to| to != "pending@example.com");
    assert_eq!(to, ["alice@example.com"]);
}

/// (A2, A4)
#[tokio::test]
async fn wrong_codes_are_wrong_whoever_waits_for_one() {
    let server = hiding().await;
    let pool = pool(&server).await;
    let sign_up = async |name: &str| {
        let body = json!({ "Username": name, "ConfirmationCode": "000000" });
        pool.call("ConfirmSignUp", body).await.line()
    };
    let forgot = async |name: &str| {
        let body = json!({ "Username": name, "ConfirmationCode": "000000", "Password": PASSWORD });
        pool.call("ConfirmForgotPassword", body).await.line()
    };
    for name in NAMES {
        let wrong =
            r#"400 CodeMismatchException "Invalid verification code provided, please try again.""#;
        assert_eq!(sign_up(name).await, wrong, "{name}");
        assert_eq!(forgot(name).await, wrong, "{name}");
    }
    // The sign-in APIs: somebody who waits for a code to confirm, or to replace the password.
    let new = json!({ "email": "pending@example.com", "password": PASSWORD, "name": "P", "country": "KE" });
    let made = server.json("POST", "/api/auth/register", &new).await;
    assert!(made.status.is_success(), "{}", made.text);
    server.user("alice@example.com", &[]).await;
    let reset = server.user("reset@example.com", &["partner-id-acme"]).await;
    server.edit(&reset, |user| user.attributes.set("email_verified", "true")).await;
    server
        .engine
        .reset_password(&operator(), &server.main_pool(), "reset@example.com")
        .await
        .unwrap();
    for (path, name, code, more) in [
        ("/auth/partners/users/confirm", "email", "conf_code", json!({})),
        ("/api/auth/verify", "email", "code", json!({})),
        ("/api/auth/reset-password", "username", "code", json!({ "new_password": PASSWORD })),
    ] {
        let mut told = Vec::new();
        for user in ["pending", "alice", "reset", "nobody"] {
            let mut body = more.clone();
            body[name] = json!(format!("{user}@example.com"));
            body[code] = json!("000000");
            told.push(server.json("POST", path, &body).await.row(&[]));
        }
        assert!(told.iter().all(|row| row.starts_with("400") && *row == told[0]), "{told:#?}");
    }
}

/// A right password included. (A8, S8)
#[tokio::test]
async fn a_lock_looks_like_a_wrong_password() {
    let server = hiding().await;
    let user = server.user("alice@example.com", &["partner-id-acme", TENANT_GROUP]).await;
    for face in DOORS {
        let attempt = async |password: &str| {
            let before = server.workers.comparisons.load(SeqCst);
            server.store.calls();
            let answer = face.sign_in(&server, "alice@example.com", password).await;
            let hashes = server.workers.comparisons.load(SeqCst) - before;
            // Another statement that writes the same row.
            let calls = server.store.calls().join("\n").replace("TouchLockout", "SetLockout");
            (answer.row(&[]), hashes, calls)
        };
        attempt("wrong").await;
        let wrong = attempt("wrong").await;
        server.engine.lock(&operator(), &user).await.unwrap();
        assert_eq!(attempt("wrong").await, wrong, "{face:?}");
        assert_eq!(attempt(PASSWORD).await, wrong, "{face:?}");
        server.clock.advance(Duration::from_hours(1));
        assert!(face.sign_in(&server, "alice@example.com", PASSWORD).await.status.is_success());
    }
}

/// One mail at the fifth failure, and none for those that follow. (S8)
#[tokio::test]
async fn the_owner_hears_of_a_lock_once() {
    let server = TestServer::start().await;
    let alice = server.user("alice@example.com", &[]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    server.user("unproven@example.com", &[]).await;
    for name in ["alice@example.com", "unproven@example.com", "nobody@example.com"] {
        for _ in 0..8 {
            server.cognito().sign_in(name, "wrong").await;
            server.clock.advance(Duration::from_mins(1));
        }
    }
    let mails = server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((mail.to.as_str(), mail.purpose.name()), ("alice@example.com", "locked_out"));
    assert!(mail.code.is_none());
    // As much is stored for nobody.
    let calls = server.store.calls();
    assert_eq!(calls.iter().filter(|call| call.contains("Enqueue of")).count(), 3);
}

/// What was asked of the store, and how much was put into the outbox.
pub(super) async fn work(server: &TestServer, answer: impl Future<Output = Answer>) -> String {
    server.store.calls();
    let answer = answer.await;
    // The same statement, which finds nobody.
    let calls = server.store.calls().join("\n").replace("LookForUser", "ExpectUser");
    format!("{}\n{calls}", answer.status)
}

/// (A5, S4)
#[tokio::test]
async fn the_work_is_the_same_through_cognitos_protocol() {
    let server = TestServer::start().await;
    let pool = pool(&server).await;
    let mut all = Vec::new();
    for name in NAMES {
        server.clock.advance(Duration::from_secs(1));
        let with = |more: Value| {
            let mut parameters = json!({ "USERNAME": name });
            parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            parameters
        };
        let named = |more: Value| {
            let mut body = with(more);
            body["Username"] = body.as_object_mut().unwrap().remove("USERNAME").unwrap();
            body
        };
        let key = "us-east-1_00000000-0000-4000-8000-000000000000";
        let claim = SrpClient::new();
        let mut proof = claim.claim(&srp(&pool, name).await, &pool.id, "wrong");
        let proven = json!({ "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof });
        proof["DEVICE_KEY"] = json!(key);
        let on = json!({ "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof });
        let session = begin(&pool, name).await.get("/Session");
        let choose = |choice: &str| {
            let more = with(json!({ "ANSWER": choice, "SRP_A": claim.srp_a(), "PASSWORD": "x" }));
            pool.respond("SELECT_CHALLENGE", &session, more)
        };
        let prefer = |choice: &str| {
            let more = json!({
                "PREFERRED_CHALLENGE": choice, "SRP_A": claim.srp_a(), "PASSWORD": "x",
            });
            pool.initiate("USER_AUTH", with(more))
        };
        let mailed = prefer("EMAIL_OTP").await.get("/Session");
        let code = with(json!({ "EMAIL_OTP_CODE": "x" }));
        let wrong = json!({ "ConfirmationCode": "0", "Password": "N3w-Passw0rd" });
        let unsure = json!({ "ConfirmationCode": "0" });
        let password = json!({ "PASSWORD": "wrong" });
        let on_device = json!({ "PASSWORD": "wrong", "DEVICE_KEY": key });
        let flow = "USER_PASSWORD_AUTH";
        let work = [
            ("password", work(&server, pool.initiate(flow, with(password))).await),
            ("device", work(&server, pool.initiate(flow, with(on_device))).await),
            ("SRP_A", work(&server, srp(&pool, name)).await),
            ("proof", work(&server, pool.call("RespondToAuthChallenge", proven)).await),
            ("proof on a device", work(&server, pool.call("RespondToAuthChallenge", on)).await),
            ("USER_AUTH", work(&server, begin(&pool, name)).await),
            ("choose PASSWORD", work(&server, choose("PASSWORD")).await),
            ("choose PASSWORD_SRP", work(&server, choose("PASSWORD_SRP")).await),
            ("choose EMAIL_OTP", work(&server, choose("EMAIL_OTP")).await),
            ("prefer PASSWORD", work(&server, prefer("PASSWORD")).await),
            ("prefer PASSWORD_SRP", work(&server, prefer("PASSWORD_SRP")).await),
            ("prefer EMAIL_OTP", work(&server, prefer("EMAIL_OTP")).await),
            ("prefer SMS_OTP", work(&server, prefer("SMS_OTP")).await),
            ("code", work(&server, pool.respond("EMAIL_OTP", &mailed, code)).await),
            ("forgot", work(&server, pool.call("ForgotPassword", named(json!({})))).await),
            ("forgot, code", work(&server, pool.call("ConfirmForgotPassword", named(wrong))).await),
            ("resend", work(&server, pool.call("ResendConfirmationCode", named(json!({})))).await),
            ("sign-up, code", work(&server, pool.call("ConfirmSignUp", named(unsure))).await),
        ];
        all.push((name, work));
    }
    let (_, alices) = &all[0];
    for (name, work) in &all {
        for (one, other) in work.iter().zip(alices) {
            assert_eq!(one, other, "{name}");
        }
    }
}

/// What `/Login` does is in `tenant::refusals`. (A5, S4)
#[tokio::test]
async fn the_work_is_the_same_through_the_sign_in_apis() {
    let server = hiding().await;
    let groups = &["partner-id-acme", TENANT_GROUP];
    let alice = server.user("alice@example.com", groups).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    let disabled = server.user("disabled@example.com", groups).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    server.new_user("temporary@example.com", groups).await;
    let mut all = Vec::new();
    for name in ["alice", "disabled", "temporary", "nobody"] {
        let name = format!("{name}@example.com");
        let mut done = Vec::new();
        for (path, body) in [
            ("/auth", json!({ "username": name, "password": "wrong" })),
            ("/api/auth/login", json!({ "username": name, "password": "wrong" })),
            ("/api/auth/forgot-password", json!({ "username": name })),
            (
                "/api/auth/reset-password",
                json!({ "username": name, "code": "0", "new_password": "N3w-Passw0rd" }),
            ),
            ("/api/auth/verify", json!({ "email": name, "code": "0" })),
            ("/auth/forgot_password", json!({ "username": name })),
            (
                "/auth/forgot_password/confirm",
                json!({ "username": name, "conf_code": "0", "password": "N3w-Passw0rd" }),
            ),
            ("/auth/partners/users/confirm", json!({ "email": name, "conf_code": "0" })),
        ] {
            done.push((path, work(&server, server.json("POST", path, &body)).await));
        }
        all.push((name, done));
    }
    let (_, alices) = &all[0];
    for (name, done) in &all {
        for (one, other) in done.iter().zip(alices) {
            assert_eq!(one, other, "{name}");
        }
    }
}
