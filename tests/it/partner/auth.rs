use super::{ALICE, BOB, attempt, auth, configured, new_password, signed_in, with_mfa};
use crate::support::{Answer, PASSWORD, TestServer, claims};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{MfaMode, UserStatus};
use serde_json::json;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn complete() {
    let server = TestServer::start().await;
    server.user(ALICE, &["partner-id-acme"]).await;
    let answer = auth(&server, ALICE).await;
    let headers = ["content-type", "cache-control", "x-content-type-options"];
    assert_snapshot!(answer.show_with(&headers), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff
    {
      "AccessToken": "[jwt]",
      "DeviceGroupKey": null,
      "DeviceKey": null,
      "ExpiresIn": 3600,
      "IdToken": "[jwt]",
      "RefreshToken": "[refresh token]",
      "TokenType": "Bearer",
      "mfa_settings": {
        "enabled": false,
        "methods": {
          "email": false,
          "totp": false
        },
        "preferred": null,
        "required": false
      }
    }
    "#);
    assert!(answer.header("x-request-id").is_some());
    assert!(answer.header("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn the_tokens_name_the_groups() {
    let server = TestServer::start().await;
    // Whether external users may come in is for the application to say.
    let user = server.user(ALICE, &["partner-id-acme", "fd42", "external-user"]).await;
    let answer = auth(&server, ALICE).await;
    let groups = json!(["external-user", "fd42", "partner-id-acme"]);
    for token in ["/IdToken", "/AccessToken"] {
        let claims = claims(&answer.get(token));
        assert_eq!(claims["sub"], user.sub.as_str());
        assert_eq!(claims["cognito:groups"], groups);
    }
    assert_eq!(claims(&answer.get("/IdToken"))["email"], ALICE);
}

#[tokio::test]
async fn second_factor_by_app() {
    let server = TestServer::start().await;
    let user = server.totp_user(ALICE, &[]).await;
    let answer = auth(&server, ALICE).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "Challenge": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "[username]"
      },
      "Session": "[sealed]",
      "mfa_settings": {
        "enabled": true,
        "methods": {
          "email": false,
          "totp": true
        },
        "preferred": "totp",
        "required": true
      }
    }
    "#);
}

#[tokio::test]
async fn second_factor_by_mail() {
    let server = TestServer::start().await;
    let user = server.email_mfa_user(ALICE, &[]).await;
    let answer = auth(&server, ALICE).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "Challenge": "EMAIL_OTP",
      "ChallengeParameters": {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***",
        "USER_ID_FOR_SRP": "[username]"
      },
      "Session": "[sealed]",
      "mfa_settings": {
        "enabled": true,
        "methods": {
          "email": true,
          "totp": false
        },
        "preferred": "email",
        "required": true
      }
    }
    "#);
    let mail = server.bare("GET", &format!("/inbox.json?to={ALICE}"), &[]).await;
    let code = super::mailed_code(&server).await;
    let mail = mail.show().replace(&code, "[code]").replace(user.username.as_str(), "[username]");
    assert_snapshot!(mail, @r#"
    200 OK
    [
      {
        "at": "2026-01-02T03:04:05Z",
        "body": "Your authentication code is [code].",
        "channel": "email",
        "code": "[code]",
        "purpose": "sign_in_code",
        "subject": "Your authentication code",
        "to": "alice@example.com",
        "username": "[username]"
      }
    ]
    "#);
}

#[tokio::test]
async fn temporary_password() {
    let server = TestServer::start().await;
    let user = server.new_user(ALICE, &[]).await;
    let answer = auth(&server, ALICE).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "Challenge": "NEW_PASSWORD_REQUIRED",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "[username]",
        "requiredAttributes": "[]",
        "userAttributes": "{\"email\":\"alice@example.com\"}"
      },
      "Session": "[sealed]",
      "mfa_settings": {
        "enabled": false,
        "methods": {
          "email": false,
          "totp": false
        },
        "preferred": null,
        "required": false
      }
    }
    "#);
}

#[tokio::test]
async fn service_accounts_are_asked_for_no_second_factor() {
    let server = TestServer::with(with_mfa(MfaMode::On)).await;
    server.machine("robot@example.com", &["fd42"]).await;
    server.user(ALICE, &["fd42"]).await;
    let answer = auth(&server, "robot@example.com").await;
    assert_eq!(answer.show(), signed_in(None));
    assert_eq!(auth(&server, ALICE).await.get("/Challenge"), "EMAIL_OTP");
}

