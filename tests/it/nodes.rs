//! Two nodes on one database: what one has done holds at the other, at once.

mod keys;
mod limits;

use crate::support::{
    Answer, CONFIDENTIAL_CLIENT, PASSWORD, POOL, PUBLIC_CLIENT, Table, TestPool, TestServer,
    Tokens, claims,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Channel;
use poolkeeper_pool::local::Sent;
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const ANN: &str = "ann@example.com";

async fn two_nodes() -> [Arc<TestServer>; 2] {
    with_another(TestServer::start().await).await
}

async fn with_another(first: TestServer) -> [Arc<TestServer>; 2] {
    let second = first.another_node().await;
    [Arc::new(first), Arc::new(second)]
}

/// Makes calls at both nodes at once, by turns, and counts the kinds of answers.
async fn at_once<F>(
    nodes: &[Arc<TestServer>; 2],
    count: usize,
    call: impl Fn(Arc<TestServer>) -> F,
) -> (usize, Vec<String>)
where
    F: Future<Output = Answer> + Send + 'static,
{
    let calls: JoinSet<_> = nodes.iter().cycle().take(count).cloned().map(call).collect();
    let answers = calls.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status.is_success());
    let mut reasons: Vec<String> = bad.iter().map(|answer| answer.get("/message")).collect();
    reasons.sort();
    reasons.dedup();
    (good.len(), reasons)
}

#[tokio::test]
async fn the_steps_of_a_sign_in_may_land_anywhere() {
    let [first, second] = two_nodes().await;
    first.totp_user(ANN, &[]).await;
    let asked = second.cognito().sign_in(ANN, PASSWORD).await;
    let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": first.totp_code() });
    let answer =
        first.cognito().respond("SOFTWARE_TOKEN_MFA", &asked.get("/Session"), responses).await;
    let tokens = Tokens::of(&answer);
    assert_eq!(second.cognito().get_user(&tokens.access).await.status, 200);
    assert_eq!(second.cognito().refresh(&tokens.refresh).await.status, 200);
}

