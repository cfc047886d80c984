use super::{ALICE, attempt, hiding};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::UserStatus;
use serde_json::json;

pub(super) async fn forgot(server: &TestServer, username: &str) -> Answer {
    let body = json!({ "username": username });
    server.json("POST", "/api/auth/forgot-password", &body).await
}

/// A user to whose address codes may go.
pub(super) async fn reachable(server: &TestServer, email: &str) {
    let user = server.user(email, &[]).await;
    server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
}

/// Users of every kind: reachable, unverified, disabled, with a temporary password.
async fn people(server: &TestServer) {
    reachable(server, ALICE).await;
    server.user("unverified@example.com", &[]).await;
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    server.new_user("new@example.com", &[]).await;
    let reset = server.user("reset@example.com", &[]).await;
    let edit = |user: &mut poolkeeper_pool::entity::User| {
        user.attributes.set("email_verified", "true");
        user.status = UserStatus::ResetRequired;
    };
    server.edit(&reset, edit).await;
}

#[tokio::test]
async fn a_code_is_mailed() {
    let server = TestServer::start().await;
    reachable(&server, ALICE).await;
    assert_snapshot!(forgot(&server, ALICE).await.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "delivery": {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "a***@e***"
      },
      "message": "Reset instructions sent to email. Please check your inbox for the verification code.",
      "success": true
    }
    "#);
    let mails = server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((mail.to.as_str(), mail.code.as_ref().unwrap().expose().len()), (ALICE, 6));
    assert_eq!(attempt(&server, ALICE, PASSWORD).await.status, 200, "the old one works on");
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    people(&server).await;
    let mut rows = Vec::new();
    for username in [
        "nobody@example.com",
        "nobody",
        "",
        "unverified@example.com",
        "disabled@example.com",
        "new@example.com",
        "reset@example.com",
    ] {
        rows.push(format!("{username:?}: {}", forgot(&server, username).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "nobody@example.com": 404 Not Found {"detail":"User not found"}
    "nobody": 404 Not Found {"detail":"User not found"}
    "": 404 Not Found {"detail":"User not found"}
    "unverified@example.com": 400 Bad Request {"detail":"Invalid username format"}
    "disabled@example.com": 500 Internal Server Error {"detail":"Reset password error: NotAuthorizedException"}
    "new@example.com": 500 Internal Server Error {"detail":"Reset password error: NotAuthorizedException"}
    "reset@example.com": 200 OK {"delivery":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"r***@e***"},"message":"Reset instructions sent to email. Please check your inbox for the verification code.","success":true}
    "#);
}

/// As at a login.
#[tokio::test]
async fn usernames_are_trimmed_and_decoded() {
    let server = TestServer::start().await;
    reachable(&server, "a+b@example.com").await;
    let mut rows = Vec::new();
    for username in
        [" a+b@example.com\n", "a+b%40example.com", " a%2Bb%40example%2ecom", "a%2520b@example.com"]
    {
        rows.push(format!("{username:?}: {}", forgot(&server, username).await.row(&[])));
    }
    let long = "%61".repeat(129);
    rows.push(format!("129 letters: {}", forgot(&server, &long).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    " a+b@example.com\n": 200 OK {"delivery":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"a***@e***"},"message":"Reset instructions sent to email. Please check your inbox for the verification code.","success":true}
    "a+b%40example.com": 200 OK {"delivery":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"a***@e***"},"message":"Reset instructions sent to email. Please check your inbox for the verification code.","success":true}
    " a%2Bb%40example%2ecom": 200 OK {"delivery":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"a***@e***"},"message":"Reset instructions sent to email. Please check your inbox for the verification code.","success":true}
    "a%2520b@example.com": 404 Not Found {"detail":"User not found"}
    129 letters: 422 Unprocessable Entity {"detail":[{"ctx":{"max_length":128},"input":"**********","loc":["body","username"],"msg":"String should have at most 128 characters","type":"string_too_long","url":"https://errors.pydantic.dev/2.5/v/string_too_long"}]}
    "#);
}

#[tokio::test]
async fn not_too_often() {
    let server = TestServer::start().await;
    reachable(&server, ALICE).await;
    for _ in 0..5 {
        assert_eq!(forgot(&server, ALICE).await.status, 200);
    }
    // The limit is of an hour.
    let answer = forgot(&server, ALICE).await;
    assert_snapshot!(answer.row(&["retry-after"]), @r#"429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 3600"#);
}

#[tokio::test]
async fn with_users_hidden_all_names_are_answered_alike() {
    let server = TestServer::with(hiding()).await;
    people(&server).await;
    let mut rows = Vec::new();
    for username in [
        ALICE,
        "nobody@example.com",
        "nobody",
        "unverified@example.com",
        "disabled@example.com",
        "new@example.com",
        "reset@example.com",
    ] {
        for _ in 0..6 {
            rows.push(forgot(&server, username).await.row(&["retry-after"]));
        }
    }
    let first = rows[..6].to_vec();
    for (position, row) in rows.iter().enumerate() {
        assert_eq!(*row, first[position % 6], "{position}");
    }
    assert_snapshot!(format!("{}\n{}", first[0], first[5]), @r#"
    200 OK {"message":"Reset instructions sent to email. Please check your inbox for the verification code.","success":true}
    429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 3600
    "#);
    let mut to: Vec<_> =
        server.engine.outbox(99).await.unwrap().into_iter().map(|mail| mail.to).collect();
    to.dedup();
    assert_eq!(to, ["reset@example.com", ALICE]);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in ["", "{}", r#"{"username":7}"#, r#"{"email":"a"}"#, "{"] {
        let answer = server.text("POST", "/api/auth/forgot-password", body).await;
        rows.push(format!("{body}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    : 422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {}: 422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {"username":7}: 422 Unprocessable Entity {"detail":[{"input":7,"loc":["body","username"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    {"email":"a"}: 422 Unprocessable Entity {"detail":[{"input":{"email":"**********"},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {: 422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting value"},"input":{},"loc":["body",1],"msg":"JSON decode error","type":"json_invalid"}]}
    "#);
}
