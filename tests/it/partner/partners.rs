use super::{ALICE, BOB, access_token, auth, call_for, edit_partner};
use crate::support::{Answer, OTHER_CLIENT, PARTNER_CLIENT, PASSWORD, POOL, TestServer};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use insta::assert_snapshot;
use poolkeeper_pool::entity::PartnerStatus;
use serde_json::json;
use std::time::Duration;

const PARTNER: &str = "x-preferred-partner-id";

async fn partners(server: &TestServer, token: &str, headers: &[(&str, &str)]) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [&[("authorization", authorization.as_str())], headers].concat();
    server.bare("GET", "/partners/", &headers).await
}

/// The partner that a call of a user is for, or the problem.
async fn scope(server: &TestServer, username: &str, headers: &[(&str, &str)]) -> String {
    let token = access_token(server, username).await;
    let answer = partners(server, &token, headers).await;
    if answer.status == 200 { answer.get("/id") } else { answer.row(&["www-authenticate"]) }
}

#[tokio::test]
async fn the_partner() {
    let server = TestServer::start().await;
    server.user(ALICE, &["partner-id-acme"]).await;
    let token = access_token(&server, ALICE).await;
    let answer = partners(&server, &token, &[(PARTNER, "partner-id-acme")]).await;
    assert_snapshot!(answer.show_with(&["content-type", "cache-control"]), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    {
      "campaign_pricing_model": "per_campaign",
      "campaign_recommendations": false,
      "client_id": 1,
      "currency": "EUR",
      "demand_prediction": true,
      "domain": "partner.example",
      "id": "partner-id-acme",
      "name": "Partner 1",
      "ner_active": false,
      "pricing_tier": "growth",
      "status": "active",
      "vertical": "live_entertainment"
    }
    "#);
    assert!(answer.header("x-request-id").is_some());
}

/// Alice with two partners and groups that are none.
async fn with_partners() -> TestServer {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &["fd42", "partner-id-acme"]).await;
    let others = ["fd-admin", "back-office-admin", "webapp-access-group-2"];
    for group in others.into_iter().chain(["fd٤٢", "partner-id-", "fd"]) {
        server.join(&user, group).await;
    }
    server
}

#[tokio::test]
async fn which_partner() {
    let server = with_partners().await;
    let mut rows = Vec::new();
    for headers in [
        &[] as &[_],
        &[(PARTNER, "fd42")],
        &[(PARTNER, "partner-id-acme")],
        &[("X-PREFERRED-Partner-ID", "partner-id-acme")],
        &[(PARTNER, "")],
        &[(PARTNER, ""), (PARTNER, "partner-id-acme")],
        &[(PARTNER, "partner-id-acme"), (PARTNER, "partner-id-acme")],
        &[(PARTNER, "fd42"), (PARTNER, "partner-id-acme")],
        &[("x_preferred_partner_id", "partner-id-acme")],
        &[("x-partner-id", "partner-id-acme"), ("x-tenant-id", "partner-id-acme")],
    ] {
        rows.push(format!("{headers:?}\n  {}", scope(&server, ALICE, headers).await));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    []
      fd42
    [("x-preferred-partner-id", "fd42")]
      fd42
    [("x-preferred-partner-id", "partner-id-acme")]
      partner-id-acme
    [("X-PREFERRED-Partner-ID", "partner-id-acme")]
      partner-id-acme
    [("x-preferred-partner-id", "")]
      fd42
    [("x-preferred-partner-id", ""), ("x-preferred-partner-id", "partner-id-acme")]
      partner-id-acme
    [("x-preferred-partner-id", "partner-id-acme"), ("x-preferred-partner-id", "partner-id-acme")]
      partner-id-acme
    [("x-preferred-partner-id", "fd42"), ("x-preferred-partner-id", "partner-id-acme")]
      400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"duplicate","field":"X-Preferred-Partner-Id"}]}
    [("x_preferred_partner_id", "partner-id-acme")]
      fd42
    [("x-partner-id", "partner-id-acme"), ("x-tenant-id", "partner-id-acme")]
      fd42
    "#);
}

