use super::{ALICE, GLOBEX, GLOBEX_GROUP, leave, login, respond, signed_in};
use crate::support::{PASSWORD, POOL, TENANT, TENANT_CLIENT, TENANT_GROUP, TestServer, claims};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::Administration as _;
use poolkeeper_pool::entity::{CodeMfa, MfaMode, Tenant, User};
use serde_json::{Value, json};
use std::time::Duration;

const NEW: &str = "N3w-password!";

/// The session of the challenge that a login is answered with.
async fn session(server: &TestServer, tenant: &str, challenge: &str) -> String {
    let answer = login(server, ALICE, tenant, PASSWORD).await;
    assert_eq!(answer.get("/cognitoToken/ChallengeName"), challenge);
    answer.get("/cognitoToken/Session")
}

/// The newest code that went to an address.
async fn code(server: &TestServer, to: &str) -> String {
    server.code_for(to).await
}

async fn both_factors(server: &TestServer) -> User {
    let user = server.totp_user(ALICE, &[TENANT_GROUP]).await;
    server
        .edit(&user, |user| {
            user.mfa.email = Some(CodeMfa { preferred: false });
            user.mfa.totp.as_mut().unwrap().preferred = false;
        })
        .await
}

#[tokio::test]
async fn code_of_the_app() {
    let server = TestServer::start().await;
    let user = server.totp_user(ALICE, &[TENANT_GROUP]).await;
    let session = session(&server, TENANT, "SOFTWARE_TOKEN_MFA").await;
    let challenge = ("acme", "SOFTWARE_TOKEN_MFA", session.as_str());
    let answer = respond(&server, challenge, &server.totp_code()).await;
    assert_eq!(answer.show(), signed_in(&user));
    let access = answer.get("/cognitoToken/AuthenticationResult/AccessToken");
    assert_eq!(claims(&access)["tenant_id"], "id-of-acme");
    // The session works once.
    server.clock.advance(Duration::from_secs(30));
    let again = respond(&server, challenge, &server.totp_code()).await;
    assert_snapshot!(again.row(&[]), @r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid session"}"#);
}

#[tokio::test]
async fn code_by_mail() {
    let server = TestServer::start().await;
    server.email_mfa_user(ALICE, &[TENANT_GROUP]).await;
    let session = session(&server, TENANT, "EMAIL_OTP").await;
    let challenge = (TENANT, "EMAIL_OTP", session.as_str());
    assert_snapshot!(respond(&server, challenge, "000000x").await.row(&[]), @r#"400 Bad Request {"error":"CodeMismatch","message":"Incorrect code"}"#);
    let code = code(&server, ALICE).await;
    assert_eq!(respond(&server, challenge, &code).await.status, 200);
}

#[tokio::test]
async fn code_by_text_message() {
    let server =
        TestServer::configured(|config| config.pools[0].rules.second_factors.sms = true).await;
    let user = server.user(ALICE, &[TENANT_GROUP]).await;
    server
        .edit(&user, |user| {
            user.attributes.set("phone_number", "+4915112345678");
            user.attributes.set("phone_number_verified", "true");
            user.mfa.sms = Some(CodeMfa { preferred: true });
        })
        .await;
    let session = session(&server, TENANT, "SMS_MFA").await;
    let code = code(&server, "+4915112345678").await;
    let answer = respond(&server, (TENANT, "SMS_MFA", &session), &code).await;
    assert_eq!(answer.get("/user/TenantName"), TENANT);
}

/// They come along when people copy a code.
#[tokio::test]
async fn spaces_around_a_code_do_not_count() {
    let server = TestServer::start().await;
    let user = server.totp_user(ALICE, &[TENANT_GROUP]).await;
    let session = session(&server, TENANT, "SOFTWARE_TOKEN_MFA").await;
    let challenge = (TENANT, "SOFTWARE_TOKEN_MFA", session.as_str());
    assert_snapshot!(respond(&server, challenge, " \t").await.row(&[]), @r#"400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Answer is missing"}"#);
    let code = format!(" {}\n", server.totp_code());
    assert_eq!(respond(&server, challenge, &code).await.show(), signed_in(&user));
}

#[tokio::test]
async fn a_choice_of_factors() {
    let server = TestServer::start().await;
    let user = both_factors(&server).await;
    let answer = login(&server, ALICE, TENANT, PASSWORD).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "SELECT_MFA_TYPE",
        "ChallengeParameters": {
          "MFAS_CAN_CHOOSE": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
          "USER_ID_FOR_SRP": "[username]"
        },
        "Session": "[sealed]"
      }
    }
    "#);
    let session = answer.get("/cognitoToken/Session");
    let challenge = (TENANT, "SELECT_MFA_TYPE", session.as_str());
    let rows = [
        respond(&server, challenge, "SMS_MFA").await.row(&[]),
        respond(&server, challenge, "CARRIER_PIGEON").await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"error":"BadRequest","message":"ANSWER must be one of SOFTWARE_TOKEN_MFA, EMAIL_OTP."}
    400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Answer has an unknown value"}
    "#);
    let answer = respond(&server, challenge, "EMAIL_OTP").await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "EMAIL_OTP",
        "ChallengeParameters": {
          "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
          "CODE_DELIVERY_DESTINATION": "a***@e***",
          "USER_ID_FOR_SRP": "[username]"
        },
        "Session": "[sealed]"
      }
    }
    "#);
    let session = answer.get("/cognitoToken/Session");
    let code = code(&server, ALICE).await;
    assert_eq!(respond(&server, (TENANT, "EMAIL_OTP", &session), &code).await.status, 200);
}

