use super::{ALICE, attempt, configured, hiding, login};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{CodeMfa, Contact, MfaMode, User, UserStatus};
use serde_json::json;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn complete() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    server.edit(&user, |user| user.attributes.set("name", "Alice A.")).await;
    let answer = login(&server, ALICE).await;
    let headers = ["content-type", "cache-control", "vary", "access-control-allow-origin"];
    assert_snapshot!(answer.show_with(&headers).replace(user.sub.as_str(), "[sub]"), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    vary: Origin
    access-control-allow-origin: -
    {
      "access_token": "[jwt]",
      "expires_in": 3600,
      "refresh_token": "[refresh token]",
      "token_type": "bearer",
      "user": {
        "email": "alice@example.com",
        "is_admin": false,
        "name": "Alice A.",
        "role": "user",
        "user_id": "[sub]"
      }
    }
    "#);
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn temporary_password() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &["admin"]).await;
    let answer = login(&server, " alice%40example.com ").await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "access_token": "",
      "expires_in": 0,
      "message": "Password change required",
      "requires_password_change": true,
      "session": "[sealed]",
      "token_type": "bearer",
      "user": {
        "email": "alice@example.com",
        "is_admin": false,
        "name": "IGAD User",
        "role": "user",
        "user_id": ""
      },
      "username": "alice@example.com"
    }
    "#);
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    for (name, status) in
        [("unconfirmed", UserStatus::Unconfirmed), ("reset", UserStatus::ResetRequired)]
    {
        let user = server.user(&format!("{name}@example.com"), &[]).await;
        server.edit(&user, |user| user.status = status).await;
    }
    let disabled = server.user("disabled@example.com", &[]).await;
    server.edit(&disabled, |user| user.enabled = false).await;
    let locked = server.user("locked@example.com", &[]).await;
    server.engine.lock(&operator(), &locked).await.unwrap();
    server.totp_user("app@example.com", &[]).await;
    server.email_mfa_user("mail@example.com", &[]).await;
    server.new_user("late@example.com", &[]).await;
    let names = ["unknown", "unconfirmed", "reset", "disabled", "locked", "app", "mail", "late"];
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        if name == "late" {
            server.clock.advance(Duration::from_hours(7 * 24));
        }
        let username = format!("{name}@example.com");
        right.push(format!(
            "{name}: {}",
            login(&server, &username).await.row(&["www-authenticate"])
        ));
        wrong.push(format!("{name}: {}", attempt(&server, &username, "wrong").await.row(&[])));
    }
    assert_snapshot!(right.join("\n"), @r#"
    unknown: 401 Unauthorized {"detail":"User not found"}
    unconfirmed: 500 Internal Server Error {"detail":"Authentication error: UserNotConfirmedException"}
    reset: 500 Internal Server Error {"detail":"Authentication error: PasswordResetRequiredException"}
    disabled: 401 Unauthorized {"detail":"Invalid credentials"}
    locked: 401 Unauthorized {"detail":"Invalid credentials"}
    app: 500 Internal Server Error {"detail":"Authentication error: SOFTWARE_TOKEN_MFA"}
    mail: 500 Internal Server Error {"detail":"Authentication error: EMAIL_OTP"}
    late: 401 Unauthorized {"detail":"Invalid credentials"}
    "#);
    assert_snapshot!(wrong.join("\n"), @r#"
    unknown: 401 Unauthorized {"detail":"User not found"}
    unconfirmed: 401 Unauthorized {"detail":"Invalid credentials"}
    reset: 401 Unauthorized {"detail":"Invalid credentials"}
    disabled: 401 Unauthorized {"detail":"Invalid credentials"}
    locked: 401 Unauthorized {"detail":"Invalid credentials"}
    app: 401 Unauthorized {"detail":"Invalid credentials"}
    mail: 401 Unauthorized {"detail":"Invalid credentials"}
    late: 401 Unauthorized {"detail":"Invalid credentials"}
    "#);
}

/// Each kind of second factor is told by Cognito's name of its challenge, and no session is.
#[tokio::test]
async fn a_second_factor_is_named() {
    let server =
        TestServer::configured(|config| config.pools[0].rules.second_factors.sms = true).await;
    server.totp_user("app@example.com", &[]).await;
    server.email_mfa_user("mail@example.com", &[]).await;
    let phone = server.user("phone@example.com", &[]).await;
    let prefer_sms = |user: &mut User| {
        user.attributes.set("phone_number", "+4915112345678");
        user.attributes.set("phone_number_verified", "true");
        user.mfa.sms = Some(CodeMfa { preferred: true });
    };
    server.edit(&phone, prefer_sms).await;
    let several = server.totp_user("several@example.com", &[]).await;
    let prefer_none = |user: &mut User| {
        user.mfa.totp.as_mut().unwrap().preferred = false;
        user.mfa.email = Some(CodeMfa { preferred: false });
    };
    server.edit(&several, prefer_none).await;
    let mut rows = Vec::new();
    for name in ["app", "mail", "phone", "several"] {
        let answer = login(&server, &format!("{name}@example.com")).await;
        rows.push(format!("{name}: {}", answer.row(&["retry-after"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    app: 500 Internal Server Error {"detail":"Authentication error: SOFTWARE_TOKEN_MFA"}
    mail: 500 Internal Server Error {"detail":"Authentication error: EMAIL_OTP"}
    phone: 500 Internal Server Error {"detail":"Authentication error: SMS_MFA"}
    several: 500 Internal Server Error {"detail":"Authentication error: SELECT_MFA_TYPE"}
    "#);
}

#[tokio::test]
async fn a_second_factor_to_be_set_up() {
    let server = TestServer::configured(|config| config.pools[0].mfa = MfaMode::On).await;
    let alice = server.user(ALICE, &[]).await;
    server.edit(&alice, |alice| alice.attributes.set("email", "")).await;
    assert_snapshot!(login(&server, ALICE).await.row(&[]), @r#"500 Internal Server Error {"detail":"Authentication error: MFA_SETUP"}"#);
}

#[tokio::test]
async fn unknown_users_can_be_hidden() {
    let server = TestServer::with(hiding()).await;
    server.user(ALICE, &[]).await;
    let wrong = attempt(&server, ALICE, "wrong").await;
    assert_eq!(server.workers.comparisons.load(SeqCst), 1);
    let unknown = attempt(&server, "nobody@example.com", "wrong").await;
    assert_eq!(server.workers.comparisons.load(SeqCst), 2);
    assert_snapshot!(unknown.row(&[]), @r#"401 Unauthorized {"detail":"Invalid credentials"}"#);
    assert_eq!((unknown.status, unknown.text), (wrong.status, wrong.text));
    let names = |headers: &axum::http::HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&unknown.headers), names(&wrong.headers));
}

#[tokio::test]
async fn usernames_are_trimmed_and_decoded_and_passwords_are_not() {
    let server = TestServer::start().await;
    server.user("a+b@example.com", &[]).await;
    let mut rows = Vec::new();
    for (username, password) in [
        ("a+b@example.com", PASSWORD),
        (" a+b@example.com\n", PASSWORD),
        ("a+b%40example.com", PASSWORD),
        ("a%2Bb%40example%2ecom", PASSWORD),
        ("a%2520b@example.com", PASSWORD),
        ("%61+b@example.com", PASSWORD),
        ("a+b@example.com", "Passw0rd%21"),
        ("a+b@example.com", "Passw0rd! "),
        ("a+b@example.com", ""),
        ("", ""),
    ] {
        let answer = attempt(&server, username, password).await;
        rows.push(format!("{username:?} {password:?}: {}", answer.status));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "a+b@example.com" "Passw0rd!": 200 OK
    " a+b@example.com\n" "Passw0rd!": 200 OK
    "a+b%40example.com" "Passw0rd!": 200 OK
    "a%2Bb%40example%2ecom" "Passw0rd!": 200 OK
    "a%2520b@example.com" "Passw0rd!": 401 Unauthorized
    "%61+b@example.com" "Passw0rd!": 200 OK
    "a+b@example.com" "Passw0rd%21": 401 Unauthorized
    "a+b@example.com" "Passw0rd! ": 401 Unauthorized
    "a+b@example.com" "": 401 Unauthorized
    "" "": 401 Unauthorized
    "#);
}

#[tokio::test]
async fn usernames_are_not_lower_cased() {
    let server = TestServer::configured(|config| config.pools[0].case_sensitive = true).await;
    server.user("Alice@example.com", &[]).await;
    assert_eq!(login(&server, "Alice@example.com").await.status, 200);
    assert_eq!(login(&server, ALICE).await.get("/detail"), "User not found");
}

#[tokio::test]
async fn administrators() {
    let server = TestServer::start().await;
    // By group; by verified address; listed but not verified; neither.
    let mut rows = Vec::new();
    server.user("group@example.com", &["admin"]).await;
    let boss = server.user("boss@example.com", &[]).await;
    for (case, username) in [
        ("in the group", "group@example.com"),
        ("on the list, not verified", "boss@example.com"),
        ("on the list, verified", "boss@example.com"),
        ("neither", "alice@example.com"),
    ] {
        if case == "on the list, verified" {
            let prove = |user: &mut User| {
                user.attributes.set("email_verified", "true");
                user.note_owner(Contact::Email);
            };
            server.edit(&boss, prove).await;
        }
        if username == ALICE {
            server.user(ALICE, &["external-user"]).await;
        }
        let user = login(&server, username).await.json()["user"].clone();
        rows.push(format!("{case}: {} {}", user["role"], user["is_admin"]));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    in the group: "admin" true
    on the list, not verified: "user" false
    on the list, verified: "admin" true
    neither: "user" false
    "#);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        "{}",
        r#"{"username":null,"password":1}"#,
        r#"{"username":["x"],"passwrod":"secret"}"#,
        r#"{"username":"a"}"#,
        "null",
        "[]",
        r#""x""#,
        "{",
        r#"{"username" "a"}"#,
        r#"{"username":"a",}"#,
        r#"{"username":"a"} x"#,
        r#"{"username":"ä"#,
    ] {
        let answer = server.text("POST", "/api/auth/login", body).await;
        rows.push(format!("{body}\n  {}", answer.row(&[])));
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = server.call("POST /api/auth/login", &form, "username=a&password=secret").await;
    rows.push(format!("a form\n  {}", answer.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"

      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {}
      422 Unprocessable Entity {"detail":[{"input":{},"loc":["body","username"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":{},"loc":["body","password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {"username":null,"password":1}
      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body","username"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","password"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"}]}
    {"username":["x"],"passwrod":"secret"}
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","username"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":{"passwrod":"**********","username":"**********"},"loc":["body","password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    {"username":"a"}
      422 Unprocessable Entity {"detail":[{"input":{"username":"a"},"loc":["body","password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    null
      422 Unprocessable Entity {"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}
    []
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    "x"
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    {
      422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting value"},"input":{},"loc":["body",1],"msg":"JSON decode error","type":"json_invalid"}]}
    {"username" "a"}
      422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting ':' delimiter"},"input":{},"loc":["body",12],"msg":"JSON decode error","type":"json_invalid"}]}
    {"username":"a",}
      422 Unprocessable Entity {"detail":[{"ctx":{"error":"Expecting property name enclosed in double quotes"},"input":{},"loc":["body",16],"msg":"JSON decode error","type":"json_invalid"}]}
    {"username":"a"} x
      422 Unprocessable Entity {"detail":[{"ctx":{"error":"Extra data"},"input":{},"loc":["body",17],"msg":"JSON decode error","type":"json_invalid"}]}
    {"username":"ä
      422 Unprocessable Entity {"detail":[{"ctx":{"error":"Unterminated string starting at"},"input":{},"loc":["body",14],"msg":"JSON decode error","type":"json_invalid"}]}
    a form
      422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}
    "#);
}

#[tokio::test]
async fn a_whole_validation_array() {
    let server = TestServer::start().await;
    let answer = server.text("POST", "/api/auth/login/", r#"{"username":7}"#).await;
    assert_snapshot!(answer.show(), @r#"
    422 Unprocessable Entity
    {
      "detail": [
        {
          "input": 7,
          "loc": [
            "body",
            "username"
          ],
          "msg": "Input should be a valid string",
          "type": "string_type",
          "url": "https://errors.pydantic.dev/2.5/v/string_type"
        },
        {
          "input": {
            "username": 7
          },
          "loc": [
            "body",
            "password"
          ],
          "msg": "Field required",
          "type": "missing",
          "url": "https://errors.pydantic.dev/2.5/v/missing"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn extra_and_repeated_members_are_accepted() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let body = format!(
        r#"{{"username":"x","username":"{ALICE}","password":"{PASSWORD}","remember":{{"a":[]}}}}"#
    );
    assert_eq!(server.text("POST", "/api/auth/login", &body).await.status, 200);
}

#[tokio::test]
async fn the_fifth_wrong_password_locks() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    for username in [ALICE, "nobody@example.com"] {
        for _ in 0..5 {
            attempt(&server, username, "wrong").await;
        }
        assert_eq!(login(&server, username).await.get("/detail"), "Invalid credentials");
    }
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(login(&server, ALICE).await.status, 200);
}

#[tokio::test]
async fn under_a_prefix() {
    let server = configured(|api| api.prefix = "/portal".to_owned()).await;
    server.user(ALICE, &[]).await;
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let mut rows = Vec::new();
    for path in ["/portal/api/auth/login", "/portal/api/auth/login/", "/api/auth/login"] {
        rows.push(format!("{path}: {}", server.json("POST", path, &body).await.status));
    }
    for path in ["/portal", "/portal/", "/portal/health", "/portal/x", "/portalx", "/health"] {
        rows.push(format!("{path}: {}", server.bare("GET", path, &[]).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /portal/api/auth/login: 200 OK
    /portal/api/auth/login/: 200 OK
    /api/auth/login: 404 Not Found
    /portal: 200 OK {"message":"IGAD Innovation Hub API is running"}
    /portal/: 200 OK {"message":"IGAD Innovation Hub API is running"}
    /portal/health: 200 OK {"service":"igad-innovation-hub","status":"healthy"}
    /portal/x: 404 Not Found {"detail":"Not Found"}
    /portalx: 404 Not Found {"message":"Not Found"}
    /health: 404 Not Found {"message":"Not Found"}
    "#);
}
