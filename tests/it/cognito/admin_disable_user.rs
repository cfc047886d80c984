use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

pub(super) async fn disable(server: &TestServer, pool: &str, name: &str) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name });
    server.cognito().admin("AdminDisableUser", &body).await
}

#[tokio::test]
async fn shuts_the_user_out_at_once() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let cognito = server.cognito();
    let (alice, bob) = (cognito.tokens(ALICE).await, cognito.tokens("bob@example.com").await);
    assert_snapshot!(disable(&server, POOL, ALICE).await.show(), @"
    200 OK
    {}
    ");
    let mut table = Table::default();
    table.row("access token", &cognito.get_user(&alice.access).await);
    table.row("refresh token", &cognito.refresh(&alice.refresh).await);
    table.row("password", &cognito.sign_in(ALICE, PASSWORD).await);
    table.row("wrong password", &cognito.sign_in(ALICE, "Wrong-Pass-1").await);
    table.row("again", &disable(&server, POOL, ALICE).await);
    assert_snapshot!(table, @r#"
    access token: 400 NotAuthorizedException "User is disabled."
    refresh token: 400 NotAuthorizedException "Refresh Token has been revoked"
    password: 400 NotAuthorizedException "User is disabled."
    wrong password: 400 NotAuthorizedException "Incorrect username or password."
    again: 200 {}
    "#);
    let shown = json!({ "UserPoolId": POOL, "Username": ALICE });
    let shown = cognito.admin("AdminGetUser", &shown).await.json();
    assert_eq!(shown["Enabled"], false);
    assert_eq!(shown["UserStatus"], "CONFIRMED");
    assert_eq!(cognito.get_user(&bob.access).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    table.row("unknown user", &disable(&server, POOL, "nobody@example.com").await);
    table.row("other pool", &disable(&server, OTHER_POOL, ALICE).await);
    table.row("unknown pool", &disable(&server, "eu-west-1_Nowhere", ALICE).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
