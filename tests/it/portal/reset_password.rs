use super::forgot_password::{forgot, reachable};
use super::{ALICE, FRESH, attempt, code, hiding, login};
use crate::support::{Answer, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

async fn reset(server: &TestServer, username: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "code": code, "new_password": password });
    server.json("POST", "/api/auth/reset-password", &body).await
}

/// A code that was not sent.
fn wrong(code: &str) -> String {
    if code == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

#[tokio::test]
async fn the_new_password_is_the_password() {
    let server = TestServer::start().await;
    reachable(&server, ALICE).await;
    let before = login(&server, ALICE).await;
    forgot(&server, ALICE).await;
    let code = format!(" {}\n", code(&server, ALICE).await);
    assert_snapshot!(reset(&server, ALICE, &code, FRESH).await.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "message": "Password reset successfully",
      "success": true
    }
    "#);
    assert_eq!(login(&server, ALICE).await.get("/detail"), "Invalid credentials");
    assert_eq!(attempt(&server, ALICE, FRESH).await.status, 200);
    // Whoever came in by the old one is out.
    let body = json!({ "refresh_token": before.get("/refresh_token") });
    assert_eq!(server.json("POST", "/api/auth/refresh-token", &body).await.status, 401);
}

/// As at a login.
#[tokio::test]
async fn usernames_are_trimmed_and_decoded() {
    let server = TestServer::start().await;
    reachable(&server, ALICE).await;
    forgot(&server, ALICE).await;
    let code = code(&server, ALICE).await;
    assert_eq!(reset(&server, "alice%2540example.com", &code, FRESH).await.status, 404);
    let answer = reset(&server, " alice%40example.com\n", &code, FRESH).await;
    assert_snapshot!(answer.row(&[]), @r#"200 OK {"message":"Password reset successfully","success":true}"#);
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::configured(|config| {
        config.pools[0].password_policy.password_history_size = 2;
    })
    .await;
    reachable(&server, ALICE).await;
    let mut rows = Vec::new();
    let mut row = |case: &str, answer: &Answer| rows.push(format!("{case}: {}", answer.row(&[])));
    row("nobody", &reset(&server, "nobody@example.com", "123456", FRESH).await);
    row("not asked for", &reset(&server, ALICE, "123456", FRESH).await);
    forgot(&server, ALICE).await;
    let code = code(&server, ALICE).await;
    row("wrong code", &reset(&server, ALICE, &wrong(&code), FRESH).await);
    row("no code", &reset(&server, ALICE, "", FRESH).await);
    row("policy", &reset(&server, ALICE, &code, "short").await);
    row("used before", &reset(&server, ALICE, &code, crate::support::PASSWORD).await);
    server.clock.advance(Duration::from_hours(1));
    row("late", &reset(&server, ALICE, &code, FRESH).await);
    for _ in 0..14 {
        reset(&server, ALICE, &code, FRESH).await;
    }
    row("too often", &reset(&server, ALICE, &code, FRESH).await);
    assert_snapshot!(rows.join("\n"), @r#"
    nobody: 404 Not Found {"detail":"User not found"}
    not asked for: 400 Bad Request {"detail":"Verification code has expired"}
    wrong code: 400 Bad Request {"detail":"Invalid verification code"}
    no code: 400 Bad Request {"detail":"Invalid verification code"}
    policy: 400 Bad Request {"detail":"Password does not meet requirements"}
    used before: 400 Bad Request {"detail":"Password does not meet requirements"}
    late: 400 Bad Request {"detail":"Verification code has expired"}
    too often: 500 Internal Server Error {"detail":"Reset password error: LimitExceededException"}
    "#);
}

#[tokio::test]
async fn a_code_works_once_and_for_its_user() {
    let server = TestServer::start().await;
    reachable(&server, ALICE).await;
    reachable(&server, "bob@example.com").await;
    forgot(&server, ALICE).await;
    let code = code(&server, ALICE).await;
    forgot(&server, "bob@example.com").await;
    let theirs = reset(&server, "bob@example.com", &code, FRESH).await;
    assert_eq!(theirs.get("/detail"), "Invalid verification code");
    assert_eq!(reset(&server, ALICE, &code, FRESH).await.status, 200);
    let again = reset(&server, ALICE, &code, FRESH).await;
    assert_eq!(
        (again.status.as_u16(), again.get("/detail").as_str()),
        (400, "Verification code has expired")
    );
}

#[tokio::test]
async fn with_users_hidden_no_answer_tells_who_exists() {
    let server = TestServer::with(hiding()).await;
    reachable(&server, ALICE).await;
    let mut rows = Vec::new();
    for username in [ALICE, "nobody@example.com"] {
        let mut told = vec![reset(&server, username, "12345x", FRESH).await.row(&[])];
        told.push(reset(&server, username, "12345x", "short").await.row(&[]));
        forgot(&server, username).await;
        for _ in 0..15 {
            told.push(reset(&server, username, "12345x", FRESH).await.row(&[]));
        }
        rows.push(told);
    }
    assert_eq!(rows[0], rows[1]);
    rows[0].dedup();
    assert_snapshot!(rows[0].join("\n"), @r#"
    400 Bad Request {"detail":"Invalid verification code"}
    400 Bad Request {"detail":"Password does not meet requirements"}
    400 Bad Request {"detail":"Invalid verification code"}
    500 Internal Server Error {"detail":"Reset password error: LimitExceededException"}
    "#);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let body = r#"{"username":"a","code":123456,"password":"secret"}"#;
    let answer = server.text("POST", "/api/auth/reset-password", body).await;
    assert_snapshot!(answer.show(), @r#"
    422 Unprocessable Entity
    {
      "detail": [
        {
          "input": "**********",
          "loc": [
            "body",
            "code"
          ],
          "msg": "Input should be a valid string",
          "type": "string_type",
          "url": "https://errors.pydantic.dev/2.5/v/string_type"
        },
        {
          "input": {
            "code": "**********",
            "password": "**********",
            "username": "a"
          },
          "loc": [
            "body",
            "new_password"
          ],
          "msg": "Field required",
          "type": "missing",
          "url": "https://errors.pydantic.dev/2.5/v/missing"
        }
      ]
    }
    "#);
}
