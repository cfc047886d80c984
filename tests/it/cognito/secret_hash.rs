//! `SECRET_HASH`, with which callers of public operations prove an app client's secret.

use crate::support::{
    Answer, CONFIDENTIAL_CLIENT, PASSWORD, PUBLIC_CLIENT, Table, TestServer, Tokens, secret_hash,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn sign_in(server: &TestServer, client: &str, hash: Value) -> Answer {
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD, "SECRET_HASH": hash });
    server.cognito().initiate_as(client, "USER_PASSWORD_AUTH", parameters).await
}

#[tokio::test]
async fn over_the_name_sent_or_the_username_or_the_sub() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    for name in [ALICE, alice.username.as_str(), alice.sub.as_str()] {
        let hash = json!(secret_hash(name, CONFIDENTIAL_CLIENT));
        let answer = sign_in(&server, CONFIDENTIAL_CLIENT, hash).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let right = secret_hash(ALICE, CONFIDENTIAL_CLIENT);
    let cases = [
        ("missing", CONFIDENTIAL_CLIENT, Value::Null),
        ("empty", CONFIDENTIAL_CLIENT, json!("")),
        ("wrong", CONFIDENTIAL_CLIENT, json!("AAAA")),
        ("cut", CONFIDENTIAL_CLIENT, json!(right.trim_end_matches('='))),
        (
            "other user's",
            CONFIDENTIAL_CLIENT,
            json!(secret_hash("bob@example.com", CONFIDENTIAL_CLIENT)),
        ),
        ("other client's", CONFIDENTIAL_CLIENT, json!(secret_hash(ALICE, PUBLIC_CLIENT))),
        ("to a public client", PUBLIC_CLIENT, json!(secret_hash(ALICE, PUBLIC_CLIENT))),
    ];
    let mut table = Table::default();
    for (case, client, hash) in cases {
        table.row(case, &sign_in(&server, client, hash).await);
    }
    assert_snapshot!(table, @r#"
    missing: 400 NotAuthorizedException "Client confidential is configured for secret but secret was not received"
    empty: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    wrong: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    cut: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    other user's: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    other client's: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    to a public client: 400 NotAuthorizedException "Unable to verify secret hash for client public"
    "#);
}

/// Whoever does not know the secret must not be able to lock users out, nor to learn of them.
#[tokio::test]
async fn without_it_nothing_is_looked_at() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let before = server.workers.comparisons.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..6 {
        assert_eq!(sign_in(&server, CONFIDENTIAL_CLIENT, json!("AAAA")).await.status, 400);
    }
    let after = server.workers.comparisons.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(after, before);
    server.cognito().tokens(ALICE).await;
}

#[tokio::test]
async fn at_a_refresh() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let hash = |name: &str| json!(secret_hash(name, CONFIDENTIAL_CLIENT));
    let signed_in = sign_in(&server, CONFIDENTIAL_CLIENT, hash(ALICE)).await;
    let token = Tokens::of(&signed_in).refresh;
    let mut table = Table::default();
    let cases = [("missing", Value::Null), ("wrong", json!("AAAA")), ("other user's", hash("bob"))];
    for (case, hash) in cases {
        let parameters = json!({ "REFRESH_TOKEN": token, "SECRET_HASH": hash });
        let cognito = server.cognito();
        let answer =
            cognito.initiate_as(CONFIDENTIAL_CLIENT, "REFRESH_TOKEN_AUTH", parameters).await;
        table.row(case, &answer);
    }
    assert_snapshot!(table, @r#"
    missing: 400 NotAuthorizedException "Client confidential is configured for secret but secret was not received"
    wrong: 400 NotAuthorizedException "SecretHash does not match for the client: confidential"
    other user's: 400 NotAuthorizedException "SecretHash does not match for the client: confidential"
    "#);
    for name in [alice.username.as_str(), alice.sub.as_str()] {
        let parameters = json!({ "REFRESH_TOKEN": token, "SECRET_HASH": hash(name) });
        let cognito = server.cognito();
        let answer =
            cognito.initiate_as(CONFIDENTIAL_CLIENT, "REFRESH_TOKEN_AUTH", parameters).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn at_a_challenge() {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[]).await;
    let hash = |name: &str| json!(secret_hash(name, CONFIDENTIAL_CLIENT));
    let session = sign_in(&server, CONFIDENTIAL_CLIENT, hash(ALICE)).await.get("/Session");
    let respond = async |hash: Value| {
        let body = json!({
            "ChallengeName": "SOFTWARE_TOKEN_MFA",
            "ClientId": CONFIDENTIAL_CLIENT,
            "Session": session,
            "ChallengeResponses": {
                "USERNAME": alice.username.as_str(),
                "SOFTWARE_TOKEN_MFA_CODE": server.totp_code(),
                "SECRET_HASH": hash,
            },
        });
        server.cognito().call("RespondToAuthChallenge", &body).await
    };
    let mut table = Table::default();
    table.row("missing", &respond(Value::Null).await);
    table.row("wrong", &respond(json!("AAAA")).await);
    assert_snapshot!(table, @r#"
    missing: 400 NotAuthorizedException "Client confidential is configured for secret but secret was not received"
    wrong: 400 NotAuthorizedException "Unable to verify secret hash for client confidential"
    "#);
    assert_eq!(respond(hash(alice.username.as_str())).await.status, 200);
}
