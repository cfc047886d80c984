//! (S6, D8) Whoever held a session may have added an address. Once the owner has reset the password by
//! one that was proven before, it opens nothing.

use super::notices::{attribute, told};
use crate::support::{Answer, PASSWORD, TestPool, TestServer, Tokens};
use insta::assert_snapshot;
use poolkeeper_pool::entity::Contact;
use serde_json::{Value, json};
use std::time::Duration;

const ANN: &str = "ann@example.com";
const SLYS_NUMBER: &str = "+14325559999";
const OWN: &str = "0wn-Password!";
const DAY: Duration = Duration::from_hours(24);

fn settings() -> Value {
    json!({
        "AliasAttributes": ["email"],
        "Policies": {
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"] },
        },
        "MfaConfiguration": "OPTIONAL",
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
    })
}

/// Adds the intruder's number with a token and proves it.
async fn add_number(server: &TestServer, token: &str) {
    let call = async |operation: &str, mut body: Value| {
        body["AccessToken"] = json!(token);
        let answer = server.cognito().call(operation, &body).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        server.clock.advance(Duration::from_secs(1));
    };
    call("UpdateUserAttributes", attribute("phone_number", SLYS_NUMBER)).await;
    prove_number(server, token).await;
}

async fn prove_number(server: &TestServer, token: &str) {
    let number = json!({ "AccessToken": token, "AttributeName": "phone_number" });
    server.cognito().call("GetUserAttributeVerificationCode", &number).await;
    let code = server.newest_code().await.0;
    let mut proof = number;
    proof["Code"] = json!(code);
    let proven = server.cognito().call("VerifyUserAttribute", &proof).await;
    assert_eq!(proven.status, 200, "{}", proven.text);
    server.clock.advance(Duration::from_secs(1));
}

/// Where the newest message went, and the code in it.
async fn newest(server: &TestServer) -> (String, String) {
    let newest = server.engine.outbox(1).await.unwrap().remove(0);
    (newest.to, newest.code.map(|code| code.expose().to_owned()).unwrap_or_default())
}

/// Resets the password by a code: where it went.
async fn reset(pool: &TestPool<'_>, name: &str) -> String {
    pool.server.clock.advance(Duration::from_secs(1));
    let asked = pool.call("ForgotPassword", json!({ "Username": name })).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let (to, code) = newest(pool.server).await;
    let body = json!({ "Username": name, "ConfirmationCode": code, "Password": OWN });
    let confirmed = pool.call("ConfirmForgotPassword", body).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    pool.server.clock.advance(Duration::from_secs(1));
    to
}

async fn wish(pool: &TestPool<'_>, name: &str) -> Answer {
    let wish = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": "SMS_OTP" });
    pool.initiate("USER_AUTH", wish).await
}

/// What becomes of a sign-in by a code to the number.
async fn by_number(pool: &TestPool<'_>, name: &str) -> String {
    pool.server.clock.advance(Duration::from_secs(1));
    let asked = wish(pool, name).await;
    let challenge = asked.get("/ChallengeName");
    if challenge != "SMS_OTP" {
        return format!("{challenge} {}", asked.json()["AvailableChallenges"]);
    }
    let (to, code) = newest(pool.server).await;
    let answer = json!({ "USERNAME": name, "SMS_OTP_CODE": code });
    let done = pool.respond("SMS_OTP", &asked.get("/Session"), answer).await;
    let is_in = done.json()["AuthenticationResult"]["AccessToken"].is_string();
    format!("{to}: {}", if is_in { "in".to_owned() } else { done.line() })
}

