use crate::support::TestServer;
use insta::assert_snapshot;

const CORS: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "vary",
    "allow",
];
const ORIGIN: (&str, &str) = ("origin", "https://anywhere.example.com");

#[tokio::test]
async fn open_to_pages_of_any_origin() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in ["GET /status/", "GET /status", "HEAD /status/", "POST /status/"] {
        rows.push(format!("{line}: {}", server.call(line, &[ORIGIN], "").await.row(&CORS)));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /status/: 200 OK {"status":"ok"} access-control-allow-origin: *
    GET /status: 200 OK {"status":"ok"} access-control-allow-origin: *
    HEAD /status/: 200 OK  access-control-allow-origin: *
    POST /status/: 405 Method Not Allowed {"error_code":"METHOD_NOT_ALLOWED","message":"error.method_not_allowed"} allow: GET,HEAD
    "#);
}

#[tokio::test]
async fn preflights_elsewhere_are_refused() {
    let server = TestServer::start().await;
    let asked = [ORIGIN, ("access-control-request-method", "GET")];
    let mut rows = Vec::new();
    for path in ["/status/", "/status", "/auth", "/auth/refresh_token", "/partners/", "/auth/x"] {
        let answer = server.call(&format!("OPTIONS {path}"), &asked, "").await;
        rows.push(format!("{path}: {}", answer.row(&CORS)));
    }
    let bare = server.call("OPTIONS /partners/", &[], "").await;
    rows.push(format!("without origin: {}", bare.row(&CORS)));
    assert_snapshot!(rows.join("\n"), @r#"
    /status/: 204 No Content  access-control-allow-origin: * access-control-allow-methods: GET allow: GET,HEAD
    /status: 204 No Content  access-control-allow-origin: * access-control-allow-methods: GET allow: GET,HEAD
    /auth: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: POST
    /auth/refresh_token: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: POST
    /partners/: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: GET,HEAD
    /auth/x: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    without origin: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"} allow: GET,HEAD
    "#);
}
