//! What an attempt costs and says, for users and for names that lead to none.

use super::{DOORS, Face, server_with};
use crate::support::{Answer, PASSWORD, TENANT_GROUP, TestServer, config};
use poolkeeper::system::operator;
use std::path::Path;
use std::sync::atomic::Ordering;

const ANN: &str = "ann@example.com";
/// As long as [`ANN`].
const NOBODY: &str = "noo@example.com";

/// What a stranger sees of an answer.
fn seen(answer: &Answer) -> (u16, String, Vec<String>) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !name.as_str().ends_with("requestid") && *name != "x-request-id")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    (answer.status.as_u16(), answer.text.clone(), headers)
}

async fn attempt(server: &TestServer, face: Face, name: &str) -> (Answer, usize) {
    let before = server.workers.comparisons.load(Ordering::SeqCst);
    let answer = face.sign_in(server, name, "wrong").await;
    (answer, server.workers.comparisons.load(Ordering::SeqCst) - before)
}

#[tokio::test]
async fn known_and_unknown_users_get_the_same_answer_for_the_same_work() {
    for face in DOORS {
        // The portal tells them apart by its documented texts, unless that is switched off.
        let mut config = config(Path::new(""));
        config.portal_api.as_mut().unwrap().hide_unknown_users = true;
        config.pools[0].clients.iter_mut().for_each(|client| client.hides_users = true);
        let server = TestServer::with(config).await;
        server.user(ANN, &[TENANT_GROUP]).await;
        for attempt_number in 1..=7 {
            let (known, known_work) = attempt(&server, face, ANN).await;
            let (unknown, unknown_work) = attempt(&server, face, NOBODY).await;
            assert_eq!(known_work, unknown_work, "{face:?}");
            // A lock does not show either, in no answer and no work.
            assert_eq!(known_work, 1, "{face:?} {attempt_number}");
            assert_eq!(seen(&known), seen(&unknown), "{face:?}");
        }
    }
}

#[tokio::test]
async fn the_state_of_a_user_shows_to_nobody_without_the_password() {
    use poolkeeper_pool::entity::UserStatus;
    let server = server_with(ANN).await;
    let groups = &["partner-id-acme", TENANT_GROUP];
    let disabled = server.user("dis@example.com", groups).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    let unconfirmed = server.user("unc@example.com", groups).await;
    server.edit(&unconfirmed, |user| user.status = UserStatus::Unconfirmed).await;
    server.new_user("new@example.com", groups).await;
    server.totp_user("app@example.com", groups).await;
    for face in DOORS {
        let (plain, _) = attempt(&server, face, ANN).await;
        for name in ["dis", "unc", "new", "app"] {
            let (told, work) = attempt(&server, face, &format!("{name}@example.com")).await;
            assert_eq!((seen(&told), work), (seen(&plain), 1), "{face:?} {name}");
        }
    }
}

#[tokio::test]
async fn failures_at_all_faces_count_together_and_under_all_names() {
    let server = server_with(ANN).await;
    let sub =
        server.engine.get_user(&operator(), &crate::support::POOL.into(), ANN).await.unwrap().sub;
    for (face, name) in [
        (Face::Cognito, ANN),
        (Face::Partner, "ANN@example.com"),
        (Face::Portal, "ann%40example.com"),
        (Face::Tenant, ANN),
        (Face::Cognito, sub.as_str()),
    ] {
        let (answer, work) = attempt(&server, face, name).await;
        assert!(!answer.status.is_success());
        assert_eq!(work, 1, "{face:?}");
    }
    for face in DOORS {
        let answer = face.sign_in(&server, ANN, PASSWORD).await;
        assert!(!answer.status.is_success(), "{face:?}: {}", answer.text);
    }
    server.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(Face::Cognito.sign_in(&server, ANN, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_huge_password_is_a_wrong_one() {
    let server = server_with(ANN).await;
    let huge = "x".repeat(900_000);
    for face in DOORS {
        let answer = face.sign_in(&server, ANN, &huge).await;
        assert!(answer.status.is_client_error(), "{face:?}: {}", answer.status);
        assert!(answer.text.len() < 1000, "{face:?}");
    }
}

/// Nothing but what a request says itself lets anybody in: there is no cookie that a page elsewhere
/// could have sent along.
#[tokio::test]
async fn no_answer_sets_a_cookie_and_forms_are_not_read() {
    let server = server_with(ANN).await;
    for face in DOORS {
        let answer = face.sign_in(&server, ANN, PASSWORD).await;
        assert_eq!(answer.header("set-cookie"), None, "{face:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{face:?}");
    }
    // What a page may send without asking first.
    let simple = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
    let body = serde_json::json!({
        "username": ANN, "UserName": ANN, "TenantName": crate::support::TENANT,
        "password": PASSWORD, "Password": PASSWORD,
    });
    for kind in simple {
        for path in ["/auth", "/api/auth/login", "/Login", "/"] {
            let headers = [("content-type", kind), ("origin", "https://evil.example")];
            let answer = server.call(&format!("POST {path}"), &headers, body.to_string()).await;
            assert!(answer.status.is_client_error(), "{path} {kind}: {}", answer.text);
            let opened = answer.header("access-control-allow-origin");
            assert!(path == "/" || opened.is_none(), "{path} {kind}");
        }
    }
}
