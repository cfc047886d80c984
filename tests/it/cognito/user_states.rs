//! What a user's state does to a sign-in: told to those who know the password, and to nobody else.

use crate::support::{
    Answer, CONFIDENTIAL_CLIENT, PASSWORD, PORTAL_CLIENT, Table, TestServer, secret_hash,
};
use insta::assert_snapshot;
use poolkeeper_pool::entity::UserStatus;
use serde_json::json;
use std::time::Duration;

/// A server with a user in each state that bars the way.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    let unconfirmed = server.user("unconfirmed@example.com", &[]).await;
    server.edit(&unconfirmed, |user| user.status = UserStatus::Unconfirmed).await;
    let reset = server.user("reset@example.com", &[]).await;
    server.edit(&reset, |user| user.status = UserStatus::ResetRequired).await;
    let disabled_new = server.new_user("disabled-new@example.com", &[]).await;
    server.edit(&disabled_new, |user| user.enabled = false).await;
    let passwordless = server.user("passwordless@example.com", &[]).await;
    server.edit(&passwordless, |user| user.password = None).await;
    server.new_user("expired@example.com", &[]).await;
    server.clock.advance(Duration::from_hours(7 * 24));
    server.new_user("new@example.com", &[]).await;
    server
}

const NAMES: [&str; 7] =
    ["disabled", "unconfirmed", "reset", "disabled-new", "passwordless", "expired", "new"];

#[tokio::test]
async fn with_the_right_password() {
    let server = server().await;
    let mut table = Table::default();
    for name in NAMES.iter().filter(|name| **name != "new") {
        let answer = server.cognito().sign_in(&format!("{name}@example.com"), PASSWORD).await;
        table.row(name, &answer);
    }
    assert_snapshot!(table, @r#"
    disabled: 400 NotAuthorizedException "User is disabled."
    unconfirmed: 400 UserNotConfirmedException "User is not confirmed."
    reset: 400 PasswordResetRequiredException "Password reset required for the user"
    disabled-new: 400 NotAuthorizedException "User is disabled."
    passwordless: 400 NotAuthorizedException "Incorrect username or password."
    expired: 400 NotAuthorizedException "Temporary password has expired and must be reset by an administrator."
    "#);
}

#[tokio::test]
async fn through_the_administrative_operation() {
    let server = server().await;
    let mut table = Table::default();
    for name in NAMES.iter().filter(|name| **name != "new") {
        let name = format!("{name}@example.com");
        let parameters = json!({
            "USERNAME": name,
            "PASSWORD": PASSWORD,
            "SECRET_HASH": secret_hash(&name, CONFIDENTIAL_CLIENT),
        });
        let flow = "ADMIN_USER_PASSWORD_AUTH";
        let answer = server.cognito().admin_initiate(CONFIDENTIAL_CLIENT, flow, parameters).await;
        table.row(&name, &answer);
    }
    assert_snapshot!(table, @r#"
    disabled@example.com: 400 NotAuthorizedException "User is disabled."
    unconfirmed@example.com: 400 UserNotConfirmedException "User is not confirmed."
    reset@example.com: 400 PasswordResetRequiredException "Password reset required for the user"
    disabled-new@example.com: 400 NotAuthorizedException "User is disabled."
    passwordless@example.com: 400 NotAuthorizedException "Incorrect username or password."
    expired@example.com: 400 NotAuthorizedException "Temporary password has expired and must be reset by an administrator."
    "#);
}

#[tokio::test]
async fn with_a_wrong_password_all_look_like_nobody() {
    let server = server().await;
    let unknown = server.cognito().sign_in("nobody@example.com", "wrong").await;
    assert_snapshot!(unknown.line(), @r#"400 NotAuthorizedException "Incorrect username or password.""#);
    for name in NAMES {
        let answer = server.cognito().sign_in(&format!("{name}@example.com"), "wrong").await;
        assert_eq!(answer.show(), unknown.show(), "{name}");
    }
}

/// Whether there is a user or not, one comparison with a hash is made.
#[tokio::test]
async fn with_a_wrong_password_all_cost_the_same() {
    let server = server().await;
    let comparisons = || server.workers.comparisons.load(std::sync::atomic::Ordering::SeqCst);
    for name in NAMES.iter().chain(&["nobody"]) {
        let before = comparisons();
        server.cognito().sign_in(&format!("{name}@example.com"), "wrong").await;
        assert_eq!(comparisons() - before, 1, "{name}");
    }
}

#[tokio::test]
async fn legacy_clients_tell_that_there_is_no_user() {
    let server = server().await;
    let attempt = async |name: &str| -> Answer {
        let parameters = json!({ "USERNAME": name, "PASSWORD": "wrong" });
        let flow = "ADMIN_USER_PASSWORD_AUTH";
        server.cognito().admin_initiate(PORTAL_CLIENT, flow, parameters).await
    };
    let mut table = Table::default();
    table.row("unknown", &attempt("nobody@example.com").await);
    table.row("disabled", &attempt("disabled@example.com").await);
    assert_snapshot!(table, @r#"
    unknown: 400 UserNotFoundException "User does not exist."
    disabled: 400 NotAuthorizedException "Incorrect username or password."
    "#);
}

#[tokio::test]
async fn a_user_disabled_after_the_sign_in_can_do_nothing() {
    let server = TestServer::start().await;
    let alice = server.user("alice@example.com", &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens("alice@example.com").await;
    server.edit(&alice, |user| user.enabled = false).await;
    let mut table = Table::default();
    table.row("GetUser", &cognito.get_user(&tokens.access).await);
    table.row("refresh", &cognito.refresh(&tokens.refresh).await);
    let body = json!({ "AccessToken": tokens.access });
    table.row("GlobalSignOut", &cognito.call("GlobalSignOut", &body).await);
    table.row("AssociateSoftwareToken", &cognito.call("AssociateSoftwareToken", &body).await);
    assert_snapshot!(table, @r#"
    GetUser: 400 NotAuthorizedException "User is disabled."
    refresh: 400 NotAuthorizedException "User is disabled."
    GlobalSignOut: 400 NotAuthorizedException "User is disabled."
    AssociateSoftwareToken: 400 NotAuthorizedException "User is disabled."
    "#);
}

#[tokio::test]
async fn a_user_disabled_in_the_middle_of_a_sign_in_does_not_come_through() {
    let server = TestServer::start().await;
    let alice = server.totp_user("alice@example.com", &[]).await;
    let new = server.new_user("new@example.com", &[]).await;
    let cognito = server.cognito();
    let totp = cognito.sign_in("alice@example.com", PASSWORD).await.get("/Session");
    let password = cognito.sign_in("new@example.com", PASSWORD).await.get("/Session");
    server.edit(&alice, |user| user.enabled = false).await;
    server.edit(&new, |user| user.enabled = false).await;
    let mut table = Table::default();
    let answer = json!({
        "USERNAME": alice.username.as_str(),
        "SOFTWARE_TOKEN_MFA_CODE": server.totp_code(),
    });
    table.row("code", &cognito.respond("SOFTWARE_TOKEN_MFA", &totp, answer).await);
    let answer = json!({ "USERNAME": new.username.as_str(), "NEW_PASSWORD": "N3w-Passw0rd" });
    table.row("password", &cognito.respond("NEW_PASSWORD_REQUIRED", &password, answer).await);
    assert_snapshot!(table, @r#"
    code: 400 NotAuthorizedException "User is disabled."
    password: 400 NotAuthorizedException "User is disabled."
    "#);
}
