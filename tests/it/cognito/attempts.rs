//! How often one address may try passwords, codes and tokens.

use crate::support::{PASSWORD, TestServer, config};
use insta::assert_snapshot;
use poolkeeper::config::CognitoConfig;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn one_address_may_try_only_so_often() {
    let mut config = config(Path::new(""));
    config.cognito =
        Some(CognitoConfig { attempts_per_address: NonZeroU32::new(4), forward: None });
    let server = TestServer::with(config).await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let access = cognito.tokens(ALICE).await.access;
    for name in ["bob@example.com", "carol@example.com", "dave@example.com"] {
        assert_eq!(cognito.sign_in(name, "Guess-1234").await.status, 400);
    }
    assert_snapshot!(cognito.sign_in(ALICE, PASSWORD).await.row(&["retry-after"]), @r#"400 Bad Request {"__type":"TooManyRequestsException","message":"Rate exceeded"}"#);
    // What proves itself by a token or a signature is nobody's attempt.
    assert_eq!(cognito.get_user(&access).await.status, 200);
    let users = serde_json::json!({ "UserPoolId": crate::support::POOL });
    assert_eq!(cognito.admin("ListUsers", &users).await.status, 200);
    server.clock.advance(Duration::from_secs(15));
    assert_eq!(cognito.sign_in(ALICE, PASSWORD).await.status, 200);
    assert_eq!(cognito.sign_in(ALICE, PASSWORD).await.status, 400);
}
