//! Two partners, an administrator of each: what belongs to one, the other never sees nor changes.

use super::{
    ACME, ALICE, BOB, CAROL, FD42, PARTNER, access_token, administrator, edit_partner, grant_for,
};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper_faces::PartnerMount;
use serde_json::{Value, json};

/// Every endpoint that is for a partner, with a body that would do.
fn scoped() -> Vec<(&'static str, Value)> {
    vec![
        ("GET /partners", Value::Null),
        ("GET /permissions", Value::Null),
        ("GET /features", Value::Null),
        ("GET /auth/partners/users", Value::Null),
        ("POST /auth/partners/users", json!({ "email": "new@example.com", "password": PASSWORD })),
        ("PUT /auth/partners/users/{email}/disable", Value::Null),
        ("PUT /auth/partners/users/{email}/enable", Value::Null),
        ("PUT /auth/partners/users/{email}/groups", json!({ "groups": [] })),
    ]
}

/// Endpoints that are for no partner.
const UNSCOPED: [&str; 12] = [
    "POST /auth",
    "PUT /auth/challenge/mfa-token",
    "PUT /auth/challenge/new-password",
    "POST /auth/refresh_token",
    "POST /auth/forgot_password",
    "POST /auth/forgot_password/confirm",
    "POST /auth/partners/users/confirm",
    "GET /auth/mfa/settings",
    "PUT /auth/mfa/settings",
    "GET /auth/mfa/configure/totp",
    "PUT /auth/mfa/configure/totp",
    "GET /status",
];

/// Alice administers Acme's users, Bob those of the other partner, who is Carol.
async fn start() -> TestServer {
    let server = TestServer::start().await;
    administrator(&server, ALICE, ACME).await;
    administrator(&server, BOB, FD42).await;
    server.user(CAROL, &[FD42]).await;
    edit_partner(&server, FD42, |partner| {
        partner.features.insert("secret-feature".to_owned(), true);
        partner.name = "Secret Name".to_owned();
    })
    .await;
    grant_for(&server, "user-admins", "secret.permission", Some(FD42)).await;
    server
}

async fn send(
    server: &TestServer,
    line: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let authorization = format!("Bearer {token}");
    let json = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let text = if body.is_null() { String::new() } else { body.to_string() };
    server.call(line, &[&json, headers].concat(), text).await
}

#[tokio::test]
async fn every_endpoint_is_for_a_partner_or_for_none() {
    let mut served: Vec<_> = PartnerMount::routes()
        .into_iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let mut known: Vec<_> = scoped().iter().map(|(line, _)| (*line).to_owned()).collect();
    known.extend(UNSCOPED.map(str::to_owned));
    served.sort();
    known.sort();
    assert_eq!(served, known);
}

/// The other partner's id in the header, in every spelling, with one's own token.
#[tokio::test]
async fn a_foreign_partner_in_the_header() {
    let server = start().await;
    let token = access_token(&server, ALICE).await;
    for (line, body) in scoped() {
        let line = line.replace("{email}", CAROL);
        for (name, value) in [
            (PARTNER, FD42),
            (PARTNER, "FD42"),
            (PARTNER, "fd42 "),
            (PARTNER, "partner-id-acme,fd42"),
            (PARTNER, "fd42, partner-id-acme"),
            (PARTNER, "partner-id-nobody"),
            ("X-PREFERRED-PARTNER-ID", FD42),
        ] {
            let answer = send(&server, &line, &token, &[(name, value)], &body).await;
            let told = answer.row(&[]);
            assert_eq!(
                told,
                r#"403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}"#,
                "{line} {name}: {value}"
            );
        }
        let twice = [(PARTNER, ACME), (PARTNER, FD42)];
        let answer = send(&server, &line, &token, &twice, &body).await;
        assert_eq!(answer.get("/error_code"), "VALIDATION_ERROR", "{line}");
    }
    unharmed(&server).await;
}

