//! What the longest and worst input costs: a refusal, at every endpoint of every face.
//! (S1, L6, L8, L11)

use super::MOST_TOLD;
use crate::support::{Answer, PASSWORD, PUBLIC_CLIENT, TENANT, TestServer, config};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;

/// Texts that are long in one way or another; each fits into the body of a stranger's request.
fn worst() -> [(&'static str, String); 6] {
    [
        ("letters", "a".repeat(40_000)),
        ("dots on an i", format!("i{}", "\u{307}".repeat(19_000))),
        ("dotted letters", "i\u{307}".repeat(19_000)),
        ("letters that become eighteen", "\u{fdfa}".repeat(19_000)),
        ("invisible letters", "\u{200d}".repeat(19_000)),
        ("escapes", "%EF%B7%BA".repeat(6_000)),
    ]
}

/// Endpoints that are open to strangers, with a body that has all their texts.
fn endpoints() -> Vec<(&'static str, Value)> {
    let session = json!({ "username": "ann@example.com", "session": "s", "new_password": "p" });
    let mfa = json!({
        "username": "ann@example.com",
        "challenge": "EMAIL_OTP",
        "session": "s",
        "mfa_token": "1",
    });
    let answer = json!({
        "TenantName": TENANT,
        "ChallengeName": "EMAIL_OTP",
        "Session": "s",
        "Answer": "1",
    });
    let name = json!({ "username": "ann@example.com" });
    let login = json!({ "username": "ann@example.com", "password": "p" });
    let tenant = json!({ "TenantName": TENANT, "UserName": "ann@example.com", "Password": "p" });
    let reset = json!({ "username": "a@b.co", "conf_code": "1", "password": "p" });
    let new_password = json!({ "username": "a@b.co", "code": "1", "new_password": "p" });
    let register = json!({ "email": "a@b.co", "password": "p", "name": "n" });
    vec![
        ("POST /auth", login.clone()),
        ("PUT /auth/challenge/mfa-token", mfa),
        ("PUT /auth/challenge/new-password", session.clone()),
        ("POST /auth/refresh_token", json!({ "token": "t" })),
        ("POST /auth/forgot_password", name.clone()),
        ("POST /auth/forgot_password/confirm", reset),
        ("POST /auth/partners/users/confirm", json!({ "email": "a@b.co", "conf_code": "1" })),
        ("POST /api/auth/login", login),
        (
            "POST /api/auth/complete-mfa",
            json!({
                "username": "ann@example.com",
                "session": "s",
                "challenge": "EMAIL_OTP",
                "code": "1",
            }),
        ),
        ("POST /api/auth/complete-password-change", session),
        ("POST /api/auth/refresh-token", json!({ "refresh_token": "t" })),
        ("POST /api/auth/refresh", json!({ "refresh_token": "t" })),
        ("POST /api/auth/forgot-password", name),
        ("POST /api/auth/reset-password", new_password),
        ("POST /api/auth/register", register),
        ("POST /api/auth/verify", json!({ "email": "a@b.co", "code": "1" })),
        ("POST /Login", tenant),
        ("POST /RespondToChallenge", answer),
        ("POST /RefreshToken", json!({ "TenantName": TENANT, "RefreshToken": "t" })),
    ]
}

/// Operations of Cognito's protocol that are open to strangers, with all their texts.
fn operations() -> Vec<(&'static str, Value)> {
    let client = PUBLIC_CLIENT;
    let initiate = |flow: &str, parameters: Value| {
        let body = json!({ "ClientId": client, "AuthFlow": flow, "AuthParameters": parameters });
        ("InitiateAuth", body)
    };
    let respond = |challenge: &str, responses: Value| {
        let body = json!({
            "ClientId": client,
            "ChallengeName": challenge,
            "Session": "a session of twenty characters",
            "ChallengeResponses": responses,
        });
        ("RespondToAuthChallenge", body)
    };
    let claim = json!({
        "USERNAME": "a",
        "PASSWORD_CLAIM_SECRET_BLOCK": "b",
        "PASSWORD_CLAIM_SIGNATURE": "c",
        "TIMESTAMP": "d",
        "DEVICE_KEY": "e",
    });
    let new = json!({ "USERNAME": "a", "NEW_PASSWORD": "b", "userAttributes.name": "c" });
    let named = |more: Value| {
        let mut body = json!({ "ClientId": client, "Username": "a" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let attributes = json!([{ "Name": "name", "Value": "n" }]);
    vec![
        initiate(
            "USER_PASSWORD_AUTH",
            json!({ "USERNAME": "a", "PASSWORD": "b", "DEVICE_KEY": "c" }),
        ),
        initiate("USER_SRP_AUTH", json!({ "USERNAME": "a", "SRP_A": "b", "SECRET_HASH": "c" })),
        initiate("USER_AUTH", json!({ "USERNAME": "a", "PREFERRED_CHALLENGE": "b" })),
        initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": "a", "DEVICE_KEY": "b" })),
        respond("PASSWORD_VERIFIER", claim.clone()),
        respond("NEW_PASSWORD_REQUIRED", new),
        respond("SOFTWARE_TOKEN_MFA", json!({ "USERNAME": "a", "SOFTWARE_TOKEN_MFA_CODE": "1" })),
        respond("EMAIL_OTP", json!({ "USERNAME": "a", "EMAIL_OTP_CODE": "1" })),
        respond("SMS_MFA", json!({ "USERNAME": "a", "SMS_MFA_CODE": "1" })),
        respond("SMS_OTP", json!({ "USERNAME": "a", "SMS_OTP_CODE": "1" })),
        respond("SELECT_MFA_TYPE", json!({ "USERNAME": "a", "ANSWER": "b" })),
        respond("SELECT_CHALLENGE", json!({ "USERNAME": "a", "ANSWER": "b", "PASSWORD": "c" })),
        respond("PASSWORD", json!({ "USERNAME": "a", "PASSWORD": "b" })),
        respond("PASSWORD_SRP", json!({ "USERNAME": "a", "SRP_A": "b" })),
        respond("MFA_SETUP", json!({ "USERNAME": "a" })),
        respond("DEVICE_SRP_AUTH", json!({ "USERNAME": "a", "SRP_A": "b", "DEVICE_KEY": "c" })),
        respond("DEVICE_PASSWORD_VERIFIER", claim),
        ("SignUp", named(json!({ "Password": "Passw0rd!", "UserAttributes": attributes }))),
        ("ConfirmSignUp", named(json!({ "ConfirmationCode": "1" }))),
        ("ResendConfirmationCode", named(json!({ "SecretHash": "a" }))),
        ("ForgotPassword", named(json!({}))),
        ("ConfirmForgotPassword", named(json!({ "ConfirmationCode": "1", "Password": "p" }))),
    ]
}

/// The pointers of all texts in a body, but those that say what kind of request it is.
fn texts(value: &Value, pointer: &str) -> Vec<String> {
    const KINDS: [&str; 4] = ["AuthFlow", "ChallengeName", "challenge", "Name"];
    match value {
        Value::String(_) => vec![pointer.to_owned()],
        Value::Array(entries) => {
            let entries = entries.iter().enumerate();
            entries.flat_map(|(index, entry)| texts(entry, &format!("{pointer}/{index}"))).collect()
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !KINDS.contains(&name.as_str()));
            members.flat_map(|(name, value)| texts(value, &format!("{pointer}/{name}"))).collect()
        }
        _ => Vec::new(),
    }
}

async fn server() -> TestServer {
    let mut config = config(Path::new(""));
    config.portal_api.as_mut().unwrap().registration = true;
    let server = TestServer::with(config).await;
    // What starting has done does not count.
    server.store.calls();
    server.workers.hashes.store(0, SeqCst);
    server
}

/// What is wrong with an answer that should be a refusal in few words, without a password's being
/// hashed or anything's being written.
fn flaw(server: &TestServer, answer: &Answer, what: &str) -> Option<String> {
    let hashed = server.workers.comparisons.swap(0, SeqCst) + server.workers.hashes.swap(0, SeqCst);
    let written = server.store.calls().into_iter().find(|call| call.starts_with("commit"));
    let headers = answer.headers.iter().map(|(_, value)| value.len()).sum::<usize>();
    let told = answer.text.len() + headers;
    let good =
        hashed == 0 && written.is_none() && answer.status.is_client_error() && told < MOST_TOLD;
    let text: String = answer.text.chars().take(200).collect();
    let status = answer.status;
    (!good).then(|| format!("{what}: {status} {hashed} {written:?} {told} {text}"))
}

#[tokio::test]
async fn sign_in_apis_refuse_long_texts_unseen() {
    let server = server().await;
    let mut flaws = Vec::new();
    for (line, body) in endpoints() {
        for pointer in texts(&body, "") {
            for (kind, text) in worst() {
                let mut body = body.clone();
                *body.pointer_mut(&pointer).unwrap() = text.into();
                let json = ("content-type", "application/json");
                let answer = server.call(line, &[json], body.to_string()).await;
                flaws.extend(flaw(&server, &answer, &format!("{line} {pointer} {kind}")));
            }
        }
    }
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
}

#[tokio::test]
async fn cognitos_protocol_refuses_long_texts_unseen() {
    let server = server().await;
    let mut flaws = Vec::new();
    for (operation, body) in operations() {
        for pointer in texts(&body, "") {
            for (kind, text) in worst() {
                let mut body = body.clone();
                *body.pointer_mut(&pointer).unwrap() = text.into();
                let answer = server.cognito().call(operation, &body).await;
                let challenge = body.get("ChallengeName").or(body.get("AuthFlow"));
                let challenge = challenge.and_then(Value::as_str).unwrap_or_default();
                let what = format!("{operation} {challenge} {pointer} {kind}");
                flaws.extend(flaw(&server, &answer, &what));
            }
        }
    }
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
}

/// The words of each face.
#[tokio::test]
async fn each_face_says_in_its_own_words_that_a_name_is_too_long() {
    let server = server().await;
    let name = "\u{fdfa}".repeat(129);
    let lower = json!({ "username": name, "password": "p" });
    let tenant = json!({ "TenantName": name, "UserName": "a", "Password": "p" });
    let mut told = vec![server.json("POST", "/auth", &lower).await.row(&[])];
    let portal = json!({ "username": "i\u{307}".repeat(1000), "password": "p" });
    told.push(server.json("POST", "/api/auth/login", &portal).await.row(&[]));
    told.push(server.json("POST", "/Login", &tenant).await.row(&[]));
    told.push(server.cognito().sign_in(&name, "p").await.row(&[]));
    insta::assert_snapshot!(told.join("\n"), @r#"
    400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"too_long","field":"username"}]}
    422 Unprocessable Entity {"detail":[{"ctx":{"max_length":1536},"input":"**********","loc":["body","username"],"msg":"String should have at most 1536 characters","type":"string_too_long","url":"https://errors.pydantic.dev/2.5/v/string_too_long"}]}
    400 Bad Request {"error":"BadRequest","message":"UserName, TenantName and Password are required: TenantName is longer than 128 characters"}
    400 Bad Request {"__type":"InvalidParameterException","message":"USERNAME must have length less than or equal to 128."}
    "#);
}

/// Names of members, and as many members as fit, make no long answer either.
#[tokio::test]
async fn many_members_are_not_told_again() {
    let server = server().await;
    let mut flaws = Vec::new();
    let members = (0..4_000).map(|number| (format!("m{number}"), json!(1)));
    let many: Value = members.chain([("\u{fdfa}".repeat(4_000), json!(1))]).collect();
    for (line, _) in endpoints() {
        let json = ("content-type", "application/json");
        let answer = server.call(line, &[json], many.to_string()).await;
        flaws.extend(flaw(&server, &answer, line));
    }
    for flow in ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "REFRESH_TOKEN_AUTH"] {
        let parameters: Value =
            (0..3_000).map(|number| (format!("m{number}"), json!("1"))).collect();
        let answer = server.cognito().initiate(flow, parameters).await;
        flaws.extend(flaw(&server, &answer, flow));
    }
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
}

