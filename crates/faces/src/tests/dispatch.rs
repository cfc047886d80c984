//! What belongs to no face, and what is shared between them.

use super::fake::Fake;
use super::{faces, router, send, send_json};
use crate::kit::{Endpoints, Mount, under};
use crate::{Faces, Peer, TrustedProxies, dispatching};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use poolkeeper_pool::ports::Unobserved;
use std::sync::Arc;
use tower::ServiceExt;

const GREETING: &str = r#"{"message":"Poolkeeper is running"}"#;

#[tokio::test]
async fn unknown_paths_are_nobodys() {
    let router = router();
    for path in ["/x", "//", "/auth", "/loginx", "/api/v33/auth", "/%6Cogin", "/inbox.htm"] {
        let reply = send(&router, &format!("GET {path}"), &[], "").await;
        reply.assert(404, r#"{"message":"Not Found"}"#);
    }
}

#[tokio::test]
async fn request_ids_are_echoed_if_they_are_harmless() {
    let router = router();
    let reply = send(&router, "GET /health", &["x-request-id: a.b-C_1"], "").await;
    assert_eq!(reply.header("x-request-id"), "a.b-C_1");
    let minted = "07070707-0707-4707-8707-070707070707";
    for headers in [&["x-request-id: a b"] as &[_], &["x-request-id: a", "x-request-id: b"], &[]] {
        let reply = send(&router, "GET /health", headers, "").await;
        assert_eq!(reply.header("x-request-id"), minted);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_root_is_shared() {
    let mut faces = faces(&Arc::new(Fake::default()));
    send(&router(), "GET /", &[], "").await.assert(200, GREETING);
    faces.cognito = Some(Router::new().route("/", post(|| async { "cognito" })));
    let router = faces.router();
    send(&router, "POST /", &[], "").await.assert(200, "cognito");
    send(&router, "GET /", &[], "").await.assert(200, GREETING);
    let reply = send(&router, "PUT /", &[], "").await;
    reply.assert(405, r#"{"message":"Method Not Allowed"}"#);
    assert_eq!(reply.header("allow"), "GET,HEAD,POST,OPTIONS");
}

/// Pages beside the tenant API, which knows their paths in any case.
fn pages_beside_the_tenant_api() -> Router {
    let mut tenant = faces(&Arc::new(Fake::default())).tenant.unwrap();
    tenant.cors_origins = vec!["https://app.example.com".to_owned()];
    let endpoints = Endpoints::new(not_found, not_found)
        .at(Method::GET, "/login", get(|| async { "page" }))
        .at(Method::GET, "/logout", get(|| async { "page" }));
    let claim = |path: &str| under("", &["/login", "/logout"], path);
    let pages = Mount::new(claim, endpoints.routes(), endpoints.finish(()));
    dispatching(vec![tenant.mount(), pages])
}

fn not_found() -> Response {
    crate::plain(StatusCode::NOT_FOUND)
}

#[tokio::test]
async fn faces_share_paths_by_methods() {
    let router = pages_beside_the_tenant_api();
    let needed = r#"{"message":"UserName, TenantName and Password are required: UserName is missing, TenantName is missing, Password is missing","error":"BadRequest"}"#;
    let refused = r#"{"message":"Method not allowed","error":"MethodNotAllowed"}"#;
    let shared = r#"{"message":"Method Not Allowed"}"#;
    let unknown = r#"{"message":"Not found","error":"NotFound"}"#;
    for (line, status, body, allow) in [
        ("GET /login", 200, "page", ""),
        ("GET /logout/", 200, "page", ""),
        ("HEAD /login", 200, "", ""),
        ("POST /login", 400, needed, ""),
        ("POST /Login", 400, needed, ""),
        ("GET /Login", 405, refused, "POST"),
        ("GET /credentials", 405, refused, "POST"),
        ("PUT /login", 405, shared, "POST,GET,HEAD"),
        ("OPTIONS /login", 405, shared, "POST,GET,HEAD"),
        ("GET /login/x", 404, unknown, ""),
        ("POST /login/x", 404, unknown, ""),
        ("GET /x", 404, unknown, ""),
    ] {
        let reply = send_json(&router, line, "{}").await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (status, body), "{line}");
        assert_eq!(reply.header("allow"), allow, "{line}");
    }
}

#[tokio::test]
async fn preflights_go_to_the_face_that_takes_the_method() {
    let router = pages_beside_the_tenant_api();
    let granted = async |method: &str| {
        let asked = format!("access-control-request-method: {method}");
        let headers = ["origin: https://app.example.com", asked.as_str()];
        let reply = send(&router, "OPTIONS /login", &headers, "").await;
        (reply.status.as_u16(), reply.header("access-control-allow-methods").to_owned())
    };
    assert_eq!(granted("POST").await, (204, "POST".to_owned()));
    for other in ["GET", "PUT"] {
        assert_eq!(granted(other).await.1, "", "{other}");
    }
}

#[tokio::test]
async fn faces_that_are_not_mounted_do_not_exist() {
    let fake = Arc::new(Fake::default());
    let router = Faces::new(fake.clone(), fake, Arc::new(Unobserved)).router();
    for line in ["GET /", "POST /Login", "POST /auth", "GET /inbox", "GET /openapi", "GET /health"]
    {
        send_json(&router, line, "{}").await.assert(404, r#"{"message":"Not Found"}"#);
    }
}

#[tokio::test]
async fn the_engine_hears_the_callers_address() {
    let fake = Arc::new(Fake::default());
    let mut faces = faces(&fake);
    faces.proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
    let router = faces.router();
    for peer in ["10.0.0.1", "203.0.113.5"] {
        let request = Request::post("/api/auth/login")
            .header("x-forwarded-for", "198.51.100.7")
            .extension(Peer(peer.parse().unwrap()))
            .body(Body::from(r#"{"username":"ada","password":"right"}"#))
            .unwrap();
        router.clone().oneshot(request).await.unwrap();
    }
    let addresses: Vec<_> =
        fake.addresses.lock().unwrap().iter().map(|seen| seen.clone().unwrap()).collect();
    assert_eq!(addresses, ["198.51.100.7", "203.0.113.5"]);
}