/// The other partner's id everywhere else: there it counts for nothing.
#[tokio::test]
async fn a_foreign_partner_in_other_places() {
    let server = start().await;
    let token = access_token(&server, ALICE).await;
    for (line, mut body) in scoped() {
        let line = line.replace("{email}", CAROL);
        if let Some(members) = body.as_object_mut() {
            for name in ["partner", "partner_id", "partnerId", "X-Preferred-Partner-Id", "tenant"] {
                members.insert(name.to_owned(), json!(FD42));
            }
        }
        let query =
            format!("{line}?partner={FD42}&partner_id={FD42}&{PARTNER}={FD42}&email={CAROL}");
        let headers = [
            (PARTNER, ACME),
            ("x_preferred_partner_id", FD42),
            ("x-partner-id", FD42),
            ("x-tenant-id", FD42),
            ("x-forwarded-partner", FD42),
            ("cookie", "partner=fd42"),
        ];
        let answer = send(&server, &query, &token, &headers, &body).await;
        for secret in [FD42, "Secret Name", "secret-feature", "secret.permission", CAROL, BOB] {
            assert!(!answer.text.contains(secret), "{line}: {}", answer.text);
        }
        if line.contains(CAROL) {
            assert_eq!(answer.get("/error_code"), "NOT_FOUND", "{line}");
        } else {
            assert!(answer.status.is_success(), "{line}: {}", answer.text);
        }
    }
    unharmed(&server).await;
}

/// Paths that would lead elsewhere if somebody tidied them up.
#[tokio::test]
async fn tricks_with_paths() {
    let server = start().await;
    let token = access_token(&server, ALICE).await;
    let mut rows = Vec::new();
    for path in [
        "/auth/partners/users/alice@example.com/../carol@example.com/disable",
        "/auth/partners/users/..%2fcarol@example.com/disable",
        "/auth/partners/users/%2e%2e/users/carol@example.com/disable",
        "/auth/partners/users//carol@example.com/disable",
        "/auth/partners/users/carol@example.com;x=1/disable",
        "/auth/partners/users/carol@example.com/disable;x",
        "/auth/partners/users/carol%2540example.com/disable",
        "/auth/partners/users/carol@example.com%2fdisable",
        "/auth/partners/users/carol@example.com%00/disable",
        "/auth/partners/users/carol@example.com%20/disable",
        "/auth/partners/fd42/users/carol@example.com/disable",
        "/auth/partners/users/carol@example.com",
    ] {
        let answer = send(&server, &format!("PUT {path}"), &token, &[], &Value::Null).await;
        rows.push(format!("{path}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /auth/partners/users/alice@example.com/../carol@example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/..%2fcarol@example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/%2e%2e/users/carol@example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users//carol@example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com;x=1/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com/disable;x: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol%2540example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com%2fdisable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com%00/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com%20/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/fd42/users/carol@example.com/disable: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    /auth/partners/users/carol@example.com: 404 Not Found {"error_code":"NOT_FOUND","message":"error.not_found"}
    "#);
    unharmed(&server).await;
}

/// The permission to administer one partner's users is none for another's, even for members of it.
#[tokio::test]
async fn powers_over_one_partner_are_none_over_another() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[ACME, FD42]).await;
    grant_for(&server, "acme-admins", "user.manage", Some(ACME)).await;
    server.join(&alice, "acme-admins").await;
    server.user(CAROL, &[FD42]).await;
    let token = access_token(&server, ALICE).await;
    for (line, body) in scoped().into_iter().filter(|(line, _)| line.contains("users")) {
        let line = line.replace("{email}", CAROL);
        let answer = send(&server, &line, &token, &[(PARTNER, FD42)], &body).await;
        assert_eq!(answer.get("/error_code"), "PERMISSION_DENIED", "{line}");
        let answer = send(&server, &line, &token, &[(PARTNER, ACME)], &body).await;
        let foreign = line.contains(CAROL);
        assert_eq!(answer.status == 404, foreign, "{line}: {}", answer.text);
    }
}

/// A token that names a partner its user has left opens nothing, nor does one that does not name a
/// partner its user has joined.
#[tokio::test]
async fn the_token_and_the_membership_both_count() {
    let server = TestServer::start().await;
    let alice = administrator(&server, ALICE, ACME).await;
    let before = access_token(&server, ALICE).await;
    server.join(&alice, FD42).await;
    server.leave(&alice, ACME).await;
    for (line, body) in scoped() {
        let line = line.replace("{email}", CAROL);
        for headers in [&[] as &[_], &[(PARTNER, ACME)], &[(PARTNER, FD42)]] {
            let answer = send(&server, &line, &before, headers, &body).await;
            assert_eq!(answer.get("/error_code"), "PARTNER_FORBIDDEN", "{line} {headers:?}");
        }
    }
}

/// Nothing of the other partner's has changed: Carol signs in, and nobody was made.
async fn unharmed(server: &TestServer) {
    assert_eq!(super::auth(server, CAROL).await.status, 200);
    let token = access_token(server, BOB).await;
    let line = "GET /auth/partners/users";
    let page = send(server, line, &token, &[(PARTNER, FD42)], &Value::Null).await.json();
    assert_eq!(page["total"], json!(2));
}
