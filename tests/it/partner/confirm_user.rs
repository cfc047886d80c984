use super::{ACME, ALICE, access_token, administrator, auth, call_for, mailed_code};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const PATH: &str = "/auth/partners/users/confirm";

async fn confirm(server: &TestServer, email: &str, code: &str) -> Answer {
    server.json("POST", PATH, &json!({ "email": email, "conf_code": code })).await
}

/// Has an administrator make a user, and gives the mailed code.
async fn created(server: &TestServer, email: &str) -> String {
    let token = access_token(server, ALICE).await;
    let body = json!({ "email": email, "password": PASSWORD });
    let line = "POST /auth/partners/users";
    assert_eq!(call_for(server, line, &token, Some(ACME), &body).await.status, 201);
    server.clock.advance(Duration::from_secs(1));
    mailed_code(server).await
}

#[tokio::test]
async fn the_code_opens_the_door() {
    let server = TestServer::mailing().await;
    administrator(&server, ALICE, ACME).await;
    let code = created(&server, "new@example.com").await;
    let other = if code == "123456" { "654321" } else { "123456" };
    let mut rows = Vec::new();
    for (case, email, code) in [
        ("wrong", "new@example.com", other),
        ("of another user", "nobody@example.com", code.as_str()),
        ("right", " NEW@example.com", &format!(" {code}\n")),
        ("again", "new@example.com", &code),
        ("again, another code", "new@example.com", other),
        ("confirmed all along", ALICE, &code),
    ] {
        rows.push(format!("{case}: {}", confirm(&server, email, code).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    wrong: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    of another user: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    right: 204 No Content 
    again: 409 Conflict {"error_code":"CONFLICT","error_subcode":"ALREADY_CONFIRMED","message":"error.conflict"}
    again, another code: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    confirmed all along: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    "#);
    // The administrator knows the password: its user is asked for another.
    let asked = auth(&server, "new@example.com").await;
    assert_eq!(asked.get("/Challenge"), "NEW_PASSWORD_REQUIRED", "{}", asked.text);
    let replace = async |password: &str| {
        let body = json!({
            "username": "new@example.com",
            "session": asked.get("/Session"),
            "new_password": password,
        });
        server.json("PUT", "/auth/challenge/new-password", &body).await
    };
    let same = replace(PASSWORD).await;
    assert_eq!(same.get("/error_code"), "PASSWORD_POLICY", "{}", same.text);
    let signed_in = replace("N1nas-Password").await;
    let claims = crate::support::claims(&signed_in.get("/IdToken"));
    assert_eq!(
        (&claims["email_verified"], &claims["cognito:groups"]),
        (&json!(true), &json!([ACME]))
    );
    let slash = format!("{PATH}/");
    let body = json!({ "email": ALICE, "conf_code": "1" });
    assert_eq!(server.json("POST", &slash, &body).await.get("/error_code"), "CONF_CODE_INVALID");
}

#[tokio::test]
async fn codes_live_a_day_and_are_tried_so_often() {
    let server = TestServer::mailing().await;
    administrator(&server, ALICE, ACME).await;
    let first = created(&server, "first@example.com").await;
    server.clock.advance(Duration::from_hours(24));
    let old = confirm(&server, "first@example.com", &first).await;
    assert_eq!(old.get("/error_code"), "CONF_CODE_EXPIRED");
    let code = created(&server, "second@example.com").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..15 {
        let answer = confirm(&server, "second@example.com", wrong).await;
        assert_eq!(answer.get("/error_code"), "CONF_CODE_INVALID");
    }
    let locked = confirm(&server, "second@example.com", &code).await;
    assert_snapshot!(locked.row(&["retry-after"]), @r#"429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 3600"#);
}

#[tokio::test]
async fn what_is_wrong_with_requests() {
    let server = TestServer::mailing().await;
    let mut rows = Vec::new();
    for body in [
        json!({}),
        json!({ "email": 1, "conf_code": 123_456 }),
        json!({ "email": "" , "conf_code": "" }),
    ] {
        rows.push(server.json("POST", PATH, &body).await.row(&[]));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"email"},{"code":"missing","field":"conf_code"}]}
    400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"email"},{"code":"invalid_type","field":"conf_code"}]}
    400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"email"},{"code":"too_short","field":"conf_code"}]}
    "#);
}