#[tokio::test]
async fn refusals_of_the_right_password() {
    let server = TestServer::start().await;
    for (name, status) in
        [("unconfirmed", UserStatus::Unconfirmed), ("reset", UserStatus::ResetRequired)]
    {
        let user = server.user(&format!("{name}@example.com"), &[]).await;
        server.edit(&user, |user| user.status = status).await;
    }
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    server.user("suspended@example.com", &["account-disabled"]).await;
    let locked = server.user("locked@example.com", &[]).await;
    server.engine.lock(&operator(), &locked).await.unwrap();
    server.new_user("late@example.com", &[]).await;
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for name in ["unknown", "unconfirmed", "reset", "disabled", "suspended", "locked", "late"] {
        if name == "late" {
            server.clock.advance(Duration::from_hours(7 * 24));
        }
        let username = format!("{name}@example.com");
        let answer = auth(&server, &username).await;
        right.push(format!("{name}: {}", answer.row(&["www-authenticate", "retry-after"])));
        wrong.push(attempt(&server, &username, "wrong").await.row(&[]));
    }
    assert_snapshot!(right.join("\n"), @r#"
    unknown: 401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}
    unconfirmed: 403 Forbidden {"error_code":"USER_NOT_CONFIRMED","message":"error.auth.user_not_confirmed"}
    reset: 403 Forbidden {"error_code":"PASSWORD_RESET_REQUIRED","message":"error.auth.password_reset_required"}
    disabled: 401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    suspended: 401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    locked: 401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}
    late: 401 Unauthorized {"error_code":"INVALID_CREDENTIALS","error_subcode":"TEMPORARY_PASSWORD_EXPIRED","message":"error.auth.invalid_credentials"}
    "#);
    wrong.dedup();
    assert_snapshot!(wrong.join("\n"), @r#"401 Unauthorized {"error_code":"INVALID_CREDENTIALS","message":"error.auth.invalid_credentials"}"#);
}

#[tokio::test]
async fn unknown_users_look_like_wrong_passwords_and_cost_the_same() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let wrong = attempt(&server, ALICE, "wrong").await;
    assert_eq!(server.workers.comparisons.load(SeqCst), 1);
    let unknown = attempt(&server, "nobody@example.com", "wrong").await;
    assert_eq!(server.workers.comparisons.load(SeqCst), 2);
    assert_eq!(unknown.text, wrong.text);
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&unknown), names(&wrong));
}

#[tokio::test]
async fn the_fifth_wrong_password_locks_for_a_second() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    for _ in 0..5 {
        assert_eq!(attempt(&server, ALICE, "wrong").await.status, 401);
    }
    let locked = auth(&server, ALICE).await;
    assert_eq!(locked.text, attempt(&server, ALICE, "wrong").await.text);
    server.clock.advance(Duration::from_millis(999));
    assert_eq!(auth(&server, ALICE).await.text, locked.text);
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(auth(&server, ALICE).await.status, 200);
}

#[tokio::test]
async fn a_success_forgets_the_failures() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    for _ in 0..4 {
        for _ in 0..4 {
            attempt(&server, ALICE, "wrong").await;
        }
        assert_eq!(auth(&server, ALICE).await.status, 200);
    }
}

