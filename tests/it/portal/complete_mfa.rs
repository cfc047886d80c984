use super::{FRESH, login};
use crate::support::{Answer, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const TINA: &str = "tina@example.com";

/// A server whose portal asks for second factors.
async fn server() -> TestServer {
    TestServer::configured(|config| {
        config.portal_api.as_mut().unwrap().second_factors = true;
    })
    .await
}

async fn answer(server: &TestServer, asked: &Answer, code: &str) -> Answer {
    let body = json!({
        "username": asked.get("/username"),
        "session": asked.get("/session"),
        "challenge": asked.get("/challenge"),
        "code": code,
    });
    server.json("POST", "/api/auth/complete-mfa", &body).await
}

#[tokio::test]
async fn a_code_of_the_app() {
    let server = server().await;
    let user = server.totp_user(TINA, &[]).await;
    let asked = login(&server, TINA).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "access_token": "",
      "challenge": "SOFTWARE_TOKEN_MFA",
      "expires_in": 0,
      "message": "Second factor required",
      "requires_mfa": true,
      "requires_password_change": false,
      "session": "[sealed]",
      "token_type": "bearer",
      "user": {
        "email": "tina@example.com",
        "is_admin": false,
        "name": "IGAD User",
        "role": "user",
        "user_id": ""
      },
      "username": "tina@example.com"
    }
    "#);
    let mut rows = Vec::new();
    for code in ["000000", "", "no"] {
        rows.push(format!("{code:?}: {}", answer(&server, &asked, code).await.row(&[])));
    }
    let done = answer(&server, &asked, &format!(" {} ", server.totp_code())).await;
    assert_snapshot!(done.show().replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "access_token": "[jwt]",
      "expires_in": 3600,
      "refresh_token": "[refresh token]",
      "token_type": "bearer",
      "user": {
        "email": "tina@example.com",
        "is_admin": false,
        "name": "IGAD User",
        "role": "user",
        "user_id": "[sub]"
      }
    }
    "#);
    let again = answer(&server, &asked, &server.totp_code()).await;
    rows.push(format!("again: {}", again.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    "000000": 400 Bad Request {"detail":"Invalid verification code or session"}
    "": 400 Bad Request {"detail":"Invalid verification code or session"}
    "no": 400 Bad Request {"detail":"Invalid verification code or session"}
    again: 401 Unauthorized {"detail":"Invalid session or credentials"}
    "#);
}

/// Whoever signs in twice within half a minute gives the same code twice.
#[tokio::test]
async fn a_code_works_once() {
    let server = server().await;
    server.totp_user(TINA, &[]).await;
    let asked = login(&server, TINA).await;
    assert_eq!(answer(&server, &asked, &server.totp_code()).await.status, 200);
    let asked = login(&server, TINA).await;
    let spent = answer(&server, &asked, &server.totp_code()).await;
    assert_snapshot!(spent.row(&[]), @r#"400 Bad Request {"detail":"Verification code has expired or was already used"}"#);
}

#[tokio::test]
async fn a_code_by_mail() {
    let server = server().await;
    server.email_mfa_user("emma@example.com", &[]).await;
    let asked = login(&server, "emma@example.com").await;
    assert_eq!(asked.get("/challenge"), "EMAIL_OTP");
    let code = server.newest_code().await.0;
    assert_eq!(answer(&server, &asked, &code).await.status, 200);
}

#[tokio::test]
async fn refusals() {
    let server = server().await;
    server.totp_user(TINA, &[]).await;
    let asked = login(&server, TINA).await;
    let (session, code) = (asked.get("/session"), server.totp_code());
    let mut rows = Vec::new();
    for (case, username, session, challenge) in [
        ("another user", "other@example.com", session.as_str(), "SOFTWARE_TOKEN_MFA"),
        ("another challenge", TINA, &session, "EMAIL_OTP"),
        ("no challenge of this API", TINA, &session, "NEW_PASSWORD_REQUIRED"),
        ("garbage", TINA, "garbage", "SOFTWARE_TOKEN_MFA"),
    ] {
        let body = json!({
            "username": username, "session": session, "challenge": challenge, "code": code,
        });
        let answer = server.json("POST", "/api/auth/complete-mfa", &body).await;
        rows.push(format!("{case}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    another user: 400 Bad Request {"detail":"Invalid verification code or session"}
    another challenge: 400 Bad Request {"detail":"Invalid verification code or session"}
    no challenge of this API: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","challenge"],"msg":"Input should be 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP' or 'SMS_MFA'","type":"literal_error","url":"https://errors.pydantic.dev/2.5/v/literal_error"}]}
    garbage: 400 Bad Request {"detail":"Invalid verification code or session"}
    "#);
}

/// Without the switch, the endpoint is none.
#[tokio::test]
async fn the_endpoint_exists_only_with_second_factors_on() {
    let server = TestServer::start().await;
    let answer = server.json("POST", "/api/auth/complete-mfa", &json!({})).await;
    assert_snapshot!(answer.row(&[]), @r#"404 Not Found {"detail":"Not Found"}"#);
}

/// Who replaces a temporary password in a pool that asks for a factor is asked for it.
#[tokio::test]
async fn after_a_new_password() {
    let server = server().await;
    let user = server.totp_user(TINA, &[]).await;
    server
        .edit(&user, |user| {
            user.status = poolkeeper_pool::entity::UserStatus::ForceChangePassword;
        })
        .await;
    let asked = login(&server, TINA).await;
    let body = json!({
        "username": TINA, "session": asked.get("/session"), "new_password": FRESH,
    });
    let asked = server.json("POST", "/api/auth/complete-password-change", &body).await;
    assert_eq!(asked.get("/challenge"), "SOFTWARE_TOKEN_MFA");
    assert_eq!(answer(&server, &asked, &server.totp_code()).await.status, 200);
}