#[tokio::test]
async fn partners_the_user_does_not_have() {
    let server = with_partners().await;
    let mut rows = Vec::new();
    for wanted in [
        "partner-id-globex",
        "fd43",
        "FD42",
        "fd42 ",
        " fd42",
        "fd42, partner-id-acme",
        "fd42,",
        "fd-admin",
        "back-office-admin",
        "webapp-access-group-2",
        "fd٤٢",
        "partner-id-",
        "fd",
        " ",
    ] {
        let told = scope(&server, ALICE, &[(PARTNER, wanted)]).await;
        rows.push(format!("{wanted:?}: {told}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "partner-id-globex": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd43": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "FD42": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd42 ": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    " fd42": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd42, partner-id-acme": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd42,": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd-admin": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "back-office-admin": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "webapp-access-group-2": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd٤٢": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "partner-id-": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "fd": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    " ": 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "#);
}

#[tokio::test]
async fn without_a_partner_or_without_its_record() {
    let server = TestServer::start().await;
    server.user(ALICE, &["admin", "external-user"]).await;
    let bob = server.user(BOB, &[]).await;
    server.join(&bob, "fd7").await;
    let carol = server.user("carol@example.com", &[]).await;
    server.join(&carol, "fd-admin").await;
    let mut rows = Vec::new();
    for (case, username, headers) in [
        ("no partner", ALICE, &[] as &[_]),
        ("no partner, header", ALICE, &[(PARTNER, "fd42")]),
        ("no group but fd-admin", "carol@example.com", &[(PARTNER, "fd42")]),
        ("no record", BOB, &[]),
        ("no record, header", BOB, &[(PARTNER, "fd7")]),
    ] {
        rows.push(format!("{case}: {}", scope(&server, username, headers).await));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    no partner: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    no partner, header: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    no group but fd-admin: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    no record: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    no record, header: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    "#);
}

/// A call without the header is no error as long as the user has a partner to work for.
#[tokio::test]
async fn without_a_header_partners_that_cannot_be_entered_are_passed_over() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &["fd42", "partner-id-acme"]).await;
    // Has no record, and comes first.
    server.join(&user, "fd1").await;
    let token = access_token(&server, ALICE).await;
    let told = async |partner: Option<&str>| {
        let headers: Vec<_> = partner.map(|partner| (PARTNER, partner)).into_iter().collect();
        let answer = partners(&server, &token, &headers).await;
        if answer.status == 200 { answer.get("/id") } else { answer.row(&[]) }
    };
    let mut rows = vec![format!("no record: {}", told(None).await)];
    for suspended in ["fd42", "partner-id-acme"] {
        edit_partner(&server, suspended, |it| it.status = PartnerStatus::Suspended).await;
        rows.push(format!("{suspended} suspended: {}", told(None).await));
        rows.push(format!("{suspended} suspended, named: {}", told(Some(suspended)).await));
        rows.push(format!("{suspended} suspended, empty: {}", told(Some("")).await));
    }
    edit_partner(&server, "fd42", |it| it.status = PartnerStatus::Active).await;
    for line in ["GET /permissions", "GET /features"] {
        let answer = call_for(&server, line, &token, None, &json!(null)).await;
        rows.push(format!("{line}: {}", answer.row(&[])));
    }
    rows.push(format!("no record, named: {}", told(Some("fd1")).await));
    assert_snapshot!(rows.join("\n"), @r#"
    no record: fd42
    fd42 suspended: partner-id-acme
    fd42 suspended, named: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    fd42 suspended, empty: partner-id-acme
    partner-id-acme suspended: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    partner-id-acme suspended, named: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    partner-id-acme suspended, empty: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    GET /permissions: 200 OK []
    GET /features: 200 OK {}
    no record, named: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    "#);
}

#[tokio::test]
async fn partners_are_those_of_the_token_and_not_of_now() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &["fd42"]).await;
    let token = access_token(&server, ALICE).await;
    server.join(&user, "partner-id-acme").await;
    let wanted = [(PARTNER, "partner-id-acme")];
    assert_eq!(partners(&server, &token, &wanted).await.get("/error_code"), "PARTNER_FORBIDDEN");
    let fresh = access_token(&server, ALICE).await;
    assert_eq!(partners(&server, &fresh, &wanted).await.status, 200);
}

#[tokio::test]
async fn sign_ins_that_were_ended() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &["fd42"]).await;
    let mut rows = Vec::new();
    let answer = auth(&server, ALICE).await;
    let token = answer.get("/AccessToken");
    let sign_out = json!({ "AccessToken": token });
    assert_eq!(server.cognito().call("GlobalSignOut", &sign_out).await.status, 200);
    rows.push(format!("signed out: {}", partners(&server, &token, &[]).await.row(&[])));

    let token = access_token(&server, ALICE).await;
    server.give_password(ALICE, PASSWORD, true).await;
    rows.push(format!("password reset: {}", partners(&server, &token, &[]).await.row(&[])));

    let token = access_token(&server, ALICE).await;
    server.clock.advance(Duration::from_secs(3599));
    assert_eq!(partners(&server, &token, &[]).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    rows.push(format!("expired: {}", partners(&server, &token, &[]).await.row(&[])));

    let token = access_token(&server, ALICE).await;
    server.edit(&user, |user| user.enabled = false).await;
    rows.push(format!("disabled: {}", partners(&server, &token, &[]).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    signed out: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"}
    password reset: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"}
    expired: 401 Unauthorized {"error_code":"TOKEN_EXPIRED","message":"error.auth.token_expired"}
    disabled: 401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    "#);
}

#[tokio::test]
async fn suspended_accounts_are_nobody_at_once() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &["fd42"]).await;
    // Tokens of another client are none of this API's, whoever has them.
    let public = server.cognito().sign_in(ALICE, PASSWORD).await;
    let public = public.get("/AuthenticationResult/AccessToken");
    let answer = sign_in_by_the_partners_client(&server).await;
    server.join(&alice, "account-disabled").await;
    assert_eq!(partners(&server, &public, &[]).await.get("/error_code"), "TOKEN_INVALID");
    let token = answer.get("/AuthenticationResult/AccessToken");
    assert_snapshot!(partners(&server, &token, &[]).await.row(&["www-authenticate"]), @r#"401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}"#);
}

/// A sign-in through the partner API's client that does not go through the partner API.
async fn sign_in_by_the_partners_client(server: &TestServer) -> Answer {
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": PARTNER_CLIENT,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    server.cognito().admin("AdminInitiateAuth", &body).await
}

#[tokio::test]
async fn forged_tokens() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let good = access_token(&server, ALICE).await;
    let parts: Vec<_> = good.split('.').collect();
    let [header, claims, signature] = [parts[0], parts[1], parts[2]];
    let own: serde_json::Value = serde_json::from_slice(&BASE64.decode(header).unwrap()).unwrap();
    let with = |changes: serde_json::Value| {
        let mut header = own.clone();
        for (name, value) in changes.as_object().unwrap() {
            header[name] = value.clone();
        }
        format!("{}.{claims}", BASE64.encode(header.to_string()))
    };
    let keys = server.engine.jwks(&server.main_pool()).await.unwrap();
    let modulus = BASE64.decode(keys["keys"][0]["n"].as_str().unwrap()).unwrap();
    let hs256 = with(json!({ "alg": "HS256" }));
    let mac = sign(&Key::new(HMAC_SHA256, &modulus), hs256.as_bytes());
    let other = String::from_utf8(BASE64.decode(claims).unwrap()).unwrap().replace("fd42", "fd43");
    for (case, token) in [
        ("no signature", format!("{header}.{claims}.")),
        ("half a signature", format!("{header}.{claims}.{}", &signature[..171])),
        ("zeros", format!("{header}.{claims}.{}", BASE64.encode([0; 256]))),
        ("other claims", format!("{header}.{}.{signature}", BASE64.encode(other))),
        ("alg none", format!("{}.", with(json!({ "alg": "none" })))),
        ("alg None, signed", format!("{}.{signature}", with(json!({ "alg": "None" })))),
        ("HS256", format!("{hs256}.{}", BASE64.encode(mac))),
        ("unknown kid", format!("{}.{signature}", with(json!({ "kid": "x" })))),
        ("jku", format!("{}.{signature}", with(json!({ "jku": "https://evil.example.com" })))),
        ("another part", format!("{good}.{signature}")),
        ("padded", format!("{good}==")),
        ("one part", header.to_owned()),
        ("dots", "..".to_owned()),
        ("long", format!("{header}.{}.{signature}", "e30".repeat(100_000))),
    ] {
        let answer = partners(&server, &token, &[]).await;
        assert_eq!(answer.get("/error_code"), "TOKEN_INVALID", "{case}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{case}");
    }
    assert_eq!(partners(&server, &good, &[]).await.status, 200);
}

#[tokio::test]
async fn a_token_of_a_user_of_another_pool() {
    let server = TestServer::start().await;
    server.stranger(ALICE).await;
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": OTHER_CLIENT,
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let foreign = server.cognito().call("InitiateAuth", &body).await;
    let token = foreign.get("/AuthenticationResult/AccessToken");
    assert_eq!(partners(&server, &token, &[]).await.get("/error_code"), "TOKEN_INVALID");
}
