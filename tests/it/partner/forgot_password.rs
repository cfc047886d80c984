use super::{
    ALICE, BOB, attempt, auth, call, mailed_code, mfa_code, new_password, refresh, signed_in,
    with_mfa,
};
use crate::support::{Answer, PASSWORD, POOL, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::{MfaMode, UserStatus};
use serde_json::{Value, json};
use std::time::Duration;

const NEW: &str = "N3w-Passw0rd";

async fn ask(server: &TestServer, username: &str) -> Answer {
    server.json("POST", "/auth/forgot_password", &json!({ "username": username })).await
}

async fn confirm(server: &TestServer, username: &str, code: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "conf_code": code, "password": password });
    server.json("POST", "/auth/forgot_password/confirm", &body).await
}

/// A user with a verified address.
async fn user(server: &TestServer, email: &str) {
    let user = server.user(email, &["fd42"]).await;
    server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
}

#[tokio::test]
async fn a_mailed_code_replaces_the_password() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    let asked = ask(&server, ALICE).await;
    let code = mailed_code(&server).await;
    let set = confirm(&server, ALICE, &format!(" {code}\n"), NEW).await;
    let told = [asked.row(&["content-type"]), set.row(&["content-type"])];
    assert_snapshot!(told.join("\n"), @r"
    204 No Content 
    204 No Content
    ");
    assert_eq!(attempt(&server, ALICE, NEW).await.status, 200);
    assert_eq!(attempt(&server, ALICE, PASSWORD).await.get("/error_code"), "INVALID_CREDENTIALS");
    // A code works once.
    let again = confirm(&server, ALICE, &code, PASSWORD).await;
    assert_eq!(again.get("/error_code"), "CONF_CODE_INVALID");
}

#[tokio::test]
async fn other_names_of_members() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    let asked = server.json("POST", "/auth/forgot_password/", &json!({ "email": ALICE })).await;
    assert_eq!(asked.status, 204);
    let code = mailed_code(&server).await;
    let body = json!({ "email": ALICE, "conf_code": code, "new_password": NEW });
    let set = server.json("POST", "/auth/forgot_password/confirm/", &body).await;
    assert_eq!(set.status, 204);
}

#[tokio::test]
async fn it_ends_sign_ins() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    let before = auth(&server, ALICE).await;
    ask(&server, ALICE).await;
    let code = mailed_code(&server).await;
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(confirm(&server, ALICE, &code, NEW).await.status, 204);
    let rows = [
        refresh(&server, &before.get("/RefreshToken")).await.row(&[]),
        call(&server, "GET /partners", &before.get("/AccessToken"), &Value::Null).await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"}
    "#);
}

/// Whether there is such a user shows neither now nor at the answer.
#[tokio::test]
async fn nobody_is_answered_like_somebody() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    server.new_user("temporary@example.com", &[]).await;
    let waiting = server.user("unconfirmed@example.com", &[]).await;
    server.edit(&waiting, |user| user.status = UserStatus::Unconfirmed).await;
    server.email_mfa_user("mailed@example.com", &[]).await;
    let mut rows = Vec::new();
    for name in [
        ALICE,
        "nobody@example.com",
        "disabled@example.com",
        "temporary@example.com",
        "unconfirmed@example.com",
        "mailed@example.com",
    ] {
        let early = confirm(&server, name, "000000", NEW).await.row(&[]);
        let asked = ask(&server, name).await.row(&[]);
        let wrong = confirm(&server, name, "000000", NEW).await.row(&[]);
        rows.push((early, asked, wrong));
    }
    assert!(rows.windows(2).all(|pair| pair[0] == pair[1]), "{rows:#?}");
    let (early, asked, wrong) = &rows[0];
    assert_snapshot!([early.as_str(), asked, wrong].join("\n"), @r#"
    400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    204 No Content 
    400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    "#);
    // One mail, to the one who could be sent one.
    let sent = server.engine.outbox(10).await.unwrap();
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [ALICE]);
}

