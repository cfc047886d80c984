use super::{ALICE, access_token, app_code, auth, call, mailed_code, mfa_code, session, with_mfa};
use crate::support::TestServer;
use insta::assert_snapshot;
use poolkeeper_pool::entity::MfaMode;
use serde_json::{Value, json};

const SHOW: &str = "GET /auth/mfa/settings";
const CHANGE: &str = "PUT /auth/mfa/settings";

/// What calls with an access token are answered, one line each.
async fn rows(server: &TestServer, token: &str, calls: &[(&str, Value)]) -> String {
    let mut rows = Vec::new();
    for (line, body) in calls {
        let answer = call(server, line, token, body).await;
        rows.push(format!("{line} {body}: {}", answer.row(&["www-authenticate"])));
    }
    rows.join("\n")
}

/// The access token of a user with an authenticator app.
async fn app_token(server: &TestServer) -> String {
    let session = session(server, ALICE).await;
    app_code(server, ALICE, &session, &server.totp_code()).await.get("/AccessToken")
}

#[tokio::test]
async fn shown() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let token = app_token(&server).await;
    assert_snapshot!(call(&server, SHOW, &token, &Value::Null).await.show(), @r#"
    200 OK
    {
      "enabled": true,
      "methods": {
        "email": false,
        "totp": true
      },
      "preferred": "totp",
      "required": true
    }
    "#);
    assert_eq!(call(&server, "GET /auth/mfa/settings/", &token, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn changed() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    let token = app_token(&server).await;
    let mut rows = Vec::new();
    for body in [
        Value::Null,
        json!({}),
        json!({ "enabled": null, "preferred": null }),
        json!({ "preferred": "email" }),
        json!({ "enabled": true }),
        json!({ "enabled": true, "preferred": "totp" }),
        json!({ "enabled": false }),
        json!({ "enabled": false }),
        json!({ "enabled": true }),
    ] {
        rows.push(format!("{body}: {}", call(&server, CHANGE, &token, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    null: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    {}: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    {"enabled":null,"preferred":null}: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    {"preferred":"email"}: 200 OK {"enabled":true,"methods":{"email":true,"totp":true},"preferred":"email","required":true}
    {"enabled":true}: 200 OK {"enabled":true,"methods":{"email":true,"totp":true},"preferred":"email","required":true}
    {"enabled":true,"preferred":"totp"}: 200 OK {"enabled":true,"methods":{"email":true,"totp":true},"preferred":"totp","required":true}
    {"enabled":false}: 200 OK {"enabled":false,"methods":{"email":false,"totp":false},"preferred":null,"required":false}
    {"enabled":false}: 200 OK {"enabled":false,"methods":{"email":false,"totp":false},"preferred":null,"required":false}
    {"enabled":true}: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    "#);
}

#[tokio::test]
async fn what_is_chosen_is_asked_for() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let on = json!({ "enabled": true });
    assert_eq!(call(&server, CHANGE, &token, &on).await.get("/preferred"), "email");
    assert_eq!(auth(&server, ALICE).await.get("/Challenge"), "EMAIL_OTP");
    let off = json!({ "enabled": false });
    assert_eq!(call(&server, CHANGE, &token, &off).await.status, 200);
    assert!(!access_token(&server, ALICE).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_chosen() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let mut rows = Vec::new();
    for body in [
        json!({ "preferred": "totp" }),
        json!({ "preferred": "sms" }),
        json!({ "preferred": "TOTP" }),
        json!({ "enabled": false, "preferred": "email" }),
        json!({ "enabled": "yes", "preferred": 1 }),
        json!([]),
    ] {
        rows.push(format!("{body}: {}", call(&server, CHANGE, &token, &body).await.row(&[])));
    }
    let key = call(&server, "GET /auth/mfa/configure/totp", &token, &Value::Null).await;
    assert_eq!(key.status, 200);
    let unproven = call(&server, CHANGE, &token, &json!({ "preferred": "totp" })).await;
    rows.push(format!("an app that is not proven: {}", unproven.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    {"preferred":"totp"}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"not_available","field":"preferred"}]}
    {"preferred":"sms"}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"preferred"}]}
    {"preferred":"TOTP"}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"preferred"}]}
    {"enabled":false,"preferred":"email"}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"preferred"}]}
    {"enabled":"yes","preferred":1}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"enabled"},{"code":"invalid_type","field":"preferred"}]}
    []: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    an app that is not proven: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"not_available","field":"preferred"}]}
    "#);
    let settings = call(&server, SHOW, &token, &Value::Null).await.json();
    assert_eq!((&settings["enabled"], &settings["preferred"]), (&json!(false), &json!(null)));
}

