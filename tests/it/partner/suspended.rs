//! Partners that are suspended.

use super::{
    ACME, ALICE, BOB, FD42, access_token, attempt, auth, call_for, edit_partner, refresh, session,
};
use crate::support::{TestServer, config};
use insta::assert_snapshot;
use poolkeeper_pool::entity::PartnerStatus;
use serde_json::Value;
use std::path::Path;

async fn set(server: &TestServer, id: &str, status: PartnerStatus) {
    edit_partner(server, id, |partner| partner.status = status).await;
}

#[tokio::test]
async fn users_without_another_partner_are_out_at_once() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    let before = auth(&server, ALICE).await;
    let (access, first) = (before.get("/AccessToken"), before.get("/RefreshToken"));
    set(&server, ACME, PartnerStatus::Suspended).await;
    let mut rows = vec![
        format!("sign in: {}", auth(&server, ALICE).await.row(&[])),
        format!("refresh: {}", refresh(&server, &first).await.row(&[])),
    ];
    for line in ["GET /partners", "GET /permissions", "GET /features", "GET /auth/partners/users"] {
        let answer = call_for(&server, line, &access, Some(ACME), &Value::Null).await;
        rows.push(format!("{line}: {}", answer.row(&["www-authenticate"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    sign in: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    refresh: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    GET /partners: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    GET /permissions: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    GET /features: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    GET /auth/partners/users: 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    "#);
    set(&server, ACME, PartnerStatus::Active).await;
    assert_eq!(refresh(&server, &first).await.status, 200);
    assert_eq!(auth(&server, ALICE).await.status, 200);
    let answer = call_for(&server, "GET /partners", &access, None, &Value::Null).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn it_is_told_to_who_has_the_password_alone() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    server.totp_user(BOB, &[ACME]).await;
    let half_way = session(&server, BOB).await;
    set(&server, ACME, PartnerStatus::Suspended).await;
    let wrong = attempt(&server, ALICE, "wrong").await;
    assert_eq!(wrong.get("/error_code"), "INVALID_CREDENTIALS");
    let code = server.totp_code();
    let answer = super::app_code(&server, BOB, &half_way, &code).await;
    assert_eq!(answer.get("/error_subcode"), "SUSPENDED");
}

#[tokio::test]
async fn other_partners_are_untouched() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME, FD42]).await;
    server.user(BOB, &[FD42]).await;
    set(&server, ACME, PartnerStatus::Suspended).await;
    let mut rows = Vec::new();
    for name in [ALICE, BOB] {
        let token = access_token(&server, name).await;
        for partner in [None, Some(ACME), Some(FD42)] {
            let answer = call_for(&server, "GET /partners", &token, partner, &Value::Null).await;
            let told = if answer.status == 200 { answer.get("/id") } else { answer.row(&[]) };
            rows.push(format!("{name} {partner:?}: {told}"));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    alice@example.com None: fd42
    alice@example.com Some("partner-id-acme"): 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","error_subcode":"SUSPENDED","message":"error.partner.forbidden"}
    alice@example.com Some("fd42"): fd42
    bob@example.com None: fd42
    bob@example.com Some("partner-id-acme"): 403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    bob@example.com Some("fd42"): fd42
    "#);
    // Users of no partner at all are none of a suspended one.
    server.user("carol@example.com", &[]).await;
    assert_eq!(auth(&server, "carol@example.com").await.status, 200);
}

/// What is suspended by a command stays so when the server starts again, unless the file says.
#[tokio::test]
async fn a_suspension_lasts() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    set(&server, ACME, PartnerStatus::Suspended).await;
    let mut config = config(Path::new(""));
    poolkeeper::wire::declare(&server.engine, &config).await.unwrap();
    assert_eq!(auth(&server, ALICE).await.get("/error_subcode"), "SUSPENDED");
    config.partners[0].keeps_status = false;
    poolkeeper::wire::declare(&server.engine, &config).await.unwrap();
    assert_eq!(auth(&server, ALICE).await.status, 200);
}
