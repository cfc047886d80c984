//! Sign-ins that are half-way through when an administrator shuts the user out.

use crate::support::{PASSWORD, POOL, TestServer};
use serde_json::json;
use std::time::Duration;

const NEW: &str = "Br4nd-new!";

async fn set_password(server: &TestServer, name: &str, permanent: bool) {
    server.clock.advance(Duration::from_millis(1));
    let body =
        json!({ "UserPoolId": POOL, "Username": name, "Password": NEW, "Permanent": permanent });
    let answer = server.cognito().admin("AdminSetUserPassword", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_new_password_ends_a_second_factor_that_waits() {
    for permanent in [true, false] {
        let server = TestServer::start().await;
        let cognito = server.cognito();
        server.totp_user("app@example.com", &[]).await;
        let session = cognito.sign_in("app@example.com", PASSWORD).await.get("/Session");
        set_password(&server, "app@example.com", permanent).await;
        let responses =
            json!({ "USERNAME": "app@example.com", "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
        let answer = cognito.respond("SOFTWARE_TOKEN_MFA", &session, responses).await;
        assert_eq!(answer.get("/message"), "Invalid session for the user.", "{permanent}");
    }
}

#[tokio::test]
async fn a_new_temporary_password_ends_what_the_old_one_began() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    server.new_user("new@example.com", &[]).await;
    let session = cognito.sign_in("new@example.com", PASSWORD).await.get("/Session");
    set_password(&server, "new@example.com", false).await;
    let responses = json!({ "USERNAME": "new@example.com", "NEW_PASSWORD": "Att4cker's" });
    let answer = cognito.respond("NEW_PASSWORD_REQUIRED", &session, responses).await;
    assert_eq!(answer.get("/message"), "Invalid session for the user.");
    assert_eq!(cognito.sign_in("new@example.com", NEW).await.status, 200);
}

#[tokio::test]
async fn the_profile_cannot_be_bent_on_the_way_in() {
    let server = TestServer::start().await;
    let cognito = &server.cognito();
    let user = server.new_user("new@example.com", &[]).await;
    let verified = [("phone_number", "+14325551212"), ("phone_number_verified", "true")];
    let verify = |user: &mut poolkeeper_pool::entity::User| {
        for (name, value) in verified {
            user.attributes.set(name, value);
        }
    };
    server.edit(&user, verify).await;
    let session = cognito.sign_in("new@example.com", PASSWORD).await.get("/Session");
    let respond = |name: &'static str, value: &'static str| {
        let responses = json!({
            "USERNAME": "new@example.com",
            "NEW_PASSWORD": NEW,
            format!("userAttributes.{name}"): value,
        });
        let session = session.clone();
        async move { cognito.respond("NEW_PASSWORD_REQUIRED", &session, responses).await }
    };
    for (name, value) in [
        ("email_verified", "true"),
        ("sub", "somebody"),
        ("custom:admin", "true"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("name", "a\u{1b}[2J"),
    ] {
        let answer = respond(name, value).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    }
    let tokens = crate::support::Tokens::of(&respond("phone_number", "+19995550100").await);
    let claims = crate::support::claims(&tokens.id);
    assert_eq!(claims["phone_number"], "+19995550100");
    assert_eq!(claims["phone_number_verified"], false);
}
