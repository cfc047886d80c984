//! Users are not flooded with word of changes, and nobody can use that up to keep a grave one from them.

use super::notices::{Heard, NEW, attribute, bearer, proven, told};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::secret::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// Harmless changes, however many, keep no grave one from the owner. (S6, B10)
#[tokio::test]
async fn harmless_changes_silence_no_grave_one() {
    let server = TestServer::start().await;
    let pool = server
        .pool(json!({
            "MfaConfiguration": "OPTIONAL",
            "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        }))
        .await;
    let heard = Heard::new(&pool);
    let ann = "ann@example.com";
    let token = heard.user("ann", &[]).await;
    heard.app(&token).await;
    let app = |enabled: bool, preferred: bool| {
        let setting = json!({ "Enabled": enabled, "PreferredMfa": preferred });
        json!({ "SoftwareTokenMfaSettings": setting })
    };
    for round in 0..5 {
        let is_even = round % 2 == 0;
        heard.call("SetUserMFAPreference", &token, app(true, is_even)).await;
        let email = json!({ "EmailMfaSettings": { "Enabled": is_even } });
        heard.call("SetUserMFAPreference", &token, email).await;
        let number = attribute("phone_number", &format!("+1432555000{round}"));
        heard.call("UpdateUserAttributes", &token, number).await;
    }
    let mut heard_before = told(&server, ann).await.len();
    let mut rows = Vec::new();
    let mut note = async |what: &str| {
        let all = told(&server, ann).await;
        rows.push(format!("{what}: {}", all[heard_before..].join(" | ")));
        heard_before = all.len();
    };

    heard.call("SetUserMFAPreference", &token, app(false, false)).await;
    note("app off").await;
    server.clock.advance(Duration::from_secs(30));
    heard.app(&token).await;
    note("app replaced").await;
    let change = json!({ "PreviousPassword": PASSWORD, "ProposedPassword": NEW });
    heard.call("ChangePassword", &token, change).await;
    note("password").await;
    let number = json!({ "AttributeName": "phone_number" });
    heard.call("GetUserAttributeVerificationCode", &token, number).await;
    let code = server.newest_code().await.0;
    let proof = json!({ "AttributeName": "phone_number", "Code": code });
    heard.call("VerifyUserAttribute", &token, proof).await;
    note("number proven").await;
    heard.admin("AdminUpdateUserAttributes", "ann", attribute("email", "thief@example.com")).await;
    note("address moved").await;
    assert_snapshot!(rows.join("\n"), @r"
    app off: Your second factors were changed.
    app replaced: Your authenticator app was replaced.
    password: Your password was changed.
    number proven: Your phone number was verified.
    address moved: Your email address was changed.
    ");
}

/// The sign-in APIs are no way around it.
#[tokio::test]
async fn nor_do_those_through_the_sign_in_apis() {
    let server = TestServer::start().await;
    let dan = "dan@example.com";
    server.totp_user(dan, &["fd42"]).await;
    proven(&server, &server.found(dan).await).await;
    let body = json!({ "username": dan, "password": PASSWORD });
    let asked = server.json("POST", "/auth", &body).await;
    let body = json!({
        "username": dan,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": asked.get("/Session"),
        "mfa_token": server.totp_code(),
    });
    let token = server.json("PUT", "/auth/challenge/mfa-token", &body).await.get("/AccessToken");
    for round in 0..6 {
        let enabled = json!({ "enabled": round % 2 == 1 });
        bearer(&server, "PUT /auth/mfa/settings", &token, &enabled).await;
    }
    let before = told(&server, dan).await.len();
    let path = "/auth/mfa/configure/totp";
    let key = bearer(&server, &format!("GET {path}"), &token, &Value::Null).await.get("/qr_secret");
    let code = json!({ "mfa_token": server.totp(&key) });
    bearer(&server, &format!("PUT {path}"), &token, &code).await;
    assert_eq!(told(&server, dan).await[before..], ["Your authenticator app was replaced."]);

    // Each address hears that it is lost, the fifth one, too.
    let gus = server.user("gus@example.com", &["fd42"]).await;
    proven(&server, &gus).await;
    let boss = server.user("boss@example.com", &["admin"]).await;
    proven(&server, &boss).await;
    let login = json!({ "username": "boss@example.com", "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let addresses = (0..6).map(|at| format!("gus{at}@example.com"));
    let addresses: Vec<_> = ["gus@example.com".to_owned()].into_iter().chain(addresses).collect();
    for pair in addresses.windows(2) {
        let line = format!("PUT /api/admin/users/{}", gus.sub);
        bearer(&server, &line, &token, &json!({ "email": pair[1] })).await;
        assert_eq!(told(&server, &pair[0]).await, ["Your email address was changed."]);
    }
}

/// An address that goes back and forth hears of it three times, and every other one at once.
#[tokio::test]
async fn every_address_hears_that_it_is_lost() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let heard = Heard::new(&pool);
    heard.user("ann", &[]).await;
    let vouched = |address: &str| {
        let mut body = attribute("email", address);
        let flag = json!({ "Name": "email_verified", "Value": "true" });
        body["UserAttributes"].as_array_mut().unwrap().push(flag);
        body
    };
    let two = ["ann@example.com", "b@example.com"];
    for round in 1..=10 {
        heard.admin("AdminUpdateUserAttributes", "ann", vouched(two[round % 2])).await;
    }
    for address in two {
        assert_eq!(told(&server, address).await, ["Your email address was changed."; 3]);
    }
    heard.admin("AdminUpdateUserAttributes", "ann", vouched("c@example.com")).await;
    heard.admin("AdminUpdateUserAttributes", "ann", attribute("email_verified", "false")).await;
    let lost = ["Your email address does not count as verified any more."];
    assert_eq!(told(&server, "c@example.com").await, lost);
}

/// Nobody is flooded: of each kind there are three notices in an hour. The changes hold all the same.
#[tokio::test]
async fn notices_are_bounded() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    let heard = Heard::new(&pool);
    let token = heard.user("ann", &[]).await;
    let ann = "ann@example.com";
    for round in 0..8 {
        let on = json!({ "EmailMfaSettings": { "Enabled": round % 2 == 0 } });
        heard.call("SetUserMFAPreference", &token, on).await;
    }
    assert_eq!(told(&server, ann).await.len(), 3);
    let password = json!({ "Password": NEW, "Permanent": true });
    heard.admin("AdminSetUserPassword", "ann", password).await;
    assert_eq!(told(&server, ann).await.last().unwrap(), "Your password was changed.");
    server.clock.advance(Duration::from_hours(1));
    let on = json!({ "EmailMfaSettings": { "Enabled": true } });
    heard.admin("AdminSetUserMFAPreference", "ann", on).await;
    assert_eq!(told(&server, ann).await.len(), 5);
}

/// Of changes made at the same moment at most three are told, and all of them hold.
#[tokio::test(flavor = "multi_thread")]
async fn notices_are_bounded_in_a_crowd() {
    let server = std::sync::Arc::new(TestServer::start().await);
    let user = server.user("ann@example.com", &[]).await;
    proven(&server, &user).await;
    let calls: tokio::task::JoinSet<_> = (0..6)
        .map(|at| {
            let (server, user) = (std::sync::Arc::clone(&server), user.clone());
            async move {
                let password = Secret::new(format!("N3w-password-{at}!"));
                let name = user.sub.as_str();
                server.engine.set_password(&operator(), &user.pool, name, &password, true).await
            }
        })
        .collect();
    let done = calls.join_all().await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let told = told(&server, "ann@example.com").await.len();
    assert!((1..=3).contains(&told), "{told}");
}
