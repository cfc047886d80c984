use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

async fn sign_out(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminUserGlobalSignOut", &body).await
}

#[tokio::test]
async fn ends_all_sign_ins_of_the_user() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let cognito = server.cognito();
    let (first, second) = (cognito.tokens(ALICE).await, cognito.tokens(ALICE).await);
    let bob = cognito.tokens("bob@example.com").await;
    assert_snapshot!(sign_out(&server, POOL, ALICE).await.show(), @"
    200 OK
    {}
    ");
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&first.access).await);
    table.row("refresh token", &cognito.refresh(&first.refresh).await);
    table.row("other access token", &cognito.get_user(&second.access).await);
    table.row("again", &sign_out(&server, POOL, ALICE).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    other access token: 400 NotAuthorizedException "Access Token has been revoked"
    again: 200 {}
    "#);
    assert_eq!(cognito.get_user(&bob.access).await.status, 200);
    let anew = cognito.tokens(ALICE).await;
    assert_eq!(cognito.get_user(&anew.access).await.status, 200);
}

#[tokio::test]
async fn and_who_is_half_way_in() {
    let server = TestServer::start().await;
    let tina = server.totp_user("tina@example.com", &[]).await;
    let session = server.cognito().sign_in("tina@example.com", PASSWORD).await.get("/Session");
    sign_out(&server, POOL, tina.sub.as_str()).await;
    let responses = json!({
        "USERNAME": tina.username.as_str(),
        "SOFTWARE_TOKEN_MFA_CODE": server.totp_code(),
    });
    let answer = server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    table.row("unknown user", &sign_out(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &sign_out(&server, OTHER_POOL, ALICE).await);
    table.row("unknown pool", &sign_out(&server, "eu-west-1_Nowhere", ALICE).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(server.cognito().get_user(&tokens.access).await.status, 200);
}
