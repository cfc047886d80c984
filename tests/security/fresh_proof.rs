//! A stolen access token does not become the account.

use crate::support::{Answer, PASSWORD, TENANT_GROUP, Table, TestServer, config};
use insta::assert_snapshot;
use poolkeeper_pool::entity::FreshProof;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const ANN: &str = "ann@example.com";
const APP: &str = "/auth/mfa/configure/totp";
const SETTINGS: &str = "/auth/mfa/settings";

async fn call(server: &TestServer, line: &str, token: &str, body: &Value) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let text = if body.is_null() { String::new() } else { body.to_string() };
    server.call(line, &headers, text).await
}

/// Signs in to the partner API with the app.
async fn tokens(server: &TestServer) -> Answer {
    server.clock.advance(Duration::from_secs(30));
    let body = json!({ "username": ANN, "password": PASSWORD });
    let asked = server.json("POST", "/auth", &body).await;
    let body = json!({
        "username": ANN,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": asked.get("/Session"),
        "mfa_token": server.totp_code(),
    });
    server.json("PUT", "/auth/challenge/mfa-token", &body).await
}

/// (S6, B10)
#[tokio::test]
async fn an_old_sign_in_changes_no_factor() {
    let server = TestServer::start().await;
    server.totp_user(ANN, &["fd42"]).await;
    let signed_in = tokens(&server).await;
    let token = signed_in.get("/AccessToken");
    let off = json!({ "enabled": false });
    server.clock.advance(Duration::from_secs(299));
    let begun = call(&server, &format!("GET {APP}"), &token, &Value::Null).await;
    let key = begun.get("/qr_secret");
    server.clock.advance(Duration::from_secs(1));
    let before = server.found(ANN).await.mfa;
    let refresh = json!({ "token": signed_in.get("/RefreshToken") });
    let refreshed = server.json("POST", "/auth/refresh_token", &refresh).await;
    let mut rows = Vec::new();
    for token in [&token, &refreshed.get("/AccessToken")] {
        let proof = json!({ "mfa_token": server.totp(&key) });
        for (line, body) in [
            (format!("GET {APP}"), &Value::Null),
            (format!("PUT {APP}"), &proof),
            (format!("PUT {SETTINGS}"), &off),
            (format!("PUT {SETTINGS}"), &json!({ "preferred": "email" })),
            (format!("PUT {SETTINGS}"), &json!({ "enabled": true })),
            (format!("GET {SETTINGS}"), &Value::Null),
        ] {
            rows.push(format!("{line}: {}", call(&server, &line, token, body).await.row(&[])));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /auth/mfa/configure/totp: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/configure/totp: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    GET /auth/mfa/settings: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    GET /auth/mfa/configure/totp: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/configure/totp: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 403 Forbidden {"error_code":"FRESH_SIGN_IN_REQUIRED","message":"error.auth.fresh_sign_in_required"}
    PUT /auth/mfa/settings: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    GET /auth/mfa/settings: 200 OK {"enabled":true,"methods":{"email":false,"totp":true},"preferred":"totp","required":true}
    "#);
    assert_eq!(server.found(ANN).await.mfa, before);
    let token = tokens(&server).await.get("/AccessToken");
    let answer = call(&server, &format!("PUT {SETTINGS}"), &token, &off).await;
    assert_eq!(answer.json()["enabled"], false);
}

/// Taking the token to Cognito's protocol is no way around it. (S6)
#[tokio::test]
async fn nor_through_cognito_s_protocol() {
    let server = TestServer::start().await;
    server.totp_user(ANN, &["fd42"]).await;
    let token = tokens(&server).await.get("/AccessToken");
    server.clock.advance(Duration::from_mins(5));
    let before = server.found(ANN).await;
    let mut table = Table::default();
    let off = json!({ "SoftwareTokenMfaSettings": { "Enabled": false } });
    let address = |value: &str| json!({ "UserAttributes": [{ "Name": "email", "Value": value }] });
    for (operation, mut body) in [
        ("AssociateSoftwareToken", json!({})),
        ("VerifySoftwareToken", json!({ "UserCode": "123456" })),
        ("SetUserMFAPreference", off),
        ("UpdateUserAttributes", address("thief@example.com")),
        ("UpdateUserAttributes", address(ANN)),
        (
            "UpdateUserAttributes",
            json!({ "UserAttributes": [{ "Name": "phone_number", "Value": "+14325551212" }] }),
        ),
        ("DeleteUserAttributes", json!({ "UserAttributeNames": ["email"] })),
        ("DeleteUser", json!({})),
    ] {
        body["AccessToken"] = json!(token);
        table.row(operation, &server.cognito().call(operation, &body).await);
    }
    assert_snapshot!(table, @r#"
    AssociateSoftwareToken: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    VerifySoftwareToken: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    SetUserMFAPreference: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    UpdateUserAttributes: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    UpdateUserAttributes: 200 {"CodeDeliveryDetailsList":[]}
    UpdateUserAttributes: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    DeleteUserAttributes: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    DeleteUser: 400 NotAuthorizedException "A recent sign-in is needed for this. Sign in again."
    "#);
    let after = server.found(ANN).await;
    assert_eq!((after.mfa, after.attributes), (before.mfa, before.attributes));
}

/// Tokens of the portal and of a tenant, where these are good for it at all.
#[tokio::test]
async fn nor_with_the_tokens_of_other_faces() {
    let server = TestServer::start().await;
    server.user(ANN, &[TENANT_GROUP]).await;
    let login = json!({ "username": ANN, "password": PASSWORD });
    let portal = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let tenant = super::Face::Tenant.sign_in(&server, ANN, PASSWORD).await;
    let tenant = tenant.get("/cognitoToken/AuthenticationResult/AccessToken");
    server.clock.advance(Duration::from_mins(5));
    for token in [portal, tenant] {
        let body = json!({
            "AccessToken": token,
            "UserAttributes": [{ "Name": "email", "Value": "thief@example.com" }],
        });
        let refused = server.cognito().call("UpdateUserAttributes", &body).await;
        assert_eq!(refused.get("/__type"), "NotAuthorizedException", "{}", refused.text);
        let body = json!({ "AccessToken": token });
        let refused = server.cognito().call("DeleteUser", &body).await;
        assert_eq!(refused.get("/__type"), "NotAuthorizedException", "{}", refused.text);
    }
    assert_eq!(server.found(ANN).await.attributes.get("email"), Some(ANN));
}

/// With a recent sign-in, an account can be deleted, and any time where nobody asks for one.
#[tokio::test]
async fn a_recent_sign_in_deletes_its_account() {
    let server = TestServer::start().await;
    for (name, minutes) in [(ANN, 4), ("bob@example.com", 50)] {
        server.user(name, &["fd42"]).await;
        let token = if minutes == 4 {
            let body = json!({ "username": name, "password": PASSWORD });
            server.json("POST", "/auth", &body).await.get("/AccessToken")
        } else {
            server.cognito().tokens(name).await.access
        };
        server.clock.advance(Duration::from_mins(minutes));
        let deleted = server.cognito().call("DeleteUser", &json!({ "AccessToken": token })).await;
        assert_eq!(deleted.status, 200, "{}", deleted.text);
    }
}

/// The first factor of all takes no more than the documented API asks for.
#[tokio::test]
async fn a_first_factor_can_be_set_up_late() {
    let server = TestServer::start().await;
    server.user(ANN, &["fd42"]).await;
    let body = json!({ "username": ANN, "password": PASSWORD });
    let token = server.json("POST", "/auth", &body).await.get("/AccessToken");
    server.clock.advance(Duration::from_mins(50));
    let begun = call(&server, &format!("GET {APP}"), &token, &Value::Null).await;
    let proof = json!({ "mfa_token": server.totp(&begun.get("/qr_secret")) });
    assert_eq!(call(&server, &format!("PUT {APP}"), &token, &proof).await.status, 200);
    let off = json!({ "enabled": false });
    let late = call(&server, &format!("PUT {SETTINGS}"), &token, &off).await;
    assert_eq!(late.get("/error_code"), "FRESH_SIGN_IN_REQUIRED");
}

/// Cognito's own clients expect no such rule, but a pool can have it.
#[tokio::test]
async fn cognito_s_clients_are_asked_if_the_pool_says_so() {
    for (minutes, expected) in [(0, 200), (10, 400)] {
        let mut config = config(Path::new(""));
        config.pools[0].rules.fresh_proof =
            FreshProof { sign_in_apis_minutes: 0, cognito_minutes: minutes };
        let server = TestServer::with(config).await;
        let user = server.user(ANN, &["fd42"]).await;
        let body = json!({ "username": ANN, "password": PASSWORD });
        let partner = server.json("POST", "/auth", &body).await.get("/AccessToken");
        let token = server.cognito().tokens(ANN).await.access;
        let on = Some(poolkeeper_pool::entity::CodeMfa { preferred: true });
        server.edit(&user, |user| user.mfa.email = on).await;
        server.clock.advance(Duration::from_mins(10));
        let off = json!({ "AccessToken": token, "EmailMfaSettings": { "Enabled": false } });
        let answer = server.cognito().call("SetUserMFAPreference", &off).await;
        assert_eq!(answer.status, expected, "{}", answer.text);
        server.edit(&user, |user| user.mfa.email = on).await;
        let off = json!({ "enabled": false });
        let answer = call(&server, &format!("PUT {SETTINGS}"), &partner, &off).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}
