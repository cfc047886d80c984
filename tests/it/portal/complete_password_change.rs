use super::{ALICE, FRESH, attempt, login};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

async fn change(server: &TestServer, username: &str, session: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "session": session, "new_password": password });
    server.json("POST", "/api/auth/complete-password-change", &body).await
}

async fn session(server: &TestServer, username: &str) -> String {
    login(server, username).await.get("/session")
}

#[tokio::test]
async fn complete() {
    let server = TestServer::start().await;
    let user = server.new_user(ALICE, &["admin"]).await;
    let session = session(&server, ALICE).await;
    let answer = change(&server, ALICE, &session, FRESH).await;
    assert_snapshot!(answer.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "access_token": "[jwt]",
      "expires_in": 3600,
      "message": "Password changed successfully",
      "refresh_token": "[refresh token]",
      "token_type": "bearer",
      "user": {
        "email": "alice@example.com",
        "is_admin": true,
        "name": "IGAD User",
        "role": "admin",
        "user_id": "[sub]"
      }
    }
    "#);
    assert_eq!(login(&server, ALICE).await.get("/detail"), "Invalid credentials");
    assert_eq!(attempt(&server, ALICE, FRESH).await.status, 200);
}

/// As at a login.
#[tokio::test]
async fn usernames_are_trimmed_and_decoded() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[]).await;
    let session = session(&server, ALICE).await;
    assert_eq!(change(&server, " alice%40example.com ", &session, FRESH).await.status, 200);
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[]).await;
    server.new_user("bob@example.com", &[]).await;
    let disabled = server.new_user("disabled@example.com", &[]).await;
    let (mine, theirs) = (session(&server, ALICE).await, session(&server, "bob@example.com").await);
    let barred = session(&server, "disabled@example.com").await;
    server.edit(&disabled, |user| user.enabled = false).await;
    let public = server.cognito().sign_in(ALICE, PASSWORD).await.get("/Session");
    let mut rows = Vec::new();
    for (case, username, session, password) in [
        ("policy", ALICE, mine.as_str(), "short"),
        ("empty password", ALICE, &mine, ""),
        ("of another user", ALICE, &theirs, FRESH),
        ("of another client", ALICE, &public, FRESH),
        ("garbage", ALICE, "garbage", FRESH),
        ("empty", "", "", FRESH),
        ("disabled meanwhile", "disabled@example.com", &barred, FRESH),
        ("accepted", ALICE, &mine, FRESH),
        ("used", ALICE, &mine, FRESH),
    ] {
        let answer = change(&server, username, session, password).await;
        let told = if case == "accepted" { "200".to_owned() } else { answer.row(&[]) };
        assert_eq!(answer.status == 200, case == "accepted", "{case}");
        rows.push(format!("{case}: {told}"));
    }
    server.clock.advance(Duration::from_mins(3));
    let late = change(&server, "bob@example.com", &theirs, FRESH).await;
    rows.push(format!("expired: {}", late.row(&["www-authenticate"])));
    assert_snapshot!(rows.join("\n"), @r#"
    policy: 400 Bad Request {"detail":"Password does not meet requirements"}
    empty password: 400 Bad Request {"detail":"Password does not meet requirements"}
    of another user: 500 Internal Server Error {"detail":"Password change error: CodeMismatchException"}
    of another client: 500 Internal Server Error {"detail":"Password change error: CodeMismatchException"}
    garbage: 500 Internal Server Error {"detail":"Password change error: CodeMismatchException"}
    empty: 500 Internal Server Error {"detail":"Password change error: CodeMismatchException"}
    disabled meanwhile: 401 Unauthorized {"detail":"Invalid session or credentials"}
    accepted: 200
    used: 401 Unauthorized {"detail":"Invalid session or credentials"}
    expired: 401 Unauthorized {"detail":"Invalid session or credentials"}
    "#);
}

#[tokio::test]
async fn a_second_factor_is_more_than_this_api_can_ask() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    server.give_password(ALICE, PASSWORD, false).await;
    let session = session(&server, ALICE).await;
    assert_snapshot!(change(&server, ALICE, &session, FRESH).await.row(&[]), @r#"500 Internal Server Error {"detail":"Password change error: SOFTWARE_TOKEN_MFA"}"#);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in ["", "{}", r#"{"username":"a","session":1,"new_password":null}"#, "[]"] {
        let answer = server.text("POST", "/api/auth/complete-password-change", body).await;
        rows.push(format!("{body}\n  {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"

      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {}
      422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","session"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","new_password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {"username":"a","session":1,"new_password":null}
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","session"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","new_password"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    []
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    "#);
}
