use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer, claims};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn delete(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminDeleteUser", &body).await
}

#[tokio::test]
async fn nothing_leads_to_the_user_any_more() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &["admin"]).await;
    let cognito = server.cognito();
    let tokens = cognito.tokens(ALICE).await;
    let answer = delete(&server, POOL, ALICE).await;
    assert_snapshot!(answer.show_with(&["content-length", "content-type"]), @"
    200 OK
    content-length: 0
    content-type: -
    ");
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&tokens.access).await);
    table.row("refresh token", &cognito.refresh(&tokens.refresh).await);
    table.row("password", &cognito.sign_in(ALICE, PASSWORD).await);
    table.row("again", &delete(&server, POOL, ALICE).await);
    table.row("again by sub", &delete(&server, POOL, alice.sub.as_str()).await);
    let listed = json!({ "UserPoolId": POOL, "Filter": format!("email = \"{ALICE}\"") });
    table.row("listed", &cognito.admin("ListUsers", &listed).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "Access Token has been revoked"
    refresh token: 400 NotAuthorizedException "Invalid Refresh Token"
    password: 400 NotAuthorizedException "Incorrect username or password."
    again: 400 UserNotFoundException "User does not exist."
    again by sub: 400 UserNotFoundException "User does not exist."
    listed: 200 {"Users":[]}
    "#);
}

#[tokio::test]
async fn the_name_is_free_and_whoever_takes_it_inherits_nothing() {
    let server = TestServer::start().await;
    let old = server.user(ALICE, &["admin"]).await;
    let cognito = server.cognito();
    for _ in 0..8 {
        cognito.sign_in(ALICE, "Wrong-Pass-1").await;
    }
    assert_eq!(
        cognito.sign_in(ALICE, PASSWORD).await.get("/message"),
        "Incorrect username or password."
    );
    delete(&server, POOL, ALICE).await;
    let new = server.user(ALICE, &[]).await;
    assert_ne!(new.sub, old.sub);
    let tokens = cognito.tokens(ALICE).await;
    assert_eq!(claims(&tokens.access)["cognito:groups"], Value::Null);
}

#[tokio::test]
async fn a_disabled_user_too() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    server.edit(&alice, |user| user.enabled = false).await;
    assert_eq!(delete(&server, POOL, ALICE).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    table.row("unknown user", &delete(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &delete(&server, OTHER_POOL, ALICE).await);
    table.row("unknown pool", &delete(&server, "eu-west-1_Nowhere", ALICE).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