async fn ann(pool: &TestPool<'_>) {
    pool.user("ann", &[("email", ANN), ("email_verified", "true")]).await;
    pool.server.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn an_added_number_signs_in_no_more_after_a_reset() {
    let server = TestServer::start().await;
    let pool = server.pool(settings()).await;
    ann(&pool).await;
    add_number(&server, &pool.tokens("ann").await.access).await;
    let mut rows = Vec::new();
    rows.push(format!("before: {}", by_number(&pool, "ann").await));
    // The number would go first, were it not new.
    rows.push(format!("reset by {}", reset(&pool, "ann").await));
    rows.push(format!("after: {}", by_number(&pool, "ann").await));
    rows.push(format!("reset again by {}", reset(&pool, "ann").await));
    let verified = pool.attribute("ann", "phone_number_verified").await;
    rows.push(format!("verified: {verified:?}"));
    // Without the mailbox there is no way back at all.
    let no_mail = json!({ "Username": "ann", "UserAttributeNames": ["email"] });
    pool.admin("AdminDeleteUserAttributes", no_mail).await;
    let refused = pool.call("ForgotPassword", json!({ "Username": "ann" })).await;
    rows.push(format!("reset without a mailbox: {}", refused.line()));
    // Once it is proven again, it counts.
    prove_number(&server, &Tokens::of(&pool.sign_in("ann", OWN).await).access).await;
    rows.push(format!("proven again: {}", by_number(&pool, "ann").await));
    assert_snapshot!(rows.join("\n"), @r#"
    before: +14325559999: in
    reset by ann@example.com
    after: SELECT_CHALLENGE ["PASSWORD_SRP","PASSWORD","EMAIL_OTP"]
    reset again by ann@example.com
    verified: Some("true")
    reset without a mailbox: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    proven again: +14325559999: in
    "#);
}

/// An administrator's word is as good.
#[tokio::test]
async fn an_administrator_vouches_for_it() {
    let server = TestServer::start().await;
    let pool = server.pool(settings()).await;
    ann(&pool).await;
    add_number(&server, &pool.tokens("ann").await.access).await;
    assert_eq!(reset(&pool, "ann").await, ANN);
    assert!(by_number(&pool, "ann").await.starts_with("SELECT_CHALLENGE"));
    let mut vouched = attribute("phone_number_verified", "true");
    vouched["Username"] = json!("ann");
    assert_eq!(pool.admin("AdminUpdateUserAttributes", vouched).await.status, 200);
    assert_eq!(by_number(&pool, "ann").await, format!("{SLYS_NUMBER}: in"));
}

/// Where users are hidden, strangers are told the same before a reset, after it, and of users who have
/// no number.
#[tokio::test]
async fn strangers_are_told_the_same() {
    let server = TestServer::start().await;
    let pool = server.pool(settings()).await;
    let hiding = pool.hiding_client().await;
    ann(&pool).await;
    let number = [("phone_number", "+14325550000"), ("phone_number_verified", "false")];
    pool.user("bob", &number).await;
    add_number(&server, &pool.tokens("ann").await.access).await;
    let shown = async |name: &str| {
        server.clock.advance(Duration::from_secs(1));
        let asked = wish(&hiding, name).await;
        let parameters = asked.json()["ChallengeParameters"].clone();
        (asked.get("/ChallengeName"), parameters["CODE_DELIVERY_DELIVERY_MEDIUM"].clone())
    };
    let before = shown("ann").await;
    assert_eq!(reset(&pool, "ann").await, ANN);
    assert_eq!(shown("ann").await, before);
    assert_eq!(shown("bob").await, before);
    // Nothing was sent that could be sent.
    let answer = json!({ "USERNAME": "ann", "SMS_OTP_CODE": "12345678" });
    let session = wish(&hiding, "ann").await.get("/Session");
    let refused = hiding.respond("SMS_OTP", &session, answer).await.line();
    let answer = json!({ "USERNAME": "bob", "SMS_OTP_CODE": "12345678" });
    let session = wish(&hiding, "bob").await.get("/Session");
    assert_eq!(hiding.respond("SMS_OTP", &session, answer).await.line(), refused);
    let sent = super::messages::deliver(&server).await.0;
    assert_eq!(sent.get("+14325550000"), None);
    assert_eq!(sent.get(SLYS_NUMBER), Some(&2));
}

/// A second factor is never weakened by it.
#[tokio::test]
async fn a_second_factor_stays() {
    let server = TestServer::start().await;
    let pool = server.pool(settings()).await;
    ann(&pool).await;
    add_number(&server, &pool.tokens("ann").await.access).await;
    assert_eq!(reset(&pool, "ann").await, ANN);
    let on = json!({ "Username": "ann", "SMSMfaSettings": { "Enabled": true } });
    assert_eq!(pool.admin("AdminSetUserMFAPreference", on).await.status, 200);
    let asked = pool.sign_in("ann", OWN).await;
    assert_eq!(asked.get("/ChallengeName"), "SMS_MFA", "{}", asked.text);
    let answer = json!({ "USERNAME": "ann", "SMS_MFA_CODE": newest(&server).await.1 });
    let done = pool.respond("SMS_MFA", &asked.get("/Session"), answer).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

/// After a week the number counts like any, and addresses whose age nobody knows go in the pool's order.
#[tokio::test]
async fn an_old_number_goes_first_as_ever() {
    let server = TestServer::start().await;
    let pool = server.pool(settings()).await;
    for (name, wait) in [("early", DAY * 6), ("late", DAY * 7)] {
        let address = format!("{name}@example.com");
        pool.user(name, &[("email", &address), ("email_verified", "true")]).await;
        server.clock.advance(Duration::from_secs(1));
        add_number(&server, &pool.tokens(name).await.access).await;
        server.clock.advance(wait);
        let to = reset(&pool, name).await;
        let is_by_number = name == "late";
        assert_eq!(to, if is_by_number { SLYS_NUMBER.to_owned() } else { address });
        let still = by_number(&pool, name).await == format!("{SLYS_NUMBER}: in");
        assert_eq!(still, is_by_number, "{name}");
    }
    let both = [
        ("email", "both@example.com"),
        ("email_verified", "true"),
        ("phone_number", SLYS_NUMBER),
        ("phone_number_verified", "true"),
    ];
    pool.user("both", &both).await;
    assert_eq!(reset(&pool, "both").await, SLYS_NUMBER);
}

/// The same through the sign-in APIs, and a mailbox that is added after a number.
#[tokio::test]
async fn through_the_sign_in_apis_too() {
    let server = TestServer::start().await;
    for (name, is_partner) in [(ANN, true), ("bob@example.com", false)] {
        let user = server.user(name, &["fd42"]).await;
        server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
        server.clock.advance(Duration::from_secs(1));
        add_number(&server, &server.cognito().tokens(name).await.access).await;
        let body = json!({ "username": name });
        let path = if is_partner { "/auth/forgot_password" } else { "/api/auth/forgot-password" };
        server.json("POST", path, &body).await;
        let (to, code) = newest(&server).await;
        assert_eq!(to, name);
        let (path, body) = if is_partner {
            let body = json!({ "username": name, "conf_code": code, "password": OWN });
            ("/auth/forgot_password/confirm", body)
        } else {
            let body = json!({ "username": name, "code": code, "new_password": OWN });
            ("/api/auth/reset-password", body)
        };
        let confirmed = server.json("POST", path, &body).await;
        assert!(confirmed.status.is_success(), "{}", confirmed.text);
        let user = server.found(name).await;
        assert!(user.has_proven(Contact::PhoneNumber) && !user.lets_in(Contact::PhoneNumber));
        assert!(user.lets_in(Contact::Email));
    }
}

/// Word of changes does not go to an address that was just added, either.
#[tokio::test]
async fn word_of_changes_goes_to_the_older_address() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let number = "+14325551212";
    pool.user("ann", &[("phone_number", number), ("phone_number_verified", "true")]).await;
    server.clock.advance(Duration::from_secs(1));
    let token = pool.tokens("ann").await.access;
    let call = async |operation: &str, mut body: Value| {
        body["AccessToken"] = json!(token);
        let answer = server.cognito().call(operation, &body).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        server.clock.advance(Duration::from_secs(1));
    };
    call("UpdateUserAttributes", attribute("email", "sly@example.com")).await;
    call("GetUserAttributeVerificationCode", json!({ "AttributeName": "email" })).await;
    let code = server.newest_code().await.0;
    call("VerifyUserAttribute", json!({ "AttributeName": "email", "Code": code })).await;
    call("ChangePassword", json!({ "PreviousPassword": PASSWORD, "ProposedPassword": OWN })).await;
    assert_eq!(told(&server, "sly@example.com").await, [""; 0]);
    let heard = [
        "An email address was added.",
        "Your email address was verified.",
        "Your password was changed.",
    ];
    assert_eq!(told(&server, number).await, heard);
}
