//! (S6) Whoever deletes an account, its user hears of it, also of what was done just before.

use super::messages::deliver;
use super::notices::{attribute, told};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::secret::Secret;
use serde_json::json;
use std::time::Duration;

const ANN: &str = "ann@example.com";
const NUMBER: &str = "+14325551212";

async fn deliver_to(server: &TestServer, to: &str) -> usize {
    deliver(server).await.0.get(to).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_deleted_user_hears_of_it() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email", "phone_number"] })).await;
    pool.user(ANN, &[("email_verified", "true")]).await;
    pool.user(NUMBER, &[("phone_number_verified", "true")]).await;
    pool.user("unproven@example.com", &[]).await;
    for name in [ANN, NUMBER, "unproven@example.com"] {
        server.clock.advance(Duration::from_secs(1));
        let token = pool.tokens(name).await.access;
        let deleted = server.cognito().call("DeleteUser", &json!({ "AccessToken": token })).await;
        assert_eq!(deleted.status, 200, "{}", deleted.text);
    }
    pool.user("bob@example.com", &[("email_verified", "true")]).await;
    server.clock.advance(Duration::from_secs(1));
    pool.admin("AdminDeleteUser", json!({ "Username": "bob@example.com" })).await;
    let mut sent = server.engine.outbox(9).await.unwrap();
    sent.reverse();
    let shown = sent
        .iter()
        .map(|entry| format!("{} [{}] {}", entry.to, entry.subject, entry.body.expose()));
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r"
    ann@example.com [Your account was deleted] Your account was deleted. Your username was ann@example.com.

    If you did this, there is nothing more to do. If you did not, tell your administrator at once.
    +14325551212 [Your account was deleted] Your account was deleted. Not you? Tell your administrator.
    bob@example.com [Your account was deleted] Your account was deleted. Your username was bob@example.com.

    If you did this, there is nothing more to do. If you did not, tell your administrator at once.
    ");
    let (delivered, given_up) = deliver(&server).await;
    assert_eq!((delivered.len(), given_up.len()), (3, 0), "{delivered:?} {given_up:?}");
}

#[tokio::test]
async fn and_so_does_one_whom_the_portal_s_administrators_delete() {
    let server = TestServer::start().await;
    for (name, groups) in [(ANN, &["fd42"]), ("boss@example.com", &["admin"])] {
        let user = server.user(name, groups).await;
        server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
    }
    let login = json!({ "username": "boss@example.com", "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let token = format!("Bearer {token}");
    let line = format!("/api/admin/users/{ANN}");
    let deleted = server.bare("DELETE", &line, &[("authorization", &token)]).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(told(&server, ANN).await, ["Your account was deleted."]);
    assert_eq!(deliver_to(&server, ANN).await, 1);
}

/// Word of a change is sent though the account is gone before it could be.
#[tokio::test]
async fn deleting_the_account_keeps_no_word_from_its_user() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("ann", &[("email", ANN), ("email_verified", "true")]).await;
    let token = pool.tokens("ann").await.access;
    let mut junk = attribute("email", "junk@example.com");
    junk["AccessToken"] = json!(token);
    server.cognito().call("UpdateUserAttributes", &junk).await;
    server.cognito().call("DeleteUser", &json!({ "AccessToken": token })).await;
    assert_eq!(told(&server, ANN).await, ["Your email address was changed."]);
    assert_eq!(deliver_to(&server, ANN).await, 1);
    // What a code was for is gone.
    pool.user("bob", &[("email", "bob@example.com"), ("email_verified", "true")]).await;
    server.clock.advance(Duration::from_secs(1));
    pool.call("ForgotPassword", json!({ "Username": "bob" })).await;
    let bob = server.engine.get_user(&operator(), &pool.id.as_str().into(), "bob").await.unwrap();
    server
        .engine
        .set_password(&operator(), &bob.pool, "bob", &Secret::from("N3w-password!"), true)
        .await
        .unwrap();
    pool.admin("AdminDeleteUser", json!({ "Username": "bob" })).await;
    assert_eq!(deliver_to(&server, "bob@example.com").await, 2);
}

/// Where the pool does not ask for a proof first, a token moves an address and removes it, as at Amazon.
/// The old one hears at once; the setting prevents it. (D11)
#[tokio::test]
async fn an_address_that_is_moved_away_and_removed_hears_of_it() {
    let server = TestServer::start().await;
    let held = json!({ "AttributesRequireVerificationBeforeUpdate": ["email"] });
    let mut rows = Vec::new();
    for settings in [json!({}), held] {
        let settings = json!({
            "AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": settings,
        });
        let pool = server.pool(settings).await;
        let name = format!("ann{}", rows.len());
        let address = format!("{name}@example.com");
        pool.user(&name, &[("email", &address), ("email_verified", "true")]).await;
        let token = pool.tokens(&name).await.access;
        let mut junk = attribute("email", "junk@example.com");
        junk["AccessToken"] = json!(token);
        server.cognito().call("UpdateUserAttributes", &junk).await;
        let remove = json!({ "AccessToken": token, "UserAttributeNames": ["email"] });
        let removed = server.cognito().call("DeleteUserAttributes", &remove).await.line();
        let heard = told(&server, &address).await.join(" | ");
        let kept = pool.attribute(&name, "email").await;
        rows.push(format!("{removed}; kept: {kept:?}; heard: {heard}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    200 {}; kept: None; heard: Your email address was changed.
    400 InvalidParameterException "email cannot be removed while sign-in codes or password resets go to it. Change it instead."; kept: Some("ann1@example.com"); heard: 
    "#);
}
