use super::{ALICE, configured};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper_faces::PortalTexts;
use serde_json::json;

#[tokio::test]
async fn up() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in ["GET /", "HEAD /", "GET /health", "GET /health/", "HEAD /health"] {
        rows.push(format!("{line}: {}", server.call(line, &[], "").await.row(&["content-type"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /: 200 OK {"message":"IGAD Innovation Hub API is running"} content-type: application/json
    HEAD /: 200 OK  content-type: application/json
    GET /health: 200 OK {"service":"igad-innovation-hub","status":"healthy"} content-type: application/json
    GET /health/: 200 OK {"service":"igad-innovation-hub","status":"healthy"} content-type: application/json
    HEAD /health: 200 OK  content-type: application/json
    "#);
}

#[tokio::test]
async fn by_default_the_texts_are_nobodys() {
    let server = configured(|api| api.texts = PortalTexts::default()).await;
    server.user(ALICE, &[]).await;
    let login = json!({ "username": ALICE, "password": PASSWORD });
    let login = server.json("POST", "/api/auth/login", &login).await;
    let rows = [
        server.call("GET /", &[], "").await.row(&[]),
        server.call("GET /health", &[], "").await.row(&[]),
        login.get("/user/name"),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK {"message":"Poolkeeper is running"}
    200 OK {"service":"poolkeeper","status":"healthy"}
    User
    "#);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in [
        "GET /api/auth/login",
        "PUT /api/auth/login/",
        "POST /api/auth/me",
        "POST /health",
        "PUT /",
        "GET /api/auth",
        "POST /api/auth/register",
        "POST /api/auth/verify",
        "POST /api/auth/login/x",
        "GET /health/x",
    ] {
        rows.push(format!("{line}: {}", server.call(line, &[], "").await.row(&["allow"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /api/auth/login: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST
    PUT /api/auth/login/: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST
    POST /api/auth/me: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    POST /health: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    PUT /: 405 Method Not Allowed {"message":"Method Not Allowed"} allow: GET,HEAD,POST,OPTIONS
    GET /api/auth: 404 Not Found {"detail":"Not Found"}
    POST /api/auth/register: 404 Not Found {"detail":"Not Found"}
    POST /api/auth/verify: 404 Not Found {"detail":"Not Found"}
    POST /api/auth/login/x: 404 Not Found {"detail":"Not Found"}
    GET /health/x: 404 Not Found {"detail":"Not Found"}
    "#);
}