#[tokio::test]
async fn passwords_are_compared_whole_and_usernames_trimmed() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.new_user(BOB, &[]).await;
    let long = format!("Aa1!{}", "ü".repeat(252));
    let session = super::session(&server, BOB).await;
    assert_eq!(new_password(&server, BOB, &session, &long).await.status, 200);
    let almost = format!("{}u", long.strip_suffix('ü').unwrap());
    let cases = [
        (" alice@example.com\t", PASSWORD, 200),
        ("ALICE@example.com", PASSWORD, 200),
        (ALICE, "Passw0rd! ", 401),
        (ALICE, " Passw0rd!", 401),
        (ALICE, "passw0rd!", 401),
        (BOB, &long, 200),
        (BOB, &almost, 401),
    ];
    for (username, password, status) in cases {
        assert_eq!(attempt(&server, username, password).await.status, status, "{password}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_does_not_matter_and_a_partner_is_not_needed() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let body = json!({ "username": ALICE, "password": PASSWORD }).to_string();
    for path in ["/auth", "/auth/", "/auth?x=1"] {
        let partner = ("x-preferred-partner-id", "fd1");
        let answer = server.call(&format!("POST {path}"), &[partner], body.clone()).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert_eq!(server.call("POST /auth//", &[], body).await.status, 404);
}

#[tokio::test]
async fn under_the_documented_prefix() {
    let server =
        configured(|api| api.prefix = poolkeeper_faces::DOCUMENTED_PREFIX.to_owned()).await;
    server.user(ALICE, &["fd42"]).await;
    let body = json!({ "username": ALICE, "password": PASSWORD }).to_string();
    let mut lines = Vec::new();
    for line in ["POST /api/v3/auth", "POST /api/v3/auth/", "POST /auth", "POST /api/v3/x"] {
        lines.push(format!("{line}: {}", server.call(line, &[], body.clone()).await.status));
    }
    for line in ["GET /api/v3", "GET /api/v3/status/", "GET /status/", "GET /api/v3/partners/"] {
        lines.push(format!("{line}: {}", server.call(line, &[], "").await.row(&[])));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    POST /api/v3/auth: 200 OK
    POST /api/v3/auth/: 200 OK
    POST /auth: 404 Not Found
    POST /api/v3/x: 404 Not Found
    GET /api/v3: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    GET /api/v3/status/: 200 OK {"status":"ok"}
    GET /status/: 404 Not Found {"message":"Not Found"}
    GET /api/v3/partners/: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"}
    "#);
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let server = TestServer::start().await;
    let long_name = format!(r#"{{"username":"{}","password":"x"}}"#, "x".repeat(129));
    let long_password = format!(r#"{{"username":"x","password":"{}"}}"#, "ü".repeat(257));
    let cases = [
        "",
        "{}",
        r#"{"username":"","password":""}"#,
        r#"{"username":" \t ","password":" "}"#,
        r#"{"username":null,"password":null}"#,
        r#"{"username":["a"],"password":{"a":1},"device_key":1,"DeviceGroupKey":[]}"#,
        r#"{"username":"a","username":"b","password":"c","password":"c"}"#,
        r#"{"username":"a","Username":"a","password":"c"}"#,
        r#"{"Password":"c","USERNAME":"a"}"#,
        &long_name,
        &long_password,
        "{",
        r#"{"username":"a","password":"b"} x"#,
        "null",
        "[]",
        r#""text""#,
        "1",
    ];
    let mut lines = Vec::new();
    for body in cases {
        let answer = server.text("POST", "/auth", body).await;
        lines.push(format!("{:.60}\n  {}", body, answer.row(&[])));
    }
    assert_snapshot!(lines.join("\n"), @r#"

      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"password"}]}
    {}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"password"}]}
    {"username":"","password":""}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"username"},{"code":"too_short","field":"password"}]}
    {"username":" \t ","password":" "}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"username"}]}
    {"username":null,"password":null}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"username"},{"code":"invalid_type","field":"password"}]}
    {"username":["a"],"password":{"a":1},"device_key":1,"DeviceG
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"device_key"},{"code":"invalid_type","field":"device_group_key"},{"code":"invalid_type","field":"username"},{"code":"invalid_type","field":"password"}]}
    {"username":"a","username":"b","password":"c","password":"c"
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"username"},{"code":"duplicate","field":"password"}]}
    {"username":"a","Username":"a","password":"c"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"username"}]}
    {"Password":"c","USERNAME":"a"}
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"password"}]}
    {"username":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"username"}]}
    {"username":"x","password":"üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"password"}]}
    {
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    {"username":"a","password":"b"} x
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_json","field":"body"}]}
    null
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    []
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    "text"
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    1
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"body"}]}
    "#);
    assert_eq!(server.workers.comparisons.load(SeqCst), 0);
}

#[tokio::test]
async fn content_types() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let body = json!({ "username": ALICE, "password": PASSWORD }).to_string();
    let mut lines = Vec::new();
    for content_type in [
        "application/json; charset=utf-8",
        "Application/Vnd.api+JSON",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/x-amz-json-1.1",
    ] {
        let answer =
            server.call("POST /auth", &[("content-type", content_type)], body.clone()).await;
        let told = if answer.status == 200 { "200 OK".to_owned() } else { answer.row(&[]) };
        lines.push(format!("{content_type}: {told}"));
    }
    assert_eq!(server.call("POST /auth", &[], body).await.status, 200);
    assert_snapshot!(lines.join("\n"), @r#"
    application/json; charset=utf-8: 200 OK
    Application/Vnd.api+JSON: 200 OK
    text/plain: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"Content-Type"}]}
    application/x-www-form-urlencoded: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"Content-Type"}]}
    application/x-amz-json-1.1: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"Content-Type"}]}
    "#);
}

#[tokio::test]
async fn unknown_members_and_devices_are_ignored() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[]).await;
    for members in [
        json!({ "username": ALICE, "password": PASSWORD, "foo": { "username": 1 } }),
        json!({ "Username": ALICE, "password": PASSWORD, "AuthFlow": "x" }),
        json!({ "username": ALICE, "password": PASSWORD, "device_key": "a" }),
        json!({ "username": ALICE, "password": PASSWORD, "DeviceKey": "a", "DeviceGroupKey": "b" }),
        json!({ "username": ALICE, "password": PASSWORD, "device_key": null }),
    ] {
        let answer = server.json("POST", "/auth", &members).await;
        assert_eq!(answer.get("/Challenge"), "SOFTWARE_TOKEN_MFA", "{members}");
    }
}