/// Nor do the names of attributes, of which a request may have any number.
#[tokio::test]
async fn many_attributes_are_not_told_again() {
    let server = server().await;
    let pool = server.pool(json!({})).await;
    let attributes: Vec<_> =
        (0..2_000).map(|number| json!({ "Name": format!("a{number}"), "Value": "v" })).collect();
    let body = json!({ "Username": "una", "Password": PASSWORD, "UserAttributes": attributes });
    let answer = pool.call("SignUp", body).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.len() < MOST_TOLD, "{} bytes", answer.text.len());
}

/// Nobody who is new gets a name that could not be sent again.
#[tokio::test]
async fn names_that_grow_are_not_given() {
    let server = server().await;
    let pool = server.pool(json!({})).await;
    let name = "\u{fdfa}".repeat(20);
    let answer = pool.call("SignUp", json!({ "Username": name, "Password": PASSWORD })).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.get("/message").contains("longer than 128 characters"), "{}", answer.text);
}

/// Paths, headers and query strings of callers with a token.
#[tokio::test]
async fn long_paths_headers_and_queries_are_refused() {
    let server = server().await;
    server.user("ann@example.com", &["partner-id-acme", "admin"]).await;
    let body = json!({ "username": "ann@example.com", "password": PASSWORD });
    let token = server.json("POST", "/auth", &body).await.get("/AccessToken");
    let partner = format!("Bearer {token}");
    let long = "a".repeat(5_000);
    let headers = [("authorization", partner.as_str()), ("x-preferred-partner-id", long.as_str())];
    let answer = server.bare("GET", "/partners", &headers).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let token = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
    let portal = format!("Bearer {token}");
    let headers = [("authorization", portal.as_str())];
    for path in [
        format!("/api/admin/users/{long}"),
        format!("/api/admin/users/{}", "%EF%B7%BA".repeat(2_000)),
        format!("/api/admin/users?limit={long}"),
        format!("/api/admin/users?pagination_token={long}"),
    ] {
        let answer = server.bare("GET", &path, &headers).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
        assert!(answer.text.len() < MOST_TOLD, "{path}");
    }
}
