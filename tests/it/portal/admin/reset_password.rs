use super::super::{ALICE, FRESH, attempt, code, login};
use super::Admin;
use insta::assert_snapshot;
use serde_json::json;

const LINE: &str = "POST users/alice@example.com/reset-password";

async fn with_alice() -> Admin {
    let admin = Admin::start().await;
    let alice = admin.server.user(ALICE, &[]).await;
    admin.server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    admin
}

#[tokio::test]
async fn a_temporary_password_must_be_replaced() {
    let admin = with_alice().await;
    let before = login(&admin.server, ALICE).await;
    let answer = admin.call(LINE, json!({ "temporary_password": FRESH })).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "message": "Password reset successfully",
      "success": true
    }
    "#);
    assert!(admin.server.engine.outbox(9).await.unwrap().is_empty());
    assert_eq!(login(&admin.server, ALICE).await.get("/detail"), "Invalid credentials");
    let login = attempt(&admin.server, ALICE, FRESH).await.json();
    assert_eq!(login["requires_password_change"], true);
    let body = json!({ "refresh_token": before.get("/refresh_token") });
    assert_eq!(admin.server.json("POST", "/api/auth/refresh", &body).await.status, 401);
}

#[tokio::test]
async fn without_one_a_code_is_mailed() {
    for body in [None, Some(json!({})), Some(json!({ "temporary_password": null }))] {
        let admin = with_alice().await;
        let answer = match body {
            Some(body) => admin.call(LINE, body).await,
            None => admin.bare(LINE).await,
        };
        let done = r#"200 OK {"message":"Password reset successfully","success":true}"#;
        assert_eq!(answer.row(&[]), done);
        let refused = login(&admin.server, ALICE).await.get("/detail");
        assert_eq!(refused, "Authentication error: PasswordResetRequiredException");
        let code = code(&admin.server, ALICE).await;
        let body = json!({ "username": ALICE, "code": code, "new_password": FRESH });
        let reset = admin.server.json("POST", "/api/auth/reset-password", &body).await;
        assert_eq!(reset.status, 200);
        assert_eq!(attempt(&admin.server, ALICE, FRESH).await.status, 200);
    }
}

#[tokio::test]
async fn refusals() {
    let admin = with_alice().await;
    admin.server.user("unverified@example.com", &[]).await;
    admin.server.new_user("new@example.com", &[]).await;
    let mut rows = Vec::new();
    for (name, body) in [
        ("alice", json!({ "temporary_password": "short" })),
        ("alice", json!({ "temporary_password": 7 })),
        ("alice", json!([])),
        ("alice", json!(null)),
        ("unverified", json!({})),
        ("new", json!({})),
    ] {
        let line = format!("POST users/{name}@example.com/reset-password");
        rows.push(format!("{name} {body}: {}", admin.call(&line, body.clone()).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    alice {"temporary_password":"short"}: 400 Bad Request {"detail":"Password does not meet requirements","error":"InvalidPasswordException","message":"Password does not meet requirements","success":false}
    alice {"temporary_password":7}: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","temporary_password"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    alice []: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    alice null: 422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    unverified {}: 400 Bad Request {"detail":"Cannot reset password for the user as there is no registered/verified email or phone_number","error":"InvalidParameterException","message":"Cannot reset password for the user as there is no registered/verified email or phone_number","success":false}
    new {}: 400 Bad Request {"detail":"the password cannot be reset in this state","error":"NotAuthorizedException","message":"the password cannot be reset in this state","success":false}
    "#);
}

/// Whoever replaced it would choose the program's secret.
#[tokio::test]
async fn a_program_gets_no_temporary_password() {
    let admin = Admin::start().await;
    admin.server.machine("robot@example.com", &[]).await;
    let line = "POST users/robot@example.com/reset-password";
    let answer = admin.call(line, json!({ "temporary_password": FRESH })).await;
    assert_snapshot!(answer.row(&[]), @r#"400 Bad Request {"detail":"A service account cannot replace a temporary password: give it a permanent one.","error":"InvalidParameterException","message":"A service account cannot replace a temporary password: give it a permanent one.","success":false}"#);
    assert_eq!(login(&admin.server, "robot@example.com").await.status, 200);
}