#[tokio::test]
async fn what_ends_a_sign_in_is_known_at_once() {
    let [first, second] = two_nodes().await;
    first.user(ANN, &[]).await;
    let mut table = Table::default();
    let user = json!({ "UserPoolId": POOL, "Username": ANN });
    for operation in ["AdminUserGlobalSignOut", "AdminDisableUser", "AdminDeleteUser"] {
        let tokens = first.cognito().tokens(ANN).await;
        // Whatever the first node keeps of it, it has seen it now.
        assert_eq!(first.cognito().get_user(&tokens.access).await.status, 200);
        assert_eq!(second.cognito().admin(operation, &user).await.status, 200);
        table
            .row(&format!("{operation}, GetUser"), &first.cognito().get_user(&tokens.access).await);
        table
            .row(&format!("{operation}, refresh"), &first.cognito().refresh(&tokens.refresh).await);
        first.cognito().admin("AdminEnableUser", &user).await;
    }
    assert_snapshot!(table, @r#"
    AdminUserGlobalSignOut, GetUser: 400 NotAuthorizedException "Access Token has been revoked"
    AdminUserGlobalSignOut, refresh: 400 NotAuthorizedException "Refresh Token has been revoked"
    AdminDisableUser, GetUser: 400 NotAuthorizedException "User is disabled."
    AdminDisableUser, refresh: 400 NotAuthorizedException "Refresh Token has been revoked"
    AdminDeleteUser, GetUser: 400 NotAuthorizedException "Access Token has been revoked"
    AdminDeleteUser, refresh: 400 NotAuthorizedException "Invalid Refresh Token"
    "#);
}

#[tokio::test]
async fn a_change_of_groups_is_in_the_next_token() {
    let [first, second] = two_nodes().await;
    first.user(ANN, &[]).await;
    let tokens = first.cognito().tokens(ANN).await;
    let member = json!({ "UserPoolId": POOL, "Username": ANN, "GroupName": "admin" });
    second.cognito().admin("AdminAddUserToGroup", &member).await;
    let token = first.cognito().refresh(&tokens.refresh).await;
    let token = token.get("/AuthenticationResult/AccessToken");
    assert_eq!(claims(&token)["cognito:groups"], json!(["admin"]));
    second.cognito().admin("AdminRemoveUserFromGroup", &member).await;
    let token = first.cognito().refresh(&tokens.refresh).await;
    let token = token.get("/AuthenticationResult/AccessToken");
    assert_eq!(claims(&token)["cognito:groups"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_count_wherever_they_are_tried() {
    let nodes = with_another(TestServer::telling().await).await;
    nodes[0].user(ANN, &[]).await;
    let mut calls = JoinSet::new();
    for node in nodes.iter().cycle().take(60) {
        let node = Arc::clone(node);
        calls.spawn(async move { node.cognito().sign_in(ANN, "wrong").await.get("/message") });
    }
    let answers = calls.join_all().await;
    let told = answers.iter().filter(|told| *told == "Incorrect username or password.").count();
    assert_eq!(told, 5, "{answers:?}");
    assert_eq!(nodes[1].cognito().sign_in(ANN, PASSWORD).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_spent_once_on_all_nodes() {
    let nodes = two_nodes().await;
    nodes[0].totp_user(ANN, &[]).await;
    let session = nodes[0].cognito().sign_in(ANN, PASSWORD).await.get("/Session");
    let (good, reasons) = at_once(&nodes, 32, |node| {
        let session = session.clone();
        async move {
            let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": node.totp_code() });
            node.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await
        }
    })
    .await;
    assert_eq!(good, 1);
    assert_eq!(reasons, ["Invalid session for the user, session can only be used once."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_an_app_works_once_on_all_nodes() {
    let nodes = two_nodes().await;
    nodes[0].totp_user(ANN, &[]).await;
    let (good, reasons) = at_once(&nodes, 32, |node| async move {
        let session = node.cognito().sign_in(ANN, PASSWORD).await.get("/Session");
        let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": node.totp_code() });
        node.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await
    })
    .await;
    assert_eq!(good, 1);
    assert_eq!(reasons, ["Your software token has already been used once."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_code_is_taken_once_on_all_nodes() {
    let nodes = two_nodes().await;
    nodes[0].user(ANN, &[]).await;
    let token = nodes[0].cognito().tokens(ANN).await.access;
    let ask = json!({ "AccessToken": token, "AttributeName": "email" });
    nodes[0].cognito().call("GetUserAttributeVerificationCode", &ask).await;
    let code = nodes[1].newest_code().await.0;
    let answer = json!({ "AccessToken": token, "AttributeName": "email", "Code": code });
    let (good, reasons) = at_once(&nodes, 12, |node| {
        let answer = answer.clone();
        async move { node.cognito().call("VerifyUserAttribute", &answer).await }
    })
    .await;
    assert_eq!(good, 1);
    assert_eq!(reasons, ["Invalid code provided, please request a code again."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_replaced_once_on_all_nodes() {
    let nodes = two_nodes().await;
    let pool = nodes[0].pool(json!({})).await;
    pool.user("ann", &[]).await;
    let client = json!({
        "ClientName": "rotating",
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = pool.admin("CreateUserPoolClient", client).await.get("/UserPoolClient/ClientId");
    let tokens = TestPool { client: client.clone(), ..pool }.tokens("ann").await;
    let body = json!({ "ClientId": client, "RefreshToken": tokens.refresh });
    let (good, _) = at_once(&nodes, 16, |node| {
        let body = body.clone();
        async move { node.cognito().call("GetTokensFromRefreshToken", &body).await }
    })
    .await;
    assert_eq!(good, 1);
    // Whoever came second is a thief, or robbed: every node knows.
    assert_eq!(nodes[1].cognito().get_user(&tokens.access).await.status, 400);
}

/// Notes what it is given.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Sender for Notes {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        self.0.lock().unwrap().push(message.id.to_string());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_by_one_node() {
    let nodes = two_nodes().await;
    for i in 0..20 {
        let name = format!("ann{i}@example.com");
        nodes[0].user(&name, &[]).await;
        let token = nodes[0].cognito().tokens(&name).await.access;
        let ask = json!({ "AccessToken": token, "AttributeName": "email" });
        nodes[i % 2].cognito().call("GetUserAttributeVerificationCode", &ask).await;
    }
    let notes = Arc::new(Notes::default());
    let mut senders = JoinSet::new();
    for node in &nodes {
        let (node, notes) = (Arc::clone(node), Arc::clone(&notes));
        senders.spawn(async move {
            for claimed in node.engine.claim_due(Channel::Email, 100).await.unwrap().messages {
                node.engine.deliver(&operator(), claimed, &*notes, Sent::Removed).await.unwrap();
            }
            node.engine.sweep().await.unwrap();
        });
    }
    senders.join_all().await;
    let mut sent = notes.0.lock().unwrap().clone();
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), notes.0.lock().unwrap().len()), (20, 20));
}

/// A pool that is made anew has new keys, and every node uses them within a second.
#[tokio::test]
async fn new_keys_need_no_restart() {
    let [first, second] = two_nodes().await;
    let jwks = format!("GET /{POOL}/.well-known/jwks.json");
    let before = second.call(&jwks, &[], "").await.text;
    first.user(ANN, &[]).await;
    let old = first.cognito().tokens(ANN).await;
    assert_eq!(second.cognito().get_user(&old.access).await.status, 200);
    first.cognito().admin("DeleteUserPool", &json!({ "UserPoolId": POOL })).await;
    let anew = first.another_node().await;
    second.clock.advance(Duration::from_secs(1));
    let after = second.call(&jwks, &[], "").await.text;
    assert_ne!(before, after);
    assert_eq!(after, anew.call(&jwks, &[], "").await.text);
    anew.user(ANN, &[]).await;
    let new = anew.cognito().tokens(ANN).await;
    assert_eq!(second.cognito().get_user(&new.access).await.status, 200);
    let old = second.cognito().get_user(&old.access).await;
    assert_snapshot!(old.line(), @r#"400 NotAuthorizedException "Invalid Access Token""#);
}

/// Clients and their secrets are settings of the database, not of a node.
#[tokio::test]
async fn a_client_is_changed_for_all_nodes() {
    let [first, second] = two_nodes().await;
    first.user(ANN, &[]).await;
    assert_eq!(second.cognito().sign_in(ANN, PASSWORD).await.status, 200);
    let flows = json!({
        "UserPoolId": POOL, "ClientId": PUBLIC_CLIENT, "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
    });
    first.cognito().admin("UpdateUserPoolClient", &flows).await;
    let delete = json!({ "UserPoolId": POOL, "ClientId": CONFIDENTIAL_CLIENT });
    first.cognito().admin("DeleteUserPoolClient", &delete).await;
    let mut table = Table::default();
    table.row("a flow", &second.cognito().sign_in(ANN, PASSWORD).await);
    let sign_in = json!({ "USERNAME": ANN, "PASSWORD": PASSWORD });
    let cognito = second.cognito();
    let gone = cognito.initiate_as(CONFIDENTIAL_CLIENT, "USER_PASSWORD_AUTH", sign_in).await;
    table.row("a client", &gone);
    assert_snapshot!(table, @r#"
    a flow: 400 InvalidParameterException "USER_PASSWORD_AUTH flow not enabled for this client"
    a client: 400 ResourceNotFoundException "User pool client confidential does not exist."
    "#);
}

/// Each brings about what the configuration declares, and finds that the other does, too.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_may_start_at_the_same_time() {
    let [first, second] = two_nodes().await;
    for _ in 0..5 {
        first.cognito().admin("DeleteUserPool", &json!({ "UserPoolId": POOL })).await;
        let started = tokio::join!(first.declare(), second.declare());
        assert!(matches!(started, (Ok(()), Ok(()))), "{started:?}");
    }
}
