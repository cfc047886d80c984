//! Unknown paths and wrong methods.

use super::with_token;
use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn unknown_paths_and_wrong_methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in [
        "GET /api/auth",
        "GET /api/auth/login",
        "POST /api/auth/me/",
        "POST /api/auth/me//",
        "GET /api/auth/unknown",
        "GET /api/admin",
        "GET /admin",
        "GET /api/admin/unknown",
        "GET /admin/unknown",
        "PATCH /api/admin/users",
        "PATCH /admin/users/",
        "POST /admin/users/a",
        "GET /admin/users/a/enable",
        "PUT /api/admin/users/a/groups/b",
        "POST /admin/users//enable",
        "PUT /admin/groups",
        "GET /admin/groups/a",
    ] {
        rows.push(format!(
            "{line}: {}",
            with_token(&server, "x", line, &json!({})).await.row(&["allow"])
        ));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /api/auth: 404 Not Found {"detail":"Not Found"}
    GET /api/auth/login: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST
    POST /api/auth/me/: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD
    POST /api/auth/me//: 404 Not Found {"detail":"Not Found"}
    GET /api/auth/unknown: 404 Not Found {"detail":"Not Found"}
    GET /api/admin: 404 Not Found {"detail":"Not Found"}
    GET /admin: 404 Not Found {"detail":"Not Found"}
    GET /api/admin/unknown: 404 Not Found {"detail":"Not Found"}
    GET /admin/unknown: 404 Not Found {"detail":"Not Found"}
    PATCH /api/admin/users: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD,POST
    PATCH /admin/users/: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD,POST
    POST /admin/users/a: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD,PUT,DELETE
    GET /admin/users/a/enable: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST
    PUT /api/admin/users/a/groups/b: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: POST,DELETE
    POST /admin/users//enable: 401 Unauthorized {"detail":"Invalid token"}
    PUT /admin/groups: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: GET,HEAD,POST
    GET /admin/groups/a: 405 Method Not Allowed {"detail":"Method Not Allowed"} allow: DELETE
    "#);
}
