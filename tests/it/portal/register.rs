use super::{ALICE, FRESH, attempt, code, with_token};
use crate::support::{Answer, TestServer, config};
use insta::assert_snapshot;
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Contact;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

fn open() -> Config {
    let mut config = config(Path::new(""));
    config.portal_api.as_mut().unwrap().registration = true;
    config.pools[0].rules.auto_verified = vec![Contact::Email];
    config
}

async fn register(server: &TestServer, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password, "name": "Alice A.", "country": "KE" });
    server.json("POST", "/api/auth/register", &body).await
}

async fn verify(server: &TestServer, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "code": code });
    server.json("POST", "/api/auth/verify", &body).await
}

#[tokio::test]
async fn it_is_not_there_by_default() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for method in ["POST", "GET"] {
        for path in ["/api/auth/register", "/api/auth/verify"] {
            rows.push(server.bare(method, path, &[]).await.row(&["allow"]));
        }
    }
    rows.dedup();
    assert_snapshot!(rows.join("\n"), @r#"404 Not Found {"detail":"Not Found"}"#);
    let server = TestServer::with(open()).await;
    let answer = server.bare("GET", "/api/auth/register", &[]).await;
    assert_snapshot!(answer.row(&["allow"]), @r#"405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST"#);
}

#[tokio::test]
async fn a_code_proves_the_address() {
    let server = TestServer::with(open()).await;
    let answer = register(&server, ALICE, FRESH).await;
    let id = answer.get("/user_id");
    assert_snapshot!(answer.show().replace(&id, "[sub]"), @r#"
    201 Created
    {
      "email": "alice@example.com",
      "email_verified": false,
      "message": "Registration successful. Please check your email for verification code.",
      "name": "Alice A.",
      "user_id": "[sub]",
      "verification_required": true
    }
    "#);
    assert_snapshot!(attempt(&server, ALICE, FRESH).await.row(&[]), @r#"500 Internal Server Error {"detail":"Authentication error: UserNotConfirmedException"}"#);
    let sent = format!(" {} ", code(&server, ALICE).await);
    assert_snapshot!(verify(&server, ALICE, &sent).await.show(), @r#"
    200 OK
    {
      "message": "Email verified successfully",
      "success": true
    }
    "#);
    let user = attempt(&server, ALICE, FRESH).await.json()["user"].clone();
    assert_eq!((&user["user_id"], &user["name"]), (&json!(id), &json!("Alice A.")));
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::with(open()).await;
    let mut rows = Vec::new();
    let mut row = |case: &str, answer: &Answer| rows.push(format!("{case}: {}", answer.row(&[])));
    server.user("taken@example.com", &[]).await;
    row("taken", &register(&server, "TAKEN@example.com", FRESH).await);
    row("policy", &register(&server, ALICE, "short").await);
    row("no address", &register(&server, "alice", FRESH).await);
    row("empty", &register(&server, "", FRESH).await);
    let types = json!({ "email": ALICE, "password": 1, "country": 2 });
    row("types", &server.json("POST", "/api/auth/register", &types).await);
    row("members", &server.json("POST", "/api/auth/verify", &json!({ "email": ALICE })).await);
    row("nobody", &verify(&server, ALICE, "123456").await);
    row("confirmed", &verify(&server, "taken@example.com", "123456").await);
    register(&server, ALICE, FRESH).await;
    let sent = code(&server, ALICE).await;
    row("wrong code", &verify(&server, ALICE, "12345x").await);
    server.clock.advance(Duration::from_hours(24));
    row("late", &verify(&server, ALICE, &sent).await);
    for _ in 0..13 {
        verify(&server, ALICE, &sent).await;
    }
    server.clock.rewind(Duration::from_hours(24));
    assert_snapshot!(rows.join("\n"), @r#"
    taken: 409 Conflict {"detail":"An account with this email already exists"}
    policy: 400 Bad Request {"detail":"Password does not meet requirements: Must contain uppercase, lowercase, number, and special character"}
    no address: 400 Bad Request {"detail":"Invalid email format"}
    empty: 400 Bad Request {"detail":"Invalid email format"}
    types: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","password"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":{"country":"**********","email":"**********","password":"**********"},"loc":["body","name"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":"**********","loc":["body","country"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    members: 422 Unprocessable Entity {"detail":[{"input":{"email":"**********"},"loc":["body","code"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    nobody: 404 Not Found {"detail":"User not found"}
    confirmed: 400 Bad Request {"detail":"User is already confirmed"}
    wrong code: 400 Bad Request {"detail":"Invalid verification code"}
    late: 400 Bad Request {"detail":"Verification code has expired"}
    "#);
}

#[tokio::test]
async fn tries_are_limited() {
    let server = TestServer::with(open()).await;
    register(&server, ALICE, FRESH).await;
    for _ in 0..15 {
        assert_eq!(verify(&server, ALICE, "12345x").await.status, 400);
    }
    assert_snapshot!(verify(&server, ALICE, "12345x").await.row(&["retry-after"]), @r#"429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 3600"#);
}

/// Signing up with the address of an administrator makes nobody one.
#[tokio::test]
async fn who_signs_up_with_the_address_of_an_administrator() {
    let server = TestServer::with(open()).await;
    register(&server, "boss@example.com", FRESH).await;
    // Confirmed by hand, which proves no address.
    let pool = server.main_pool();
    server.engine.admin_confirm_sign_up(&operator(), &pool, "boss@example.com").await.unwrap();
    let answer = attempt(&server, "boss@example.com", FRESH).await;
    assert_eq!(answer.json()["user"]["is_admin"], false);
    let token = answer.get("/access_token");
    let users = with_token(&server, &token, "GET /api/admin/users", &json!(null)).await;
    assert_snapshot!(users.row(&[]), @r#"403 Forbidden {"detail":"Admin access required"}"#);
}
