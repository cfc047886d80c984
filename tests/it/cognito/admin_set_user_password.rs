use crate::support::{Answer, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";
const OTHER: &str = "0ther-Passw0rd";

async fn set(server: &TestServer, name: &str, password: &str, permanent: Value) -> Answer {
    let body = json!({
        "UserPoolId": POOL,
        "Username": name,
        "Password": password,
        "Permanent": permanent,
    });
    server.cognito().admin("AdminSetUserPassword", &body).await
}

#[tokio::test]
async fn permanent() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[]).await;
    let answer = set(&server, ALICE, OTHER, json!(true)).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    let signed_in = server.cognito().sign_in(ALICE, OTHER).await;
    assert!(signed_in.json().get("AuthenticationResult").is_some());
    assert_eq!(server.cognito().sign_in(ALICE, PASSWORD).await.status, 400);
}

#[tokio::test]
async fn temporary_by_default() {
    for permanent in [Value::Null, json!(false)] {
        let server = TestServer::start().await;
        server.user(ALICE, &[]).await;
        assert_eq!(set(&server, ALICE, OTHER, permanent).await.status, 200);
        let asked = server.cognito().sign_in(ALICE, OTHER).await;
        assert_eq!(asked.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
    }
}

#[tokio::test]
async fn a_temporary_one_ages_from_when_it_was_set() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[]).await;
    server.clock.advance(Duration::from_hours(6 * 24));
    set(&server, ALICE, OTHER, json!(false)).await;
    server.clock.advance(Duration::from_secs(7 * 86_400 - 1));
    assert_eq!(server.cognito().sign_in(ALICE, OTHER).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_snapshot!(server.cognito().sign_in(ALICE, OTHER).await.line(), @r#"400 NotAuthorizedException "Temporary password has expired and must be reset by an administrator.""#);
}

#[tokio::test]
async fn states_that_it_ends() {
    use poolkeeper_pool::entity::UserStatus::{ResetRequired, Unconfirmed};
    for status in [ResetRequired, Unconfirmed] {
        let server = TestServer::start().await;
        let alice = server.user(ALICE, &[]).await;
        server.edit(&alice, |user| user.status = status).await;
        set(&server, ALICE, OTHER, json!(true)).await;
        assert_eq!(server.cognito().sign_in(ALICE, OTHER).await.status, 200);
    }
}

#[tokio::test]
async fn all_sign_ins_of_the_user_end() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    set(&server, ALICE, OTHER, json!(true)).await;
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&tokens.access).await);
    table.row("refresh token", &cognito.refresh(&tokens.refresh).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    for password in ["Sh0rt!", "no-upper-0", "NO-LOWER-0", "No-Digits-", "NoSymbols0"] {
        table.row(password, &set(&server, ALICE, password, json!(true)).await);
    }
    table.row("nobody", &set(&server, "nobody@example.com", OTHER, json!(true)).await);
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere", "Username": ALICE, "Password": OTHER });
    table.row("unknown pool", &server.cognito().admin("AdminSetUserPassword", &body).await);
    assert_snapshot!(table, @r#"
    Sh0rt!: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    no-upper-0: 400 InvalidPasswordException "Password did not conform with policy: Password must have uppercase characters"
    NO-LOWER-0: 400 InvalidPasswordException "Password did not conform with policy: Password must have lowercase characters"
    No-Digits-: 400 InvalidPasswordException "Password did not conform with policy: Password must have numeric characters"
    NoSymbols0: 400 InvalidPasswordException "Password did not conform with policy: Password must have symbol characters"
    nobody: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    server.cognito().tokens(ALICE).await;
}

#[tokio::test]
async fn an_inner_space_counts_as_a_symbol() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    assert_eq!(set(&server, ALICE, "With sp4ce", json!(true)).await.status, 200);
    assert_eq!(server.cognito().sign_in(ALICE, "With sp4ce").await.status, 200);
}