#[tokio::test]
async fn a_new_password_and_then_another_challenge() {
    let server = TestServer::configured(|config| {
        config.pools[0].password_policy.password_history_size = 3;
    })
    .await;
    let user = server.new_user(ALICE, &[TENANT_GROUP]).await;
    server.edit(&user, |user| user.mfa.email = Some(CodeMfa { preferred: true })).await;
    let session = session(&server, TENANT, "NEW_PASSWORD_REQUIRED").await;
    let challenge = (TENANT, "NEW_PASSWORD_REQUIRED", session.as_str());
    let rows = [
        respond(&server, challenge, "short").await.row(&[]),
        respond(&server, challenge, "long-without-digits").await.row(&[]),
        respond(&server, challenge, PASSWORD).await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"error":"InvalidPassword","message":"The password breaks the policy: Password not long enough"}
    400 Bad Request {"error":"InvalidPassword","message":"The password breaks the policy: Password must have uppercase characters"}
    400 Bad Request {"error":"InvalidPassword","message":"The password was used before"}
    "#);
    let answer = respond(&server, challenge, NEW).await;
    assert_snapshot!(answer.show().replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    {
      "cognitoToken": {
        "ChallengeName": "EMAIL_OTP",
        "ChallengeParameters": {
          "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
          "CODE_DELIVERY_DESTINATION": "a***@e***",
          "USER_ID_FOR_SRP": "[username]"
        },
        "Session": "[sealed]"
      }
    }
    "#);
    let session = answer.get("/cognitoToken/Session");
    let code = code(&server, ALICE).await;
    assert_eq!(respond(&server, (TENANT, "EMAIL_OTP", &session), &code).await.status, 200);
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
    assert_eq!(login(&server, ALICE, TENANT, NEW).await.status, 200);
}

#[tokio::test]
async fn attributes_with_a_new_password() {
    let server = TestServer::start().await;
    server.new_user(ALICE, &[TENANT_GROUP]).await;
    let session = session(&server, TENANT, "NEW_PASSWORD_REQUIRED").await;
    let body = |attributes: Value| {
        json!({
            "TenantName": TENANT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": session,
            "Answer": NEW,
            "Attributes": attributes,
        })
    };
    let path = "/RespondToChallenge";
    let mut rows = Vec::new();
    for attributes in [json!({ "email_verified": "true" }), json!({ "name": 1 }), json!(["name"])] {
        rows.push(server.json("POST", path, &body(attributes)).await.row(&[]));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"error":"BadRequest","message":"An attribute may not be written"}
    400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Attributes has the wrong type"}
    400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Attributes has the wrong type"}
    "#);
    let answer = server.json("POST", path, &body(json!({ "name": "Alice" }))).await;
    let id = answer.get("/cognitoToken/AuthenticationResult/IdToken");
    assert_eq!(claims(&id)["name"], "Alice");
}

/// With a pool that asks everybody for a second factor. Machines could not give one.
#[tokio::test]
async fn a_second_factor_is_set_up() {
    let server = TestServer::configured(|config| config.pools[0].mfa = MfaMode::On).await;
    // Without an address that is known, there is none that codes could go to.
    let alice = server.user(ALICE, &[TENANT_GROUP]).await;
    server.edit(&alice, |user| user.attributes.set("email", "")).await;
    // By mail: the answer is the address.
    let first = session(&server, TENANT, "MFA_SETUP").await;
    let setup = (TENANT, "MFA_SETUP", first.as_str());
    assert_snapshot!(respond(&server, setup, "nowhere").await.row(&[]), @r#"400 Bad Request {"error":"BadRequest","message":"Invalid email address format."}"#);
    let answer = respond(&server, setup, "alice+mfa@example.com").await;
    let next = answer.get("/cognitoToken/Session");
    let code = code(&server, "alice+mfa@example.com").await;
    assert_eq!(respond(&server, (TENANT, "EMAIL_OTP", &next), &code).await.status, 200);
    // By an app: the key is Cognito's to hand out and to prove, for the same session.
    let bob = server.user("bob@example.com", &[TENANT_GROUP]).await;
    server.edit(&bob, |user| user.attributes.set("email", "")).await;
    let answer = login(&server, "bob@example.com", TENANT, PASSWORD).await;
    let cognito = server.cognito();
    let body = json!({ "Session": answer.get("/cognitoToken/Session") });
    let key = cognito.call("AssociateSoftwareToken", &body).await;
    let user_code = server.totp(&key.get("/SecretCode"));
    let body = json!({ "Session": key.get("/Session"), "UserCode": user_code });
    let proven = cognito.call("VerifySoftwareToken", &body).await.get("/Session");
    let body = json!({ "TenantName": TENANT, "ChallengeName": "MFA_SETUP", "Session": proven });
    let answer = server.json("POST", "/RespondToChallenge", &body).await;
    assert_eq!(answer.get("/user/OloID"), bob.sub.as_str());
    let machine = server.machine("turnstile", &[TENANT_GROUP]).await;
    let answer = login(&server, machine.username.as_str(), TENANT, PASSWORD).await;
    assert_eq!(answer.get("/user/OloID"), machine.sub.as_str());
}

/// Alice is at home in both tenants, and still a sign-in begun at one cannot be finished at another,
/// nor without a tenant.
#[tokio::test]
async fn a_challenge_is_answered_where_it_was_asked() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[TENANT_GROUP, GLOBEX_GROUP]).await;
    let session = session(&server, TENANT, "SOFTWARE_TOKEN_MFA").await;
    let code = server.totp_code();
    for tenant in [GLOBEX, "Initech"] {
        let answer = respond(&server, (tenant, "SOFTWARE_TOKEN_MFA", &session), &code).await;
        assert_eq!(
            answer.row(&[]),
            r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid session"}"#
        );
    }
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": TENANT_CLIENT,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": session,
        "ChallengeResponses": { "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": code },
    });
    let answer = server.cognito().admin("AdminRespondToAuthChallenge", &body).await;
    assert_eq!(answer.status, 400);
    let foreign = json!({
        "UserPoolId": POOL,
        "ClientId": TENANT_CLIENT,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let foreign = server.cognito().admin("AdminInitiateAuth", &foreign).await.get("/Session");
    let answer = respond(&server, (TENANT, "SOFTWARE_TOKEN_MFA", &foreign), &code).await;
    assert_eq!(answer.status, 401);
    let answer = respond(&server, (TENANT, "SOFTWARE_TOKEN_MFA", &session), &code).await;
    assert_eq!(answer.status, 200);
}

/// For whatever reason: nobody is told.
#[tokio::test]
async fn dead_sessions_are_refused_alike() {
    let mut rows = Vec::new();
    for case in [
        "garbage",
        "another challenge",
        "left",
        "disabled",
        "deleted",
        "expired",
        "locked",
        "password set",
        "tenant gone",
        "renamed",
    ] {
        let server = TestServer::start().await;
        let user = server.totp_user(ALICE, &[TENANT_GROUP]).await;
        let mut session = session(&server, TENANT, "SOFTWARE_TOKEN_MFA").await;
        let (mut challenge, pool) = ("SOFTWARE_TOKEN_MFA", server.main_pool());
        let id = super::tenant(&server, TENANT).await.id;
        match case {
            "garbage" => session = "garbage".to_owned(),
            "another challenge" => challenge = "NEW_PASSWORD_REQUIRED",
            "left" => leave(&server, ALICE, TENANT_GROUP).await,
            "disabled" => server.pools.disable_user(&operator(), &pool, ALICE).await.unwrap(),
            "deleted" => server.pools.delete_user(&operator(), &pool, ALICE).await.unwrap(),
            "expired" => server.clock.advance(Duration::from_mins(3)),
            "locked" => server.engine.lock(&operator(), &user).await.unwrap(),
            "password set" => {
                server.give_password(ALICE, NEW, true).await;
            }
            "tenant gone" => drop(server.engine.delete_tenant(&operator(), &id).await.unwrap()),
            _ => {
                let rename = |tenant| Tenant { name: "Acme Inc.".to_owned(), ..tenant };
                super::change(&server, TENANT, rename).await;
            }
        }
        let answer = respond(&server, (TENANT, challenge, &session), &server.totp_code()).await;
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        rows.push((case, format!("{} {headers:?}", answer.row(&[]))));
    }
    assert_snapshot!(rows[0].1, @r#"401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid session"} ["content-type", "content-length", "x-request-id", "x-content-type-options", "cache-control"]"#);
    for (case, row) in &rows {
        assert_eq!(*row, rows[0].1, "{case}");
    }
}

#[tokio::test]
async fn wrong_codes_lock_the_user() {
    let server = TestServer::start().await;
    server.totp_user(ALICE, &[TENANT_GROUP]).await;
    let session = session(&server, TENANT, "SOFTWARE_TOKEN_MFA").await;
    let challenge = (TENANT, "SOFTWARE_TOKEN_MFA", session.as_str());
    for _ in 0..5 {
        assert_eq!(respond(&server, challenge, "000000").await.status, 400);
    }
    assert_eq!(respond(&server, challenge, &server.totp_code()).await.status, 401);
    assert_eq!(login(&server, ALICE, TENANT, PASSWORD).await.status, 401);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    let good = json!({
        "TenantName": TENANT, "ChallengeName": "EMAIL_OTP", "Session": "s", "Answer": "1",
    });
    for (name, value) in [
        ("TenantName", json!("")),
        ("ChallengeName", json!("email_otp")),
        ("ChallengeName", json!("PASSWORD_VERIFIER")),
        ("ChallengeName", json!(null)),
        ("Session", json!(null)),
        ("Answer", json!("")),
        ("Answer", json!(123_456)),
        ("Answer", json!(null)),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        let answer = server.json("POST", "/RespondToChallenge", &body).await;
        rows.push(format!("{name} {value}: {}", answer.row(&[])));
    }
    for body in ["", "{}", "[]"] {
        let answer = server.text("POST", "/RespondToChallenge", body).await;
        rows.push(format!("{body}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    TenantName "": 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: TenantName is empty"}
    ChallengeName "email_otp": 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: ChallengeName has an unknown value"}
    ChallengeName "PASSWORD_VERIFIER": 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: ChallengeName has an unknown value"}
    ChallengeName null: 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: ChallengeName has the wrong type"}
    Session null: 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Session has the wrong type"}
    Answer "": 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Answer is missing"}
    Answer 123456: 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Answer has the wrong type"}
    Answer null: 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: Answer is missing"}
    : 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: the request body is empty"}
    {}: 400 Bad Request {"error":"BadRequest","message":"TenantName, ChallengeName, Session and a fitting Answer are required: ChallengeName is missing, TenantName is missing, Session is missing"}
    []: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is another JSON value"}
    "#);
}
