//! Whose tokens are a pool's: Amazon has several issuers for one pool.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Tenant;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const PARTNER: &str = "partner-id-acme";
const ADMINS: &str = "acme-admins";

/// A server before a pool whose discovery document names this issuer. It does not show tokens to "Amazon",
/// which accepts none of another issuer.
async fn server(issuer: &str) -> TestServer {
    let mut config = config(Path::new(""));
    config.issuer = issuer.to_owned();
    let how = AtAmazon { check_revocation: false, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config, how).await;
    let tenant = server.engine.tenant(TENANT).await.unwrap().unwrap();
    let edit = |tenant| Tenant { admin_group: Some(ADMINS.into()), ..tenant };
    server.engine.update_tenant(&operator(), &tenant.id, edit).await.unwrap();
    server.user(ALICE, &[PARTNER, TENANT_GROUP, ADMINS]).await;
    server
}

/// Amazon recommends that pools change their issuer. Tokens of before and after must work at once and at
/// every API, also at a server that has just started.
#[tokio::test]
async fn tokens_work_whichever_of_its_issuers_a_pool_has() {
    let mut rows = Vec::new();
    for issuer in [
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1",
        "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1",
        "https://issuer.example.com/eu-west-1_TestPool1",
        "https://made-up.example.com/eu-west-1_TestPool1",
        "https://issuer.example.com/eu-west-1_OtherPool",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OtherPool",
    ] {
        let server = server("https://issuer.example.com").await;
        let from_there = |token: &str| resigned(token, |claims| claims["iss"] = json!(issuer));
        let get = async |path: &str, client: &str| {
            let token = from_there(&token_at_amazon(&server, client).await);
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("x-preferred-partner-id", PARTNER)];
            server.bare("GET", path, &headers).await.status.as_u16()
        };
        let portal = get("/api/auth/me", PORTAL_CLIENT).await;
        let partner = get("/permissions", PARTNER_CLIENT).await;
        let body = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
        let login = server.json("POST", "/Login", &body).await;
        let token = from_there(&login.get("/cognitoToken/AuthenticationResult/AccessToken"));
        let headers = [("content-type", "application/json"), ("authorization", token.as_str())];
        let tenant = server.call("POST /Credentials", &headers, "{}").await.status.as_u16();
        rows.push(format!("{issuer}: portal {portal}, partner {partner}, tenant {tenant}"));
    }
    assert_snapshot!(rows.join("\n"), @r"
    https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1: portal 200, partner 200, tenant 200
    https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1: portal 200, partner 200, tenant 200
    https://issuer.example.com/eu-west-1_TestPool1: portal 200, partner 200, tenant 200
    https://made-up.example.com/eu-west-1_TestPool1: portal 401, partner 401, tenant 401
    https://issuer.example.com/eu-west-1_OtherPool: portal 401, partner 401, tenant 401
    https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OtherPool: portal 401, partner 401, tenant 401
    ");
}

/// An access token from the pool itself: nothing was learned when it was issued.
async fn token_at_amazon(server: &TestServer, client: &str) -> String {
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let tokens = server.cognito().admin("AdminInitiateAuth", &body).await;
    tokens.get("/AuthenticationResult/AccessToken")
}

/// While it cannot be found out whether an issuer is the pool's, its tokens are neither good nor bad. That
/// holds for those that the pool has signed; others are bad whoever issued them.
#[tokio::test]
async fn an_issuer_that_cannot_be_looked_up_is_no_wrong_token() {
    let how = AtAmazon { check_revocation: false, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[]).await;
    let signed_in = token_at_amazon(&server, PORTAL_CLIENT).await;
    let me = async |token: &str| {
        let bearer = format!("Bearer {token}");
        server.bare("GET", "/api/auth/me", &[("authorization", &bearer)]).await
    };
    let proxy = server.proxy();
    assert_eq!(me(&signed_in).await.status, 200);
    let new = "https://issuer.example.com/eu-west-1_TestPool1";
    let token = resigned(&signed_in, |claims| claims["iss"] = json!(new));
    let forged = format!("{}{}", &token[..token.len() - 8], "AAAAAAAA");
    let mut rows = Vec::new();
    for (when, fault, seconds) in [
        ("away", Fault::Status(500), 10),
        ("away, not asked again", Fault::Status(500), 1),
        ("back", Fault::None, 10),
        ("back, not asked again", Fault::None, 1),
    ] {
        proxy.set(fault);
        server.clock.advance(Duration::from_secs(seconds));
        for (whose, token) in [("the pool's", &token), ("forged", &forged)] {
            rows.push(format!("{when}, {whose}: {}", me(token).await.row(&[])));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    away, the pool's: 503 Service Unavailable {"detail":"Service unavailable"}
    away, forged: 401 Unauthorized {"detail":"Invalid token"}
    away, not asked again, the pool's: 503 Service Unavailable {"detail":"Service unavailable"}
    away, not asked again, forged: 401 Unauthorized {"detail":"Invalid token"}
    back, the pool's: 401 Unauthorized {"detail":"Invalid token"}
    back, forged: 401 Unauthorized {"detail":"Invalid token"}
    back, not asked again, the pool's: 401 Unauthorized {"detail":"Invalid token"}
    back, not asked again, forged: 401 Unauthorized {"detail":"Invalid token"}
    "#);
}

/// What the configuration file says is not learned.
#[tokio::test]
async fn an_issuer_that_the_file_names_is_the_only_one() {
    let how = AtAmazon { only_issuer: Some("https://issuer.example.com"), ..AtAmazon::default() };
    let mut rows = Vec::new();
    for issuer in ["https://issuer.example.com", "https://new.example.com"] {
        let mut config = config(Path::new(""));
        config.issuer = issuer.to_owned();
        let server = TestServer::at_amazon(config, how).await;
        server.user(ALICE, &[]).await;
        let body = json!({ "username": ALICE, "password": PASSWORD });
        let answer = server.json("POST", "/api/auth/login", &body).await;
        let text = if answer.status == 200 { "(signed in)" } else { &answer.text };
        rows.push(format!("{issuer}: {} {text}", answer.status));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    https://issuer.example.com: 200 OK (signed in)
    https://new.example.com: 500 Internal Server Error {"detail":"Login failed: Internal error"}
    "#);
}
