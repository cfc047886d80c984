//! The documents of the sign-in APIs, and the pages to read them.

use crate::support::{TestServer, config};
use insta::assert_snapshot;
use poolkeeper_faces::{ApiDocs, PartnerMount, PortalMount, Route, TenantMount};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

const HEADERS: [&str; 5] =
    ["content-type", "content-security-policy", "referrer-policy", "cache-control", "allow"];

/// Routes that are other spellings of documented ones.
const OTHER_SPELLINGS: [&str; 1] = ["POST /api/auth/refresh"];

async fn document(server: &TestServer, name: &str) -> Value {
    server.bare("GET", &format!("/openapi/{name}.json"), &[]).await.json()
}

/// Methods and paths of a document, in lower case.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, value)| (format!("{method} {path}").to_lowercase(), value))
    });
    operations.collect()
}

#[tokio::test]
async fn the_index_names_the_faces() {
    let server = TestServer::start().await;
    let index = server.bare("GET", "/openapi", &[]).await;
    let shown = index.show_with(&HEADERS);
    let lines: Vec<_> = shown.lines().filter(|line| !line.starts_with("<p>")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    200 OK
    content-type: text/html; charset=utf-8
    content-security-policy: default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    referrer-policy: no-referrer
    cache-control: no-store
    allow: -
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>APIs</title>
    <link rel="stylesheet" href="/openapi/page.css">
    <h1>APIs</h1>
    <article>
    <h3><a href="/openapi/partner">Partner API</a></h3>
    </article>
    <article>
    <h3><a href="/openapi/portal">Portal API</a></h3>
    </article>
    <article>
    <h3><a href="/openapi/tenant">Tenant API</a></h3>
    </article>
    "#);
    assert_eq!(server.bare("GET", "/openapi/", &[]).await.text, index.text);
}

#[tokio::test]
async fn pages_show_the_document_and_run_nothing() {
    let server = TestServer::start().await;
    for (name, shown) in [
        ("partner", "<code class=\"path\">/auth/challenge/mfa-token</code>"),
        ("portal", "<code>requires_password_change</code>"),
        ("tenant", "<code>cognitoToken.AuthenticationResult.IdToken</code>"),
    ] {
        let page = server.bare("GET", &format!("/openapi/{name}"), &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
        assert!(page.text.contains(shown), "{}", page.text);
        for foreign in ["<script", "style=", "http://", "onclick"] {
            assert!(!page.text.contains(foreign), "{name} {foreign}");
        }
    }
    let style = server.bare("GET", "/openapi/page.css", &[]).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(!style.text.contains("url("), "{}", style.text);
}

#[tokio::test]
async fn unknown_documents_are_not_found() {
    let server = TestServer::start().await;
    let mut told = Vec::new();
    for name in ["nothing", "nothing.json", "Portal", "%FF", "%F0%9F.json", "%00"] {
        told.push(server.bare("GET", &format!("/openapi/{name}"), &[]).await.row(&HEADERS[..1]));
    }
    told.dedup();
    assert_snapshot!(told.join("\n"), @r#"404 Not Found {"message":"Not Found"} content-type: application/json"#);
}

#[tokio::test]
async fn every_route_is_documented() {
    let server = TestServer::start().await;
    for (name, routes) in [
        ("partner", PartnerMount::routes()),
        ("portal", PortalMount::routes()),
        ("tenant", TenantMount::routes()),
    ] {
        let document = document(&server, name).await;
        let line = |Route { method, path }: &Route| format!("{method} {path}");
        let known = routes.iter().map(line).filter(|line| !OTHER_SPELLINGS.contains(&&**line));
        let mut known: Vec<_> = known.map(|line| line.to_lowercase()).collect();
        let operations = operations(&document);
        let mut documented: Vec<_> = operations.iter().map(|(line, _)| line.clone()).collect();
        known.sort();
        documented.sort();
        assert_eq!(documented, known);
        let ids: HashSet<_> =
            operations.iter().map(|(_, value)| value["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), operations.len(), "{name}: two operations with one summary");
    }
}

#[tokio::test]
async fn operations_say_how_they_fail() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for name in ["partner", "portal", "tenant"] {
        for (line, value) in operations(&document(&server, name).await) {
            let statuses: Vec<_> =
                value["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            let bearer = if value["security"].is_null() { "" } else { ", with a token" };
            rows.push(format!("{line}{bearer}: {}", statuses.join(" ")));
        }
    }
    assert_snapshot!(rows.join("\n"), @r"
    post /auth: 200 400 401 403 405 413 421 429 500 503
    put /auth/challenge/mfa-token: 200 400 401 403 405 413 421 429 500 503
    put /auth/challenge/new-password: 200 400 401 403 405 413 421 429 500 503
    post /auth/forgot_password: 204 400 405 413 421 429 500 503
    post /auth/forgot_password/confirm: 204 400 405 413 421 429 500 503
    get /auth/mfa/configure/totp, with a token: 200 401 403 405 409 421 429 500 503
    put /auth/mfa/configure/totp, with a token: 200 400 401 403 405 409 413 421 429 500 503
    get /auth/mfa/settings, with a token: 200 401 403 405 421 429 500 503
    put /auth/mfa/settings, with a token: 200 400 401 403 405 413 421 429 500 503
    get /auth/partners/users, with a token: 200 400 401 403 404 405 421 429 500 503
    post /auth/partners/users, with a token: 201 400 401 403 404 405 409 413 421 429 500 503
    post /auth/partners/users/confirm: 204 400 405 409 413 421 429 500 503
    put /auth/partners/users/{email}/disable, with a token: 204 400 401 403 404 405 421 429 500 503
    put /auth/partners/users/{email}/enable, with a token: 204 400 401 403 404 405 421 429 500 503
    put /auth/partners/users/{email}/groups, with a token: 204 400 401 403 404 405 413 421 429 500 503
    post /auth/refresh_token: 200 400 401 403 405 413 421 429 500 503
    get /features, with a token: 200 400 401 403 404 405 421 429 500 503
    get /partners, with a token: 200 400 401 403 404 405 421 429 500 503
    get /permissions, with a token: 200 400 401 403 404 405 421 429 500 503
    get /status: 200 405 421
    get /: 200 405 421
    get /api/admin/groups, with a token: 200 401 403 405 421 429 500 503
    post /api/admin/groups, with a token: 200 400 401 403 405 413 421 422 429 500 503
    delete /api/admin/groups/{group_name}, with a token: 200 400 401 403 404 405 421 429 500 503
    get /api/admin/users, with a token: 200 400 401 403 405 421 422 429 500 503
    post /api/admin/users, with a token: 200 400 401 403 405 413 421 422 429 500 503
    delete /api/admin/users/{username}, with a token: 200 401 403 404 405 409 421 429 500 503
    get /api/admin/users/{username}, with a token: 200 401 403 404 405 421 429 500 503
    put /api/admin/users/{username}, with a token: 200 400 401 403 404 405 409 413 421 422 429 500 503
    post /api/admin/users/{username}/disable, with a token: 200 401 403 404 405 409 421 429 500 503
    post /api/admin/users/{username}/enable, with a token: 200 401 403 404 405 421 429 500 503
    delete /api/admin/users/{username}/groups/{group_name}, with a token: 200 401 403 404 405 409 421 429 500 503
    post /api/admin/users/{username}/groups/{group_name}, with a token: 200 401 403 404 405 421 429 500 503
    post /api/admin/users/{username}/reset-password, with a token: 200 400 401 403 404 405 413 421 422 429 500 503
    post /api/auth/change-password, with a token: 200 400 401 405 413 421 422 429 500 503
    post /api/auth/complete-mfa: 200 400 401 404 405 413 421 422 429 500 503
    post /api/auth/complete-password-change: 200 400 401 405 413 421 422 429 500 503
    post /api/auth/forgot-password: 200 400 404 405 413 421 422 429 500 503
    post /api/auth/login: 200 400 401 405 413 421 422 500 503
    post /api/auth/logout: 200 405 421
    get /api/auth/me, with a token: 200 401 405 421 429 500 503
    post /api/auth/refresh-token: 200 400 401 405 413 421 422 429 500 503
    post /api/auth/register: 201 400 404 405 409 413 421 422 429 500 503
    post /api/auth/reset-password: 200 400 404 405 413 421 422 429 500 503
    post /api/auth/verify: 200 400 404 405 413 421 422 429 500 503
    get /health: 200 405 421
    post /credentials, with a token: 200 400 401 403 405 413 421 429 500 503
    post /credentials/create, with a token: 200 400 401 403 405 409 413 421 429 500 503
    post /credentials/delete, with a token: 200 400 401 403 404 405 413 421 429 500 503
    post /login: 200 400 401 403 405 413 421 429 500 503
    post /logout: 204 405 421 429 500 503
    post /refreshtoken: 200 400 401 405 413 421 429 500 503
    post /respondtochallenge: 200 400 401 405 409 413 421 429 500 503
    ");
}

#[tokio::test]
async fn only_faces_that_are_there_are_described_under_their_prefix() {
    let mut config = config(Path::new(""));
    config.portal_api = None;
    config.partner_api.as_mut().unwrap().prefix = "/api/v3".to_owned();
    let server = TestServer::with(config).await;
    assert_eq!(server.bare("GET", "/openapi/portal", &[]).await.status, 404);
    assert_eq!(server.bare("GET", "/openapi/portal.json", &[]).await.status, 404);
    assert!(!server.bare("GET", "/openapi", &[]).await.text.contains("portal"));
    let partner = document(&server, "partner").await;
    assert!(partner["paths"].as_object().unwrap().keys().all(|path| path.starts_with("/api/v3/")));
}

#[tokio::test]
async fn nothing_is_served_unless_it_is_switched_on() {
    let mut config = config(Path::new(""));
    config.openapi = false;
    let server = TestServer::with(config).await;
    for Route { path, .. } in ApiDocs::routes() {
        let answer = server.bare("GET", &path.replace("{name}", "partner.json"), &[]).await;
        let expected = (404, r#"{"message":"Not Found"}"#);
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), expected, "{path}");
    }
}

#[tokio::test]
async fn mistaken_paths_and_methods() {
    let server = TestServer::start().await;
    for path in ["/openapi/x", "/openapi/x.json", "/openapi/partner.html", "/openapi/a/b"] {
        assert_eq!(server.bare("GET", path, &[]).await.status, 404, "{path}");
    }
    let answer = server.bare("POST", "/openapi/partner.json", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET,HEAD")));
}

/// Where its original has them. Without a prefix of its own, no other API has these paths.
#[tokio::test]
async fn the_portal_describes_itself_where_its_original_does() {
    for prefix in ["", "/portal"] {
        let mut config = config(Path::new(""));
        config.portal_api.as_mut().unwrap().prefix = prefix.to_owned();
        let server = TestServer::with(config).await;
        let known = server.bare("GET", "/openapi/portal", &[]).await;
        for path in ["/docs", "/redoc", "/docs/"] {
            let page = server.bare("GET", &format!("{prefix}{path}"), &[]).await;
            assert_eq!((page.status.as_u16(), &page.text), (200, &known.text), "{path}");
            for name in ["content-type", "content-security-policy"] {
                assert_eq!(page.header(name), known.header(name), "{path}");
            }
        }
        let known = server.bare("GET", "/openapi/portal.json", &[]).await;
        let document = server.bare("GET", &format!("{prefix}/openapi.json"), &[]).await;
        assert_eq!((document.status.as_u16(), &document.text), (200, &known.text));
        let refused = server.bare("POST", &format!("{prefix}/docs"), &[]).await;
        let words = r#"405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD"#;
        assert_eq!(refused.row(&["allow"]), words);
        assert_eq!(server.bare("GET", &format!("{prefix}/docs/x"), &[]).await.status, 404);
    }
}

#[tokio::test]
async fn the_portal_does_not_describe_itself_unless_it_is_switched_on() {
    let mut config = config(Path::new(""));
    config.openapi = false;
    let server = TestServer::with(config).await;
    for path in ["/docs", "/redoc", "/openapi.json"] {
        let answer = server.bare("GET", path, &[]).await;
        assert_eq!(answer.row(&[]), r#"404 Not Found {"detail":"Not Found"}"#, "{path}");
    }
}