/// Codes by mail need no set-up, and nobody switches the second factor off.
#[tokio::test]
async fn where_the_pool_insists() {
    let server = TestServer::with(with_mfa(MfaMode::On)).await;
    server.user(ALICE, &[]).await;
    let challenge = auth(&server, ALICE).await;
    assert_eq!(challenge.get("/Challenge"), "EMAIL_OTP");
    let code = mailed_code(&server).await;
    let session = challenge.get("/Session");
    let token = mfa_code(&server, ALICE, "EMAIL_OTP", &session, &code).await.get("/AccessToken");
    let calls = [
        (SHOW, Value::Null),
        (CHANGE, json!({ "enabled": false })),
        (CHANGE, json!({ "enabled": true })),
        (CHANGE, json!({ "enabled": false })),
    ];
    assert_snapshot!(rows(&server, &token, &calls).await, @r#"
    GET /auth/mfa/settings null: 200 OK {"enabled":false,"methods":{"email":false,"totp":false},"preferred":null,"required":true}
    PUT /auth/mfa/settings {"enabled":false}: 403 Forbidden {"error_code":"MFA_REQUIRED","message":"error.auth.mfa_required"}
    PUT /auth/mfa/settings {"enabled":true}: 200 OK {"enabled":true,"methods":{"email":true,"totp":false},"preferred":"email","required":true}
    PUT /auth/mfa/settings {"enabled":false}: 403 Forbidden {"error_code":"MFA_REQUIRED","message":"error.auth.mfa_required"}
    "#);
}

/// Service accounts could not answer, so they are never asked and cannot choose to be.
#[tokio::test]
async fn service_accounts() {
    let server = TestServer::with(with_mfa(MfaMode::On)).await;
    server.machine("turnstile", &["fd42"]).await;
    let answer = auth(&server, "turnstile").await;
    assert_eq!(answer.json()["mfa_settings"]["required"], json!(false));
    let token = answer.get("/AccessToken");
    let calls = [
        (SHOW, Value::Null),
        (CHANGE, json!({ "enabled": true })),
        (CHANGE, json!({ "enabled": false })),
    ];
    assert_snapshot!(rows(&server, &token, &calls).await, @r#"
    GET /auth/mfa/settings null: 200 OK {"enabled":false,"methods":{"email":false,"totp":false},"preferred":null,"required":false}
    PUT /auth/mfa/settings {"enabled":true}: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    PUT /auth/mfa/settings {"enabled":false}: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    "#);
}

#[tokio::test]
async fn pools_without_second_factors() {
    let server = TestServer::with(with_mfa(MfaMode::Off)).await;
    server.user(ALICE, &[]).await;
    let token = access_token(&server, ALICE).await;
    let calls = [
        (SHOW, Value::Null),
        (CHANGE, json!({ "enabled": true })),
        ("GET /auth/mfa/configure/totp", Value::Null),
        ("PUT /auth/mfa/configure/totp", json!({ "mfa_token": "123456" })),
    ];
    assert_snapshot!(rows(&server, &token, &calls).await, @r#"
    GET /auth/mfa/settings null: 200 OK {"enabled":false,"methods":{"email":false,"totp":false},"preferred":null,"required":false}
    PUT /auth/mfa/settings {"enabled":true}: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"not_available","field":"enabled"}]}
    GET /auth/mfa/configure/totp null: 409 Conflict {"error_code":"CONFLICT","error_subcode":"MFA_NOT_OFFERED","message":"error.conflict"}
    PUT /auth/mfa/configure/totp {"mfa_token":"123456"}: 409 Conflict {"error_code":"CONFLICT","error_subcode":"MFA_NOT_OFFERED","message":"error.conflict"}
    "#);
}
