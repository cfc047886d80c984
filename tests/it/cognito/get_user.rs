use crate::support::{PASSWORD, Table, TestServer, Tokens, resigned};
use insta::assert_snapshot;
use poolkeeper_pool::entity::{CodeMfa, User};
use serde_json::json;

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn attributes() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &["admin"]).await;
    server.edit(&alice, |user| user.attributes.set("name", "Alice")).await;
    let tokens = server.cognito().tokens(ALICE).await;
    assert_snapshot!(server.cognito().get_user(&tokens.access).await.show(), @r#"
    200 OK
    {
      "UserAttributes": [
        {
          "Name": "sub",
          "Value": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        },
        {
          "Name": "email",
          "Value": "alice@example.com"
        },
        {
          "Name": "name",
          "Value": "Alice"
        }
      ],
      "Username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
    }
    "#);
}

#[tokio::test]
async fn second_factors() {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[]).await;
    let add_email = |user: &mut User| user.mfa.email = Some(CodeMfa { preferred: false });
    server.edit(&alice, add_email).await;
    let cognito = server.cognito();
    let session = cognito.sign_in(ALICE, PASSWORD).await.get("/Session");
    let responses = json!({ "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    let tokens = Tokens::of(&cognito.respond("SOFTWARE_TOKEN_MFA", &session, responses).await);
    let shown = cognito.get_user(&tokens.access).await.json();
    assert_eq!(shown["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]));
    assert_eq!(shown["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
}

#[tokio::test]
async fn tokens_that_do_not_count() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    let parts: Vec<_> = tokens.access.split('.').collect();
    let id_parts: Vec<_> = tokens.id.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    // {"alg":"none"} and {"alg":"HS256"}
    let (none, hs256) = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9");
    let cases = [
        ("no token", "whatever".to_owned()),
        ("two parts", format!("{header}.{claims}")),
        ("an ID token", tokens.id.clone()),
        ("a refresh token", tokens.refresh.clone()),
        ("other claims", format!("{header}.{}.{signature}", id_parts[1])),
        ("no signature", format!("{header}.{claims}.")),
        ("alg none", format!("{none}.{claims}.")),
        ("alg none with a signature", format!("{none}.{claims}.{signature}")),
        ("alg HS256", format!("{hs256}.{claims}.{signature}")),
        ("the ID token's key", format!("{}.{claims}.{signature}", id_parts[0])),
        ("cut", tokens.access[..tokens.access.len() - 2].to_owned()),
    ];
    let mut table = Table::default();
    for (case, token) in cases {
        table.row(case, &cognito.get_user(&token).await);
    }
    assert_snapshot!(table, @r#"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    two parts: 400 NotAuthorizedException "Invalid Access Token"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    a refresh token: 400 NotAuthorizedException "Invalid Access Token"
    other claims: 400 NotAuthorizedException "Invalid Access Token"
    no signature: 400 NotAuthorizedException "Invalid Access Token"
    alg none: 400 NotAuthorizedException "Invalid Access Token"
    alg none with a signature: 400 NotAuthorizedException "Invalid Access Token"
    alg HS256: 400 NotAuthorizedException "Invalid Access Token"
    the ID token's key: 400 NotAuthorizedException "Invalid Access Token"
    cut: 400 NotAuthorizedException "Invalid Access Token"
    "#);
}

#[tokio::test]
async fn a_token_of_another_server_is_nothing_here() {
    let (here, there) = (TestServer::start().await, TestServer::start().await);
    let mut config = crate::support::config(std::path::Path::new(""));
    config.issuer = "http://elsewhere:8080".to_owned();
    let elsewhere = TestServer::with(config).await;
    for server in [&there, &elsewhere] {
        server.user(ALICE, &[]).await;
    }
    let mut table = Table::default();
    let foreign = elsewhere.cognito().tokens(ALICE).await.access;
    table.row("another issuer", &here.cognito().get_user(&foreign).await);
    let foreign = there.cognito().tokens(ALICE).await.access;
    table.row("the same issuer, a sign-in unknown here", &here.cognito().get_user(&foreign).await);
    assert_snapshot!(table, @r#"
    another issuer: 400 NotAuthorizedException "Invalid Access Token"
    the same issuer, a sign-in unknown here: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
}

/// Such tokens come from elsewhere than from the sign-in operations.
#[tokio::test]
async fn a_token_without_the_scope_is_for_others() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let access = server.cognito().tokens(ALICE).await.access;
    let with = |scope: &str| resigned(&access, |claims| claims["scope"] = json!(scope));
    let mut table = Table::default();
    table.row("openid", &server.cognito().get_user(&with("openid email")).await);
    table.row("nearly", &server.cognito().get_user(&with("aws.cognito.signin.user.admin2")).await);
    assert_snapshot!(table, @r#"
    openid: 400 NotAuthorizedException "Access Token does not have required scopes"
    nearly: 400 NotAuthorizedException "Access Token does not have required scopes"
    "#);
    let among_others = with("openid aws.cognito.signin.user.admin");
    assert_eq!(server.cognito().get_user(&among_others).await.status, 200);
}