#[tokio::test]
async fn codes_that_are_wrong_or_old() {
    let server = TestServer::start().await;
    for name in [ALICE, BOB] {
        user(&server, name).await;
    }
    let mut rows = Vec::new();
    ask(&server, BOB).await;
    let bobs = mailed_code(&server).await;
    server.clock.advance(Duration::from_secs(1));
    ask(&server, ALICE).await;
    let first = mailed_code(&server).await;
    server.clock.advance(Duration::from_secs(1));
    ask(&server, ALICE).await;
    let second = mailed_code(&server).await;
    for (case, code) in [("of another user", &bobs), ("of before", &first)] {
        rows.push(format!("{case}: {}", confirm(&server, ALICE, code, NEW).await.row(&[])));
    }
    server.clock.advance(Duration::from_hours(1));
    rows.push(format!("old: {}", confirm(&server, ALICE, &second, NEW).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    of another user: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    of before: 400 Bad Request {"error_code":"CONF_CODE_INVALID","message":"error.auth.conf_code_invalid"}
    old: 400 Bad Request {"error_code":"CONF_CODE_EXPIRED","message":"error.auth.conf_code_expired"}
    "#);
}

#[tokio::test]
async fn passwords_that_will_not_do() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    ask(&server, ALICE).await;
    let code = mailed_code(&server).await;
    let mut rows = Vec::new();
    for password in ["short", "no-upper-1", "NO-LOWER-1", "No-Number", "NoSymbol1", " Sp4ces-!"] {
        let answer = confirm(&server, ALICE, &code, password).await;
        rows.push(format!("{password:?}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "short": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"TOO_SHORT","message":"error.auth.password_policy"}
    "no-upper-1": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_UPPERCASE","message":"error.auth.password_policy"}
    "NO-LOWER-1": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_LOWERCASE","message":"error.auth.password_policy"}
    "No-Number": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_NUMBER","message":"error.auth.password_policy"}
    "NoSymbol1": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"NO_SYMBOL","message":"error.auth.password_policy"}
    " Sp4ces-!": 400 Bad Request {"error_code":"PASSWORD_POLICY","error_subcode":"OUTER_SPACE","message":"error.auth.password_policy"}
    "#);
    assert_eq!(confirm(&server, ALICE, &code, NEW).await.status, 204);
}

#[tokio::test]
async fn only_so_often() {
    let server = TestServer::start().await;
    user(&server, ALICE).await;
    let mut told = Vec::new();
    for name in [ALICE, "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(ask(&server, name).await.status, 204);
        }
        told.push(ask(&server, name).await.row(&["retry-after"]));
    }
    assert_eq!(told[0], told[1]);
    assert_snapshot!(told[0], @r#"429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 3600"#);
}

#[tokio::test]
async fn a_reset_skips_no_second_factor() {
    let server = TestServer::start().await;
    let alice = server.totp_user(ALICE, &[]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    ask(&server, ALICE).await;
    let code = mailed_code(&server).await;
    assert_eq!(confirm(&server, ALICE, &code, NEW).await.status, 204);
    let answer = attempt(&server, ALICE, NEW).await;
    assert_eq!(answer.get("/Challenge"), "SOFTWARE_TOKEN_MFA");
    let session = answer.get("/Session");
    let mailed = mfa_code(&server, ALICE, "SOFTWARE_TOKEN_MFA", &session, &code).await;
    assert_eq!(mailed.get("/error_code"), "MFA_TOKEN_INVALID");
}

/// Where codes by mail are the second factor, no code by mail replaces the password: the operator does.
#[tokio::test]
async fn with_mailed_second_factors_the_operator_is_the_way_back() {
    let server = TestServer::with(with_mfa(MfaMode::On)).await;
    let alice = server.email_mfa_user(ALICE, &["fd42"]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    assert_eq!(ask(&server, ALICE).await.row(&[]), "204 No Content ");
    let inbox = server.bare("GET", &format!("/inbox.json?to={ALICE}"), &[]).await;
    assert_eq!(inbox.json(), json!([]));

    let temporary = "Temp0rary-Passw0rd";
    let body = json!({ "UserPoolId": POOL, "Username": ALICE, "Password": temporary });
    let set = server.cognito().admin("AdminSetUserPassword", &body).await;
    assert_eq!(set.row(&[]), "200 OK {}");
    let old = attempt(&server, ALICE, PASSWORD).await;
    assert_eq!(old.get("/error_code"), "INVALID_CREDENTIALS");
    let asked = attempt(&server, ALICE, temporary).await;
    assert_eq!(asked.get("/Challenge"), "NEW_PASSWORD_REQUIRED");
    let asked = new_password(&server, ALICE, &asked.get("/Session"), NEW).await;
    assert_eq!(asked.get("/Challenge"), "EMAIL_OTP");
    let code = mailed_code(&server).await;
    let done = mfa_code(&server, ALICE, "EMAIL_OTP", &asked.get("/Session"), &code).await;
    assert_eq!(done.show(), signed_in(Some("email")));
    assert_eq!(attempt(&server, ALICE, NEW).await.get("/Challenge"), "EMAIL_OTP");
}

#[tokio::test]
async fn what_is_wrong_with_requests() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for (path, body) in [
        ("/auth/forgot_password", json!({})),
        ("/auth/forgot_password", json!({ "username": " " })),
        ("/auth/forgot_password", json!({ "username": "a", "email": "a" })),
        ("/auth/forgot_password", json!({ "username": "a".repeat(129) })),
        ("/auth/forgot_password/confirm", json!({})),
        ("/auth/forgot_password/confirm", json!({ "username": 1, "conf_code": 2, "password": 3 })),
    ] {
        rows.push(format!("{path}: {}", server.json("POST", path, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /auth/forgot_password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"}]}
    /auth/forgot_password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_short","field":"username"}]}
    /auth/forgot_password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"username"}]}
    /auth/forgot_password: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"username"}]}
    /auth/forgot_password/confirm: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"username"},{"code":"missing","field":"conf_code"},{"code":"missing","field":"password"}]}
    /auth/forgot_password/confirm: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"username"},{"code":"invalid_type","field":"conf_code"},{"code":"invalid_type","field":"password"}]}
    "#);
}
