//! Who gets in where: every route of the sign-in APIs, without and with each kind of token that is
//! none.

use crate::support::{PASSWORD, POOL, TENANT, TENANT_GROUP, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_faces::{PartnerMount, PortalMount, TenantMount};
use poolkeeper_pool::entity::Tenant;
use serde_json::json;
use std::time::Duration;

/// Routes that need a bearer token, by face.
const GUARDED: [(&str, &str); 17] = [
    ("partner", "GET /partners"),
    ("partner", "GET /permissions"),
    ("partner", "GET /features"),
    ("partner", "GET /auth/mfa/settings"),
    ("partner", "PUT /auth/mfa/settings"),
    ("partner", "GET /auth/mfa/configure/totp"),
    ("partner", "PUT /auth/mfa/configure/totp"),
    ("partner", "GET /auth/partners/users"),
    ("partner", "POST /auth/partners/users"),
    ("partner", "PUT /auth/partners/users/{email}/disable"),
    ("partner", "PUT /auth/partners/users/{email}/enable"),
    ("partner", "PUT /auth/partners/users/{email}/groups"),
    ("portal", "GET /api/auth/me"),
    ("portal", "POST /api/auth/change-password"),
    ("tenant", "POST /credentials"),
    ("tenant", "POST /credentials/create"),
    ("tenant", "POST /credentials/delete"),
];

/// Routes that need the bearer token of an administrator.
const ADMINISTRATIVE: [(&str, &str); 13] = [
    ("portal", "GET /api/admin/users"),
    ("portal", "POST /api/admin/users"),
    ("portal", "GET /api/admin/users/{username}"),
    ("portal", "PUT /api/admin/users/{username}"),
    ("portal", "DELETE /api/admin/users/{username}"),
    ("portal", "POST /api/admin/users/{username}/enable"),
    ("portal", "POST /api/admin/users/{username}/disable"),
    ("portal", "POST /api/admin/users/{username}/reset-password"),
    ("portal", "POST /api/admin/users/{username}/groups/{group_name}"),
    ("portal", "DELETE /api/admin/users/{username}/groups/{group_name}"),
    ("portal", "GET /api/admin/groups"),
    ("portal", "POST /api/admin/groups"),
    ("portal", "DELETE /api/admin/groups/{group_name}"),
];

/// Routes that are open to everybody on purpose: they take credentials, sessions, codes and refresh
/// tokens in their body, or tell nothing.
const OPEN: [(&str, &str); 24] = [
    ("partner", "POST /auth"),
    ("partner", "PUT /auth/challenge/mfa-token"),
    ("partner", "PUT /auth/challenge/new-password"),
    ("partner", "POST /auth/refresh_token"),
    ("partner", "POST /auth/forgot_password"),
    ("partner", "POST /auth/forgot_password/confirm"),
    ("partner", "POST /auth/partners/users/confirm"),
    ("partner", "GET /status"),
    ("portal", "GET /"),
    ("portal", "GET /health"),
    ("portal", "POST /api/auth/login"),
    ("portal", "POST /api/auth/complete-mfa"),
    ("portal", "POST /api/auth/complete-password-change"),
    ("portal", "POST /api/auth/refresh-token"),
    ("portal", "POST /api/auth/refresh"),
    ("portal", "POST /api/auth/logout"),
    ("portal", "POST /api/auth/forgot-password"),
    ("portal", "POST /api/auth/reset-password"),
    ("portal", "POST /api/auth/register"),
    ("portal", "POST /api/auth/verify"),
    ("tenant", "POST /login"),
    ("tenant", "POST /respondtochallenge"),
    ("tenant", "POST /refreshtoken"),
    ("tenant", "POST /logout"),
];

const ALICE: &str = "alice@example.com";

/// Tokens of one sign-in through a face: access, ID, refresh.
struct Tokens([String; 3]);

impl Tokens {
    async fn of(server: &TestServer, face: &str) -> Self {
        let body = json!({ "username": ALICE, "password": PASSWORD });
        let (path, body, [access, refresh]) = match face {
            "partner" => ("/auth", body, ["/AccessToken", "/RefreshToken"]),
            "portal" => ("/api/auth/login", body, ["/access_token", "/refresh_token"]),
            _ => {
                let user = json!({ "UserName": ALICE, "TenantName": TENANT, "Password": PASSWORD });
                let result = "/cognitoToken/AuthenticationResult";
                let names = ["AccessToken", "RefreshToken"].map(|name| format!("{result}/{name}"));
                let answer = server.json("POST", "/Login", &user).await;
                let [access, refresh] = names.map(|name| answer.get(&name));
                return Self([access, id_token(server, face).await, refresh]);
            }
        };
        let answer = server.json("POST", path, &body).await;
        Self([answer.get(access), id_token(server, face).await, answer.get(refresh)])
    }
}

/// A server with one user who may do everything.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    let acme = server.engine.tenant(TENANT).await.unwrap().unwrap();
    let admins = |tenant| Tenant { admin_group: Some("acme-admins".into()), ..tenant };
    server.engine.update_tenant(&operator(), &acme.id, admins).await.unwrap();
    let alice = server.user(ALICE, &["fd42", TENANT_GROUP, "acme-admins"]).await;
    server.join(&alice, "admin").await;
    server
}

/// What fits every guarded route: it is not read before it is known who calls.
fn fitting_body() -> String {
    json!({ "Name": "x", "ClientID": "x" }).to_string()
}

/// An ID token of the face's own client.
async fn id_token(server: &TestServer, client: &str) -> String {
    let body = json!({
        "UserPoolId": POOL,
        "ClientId": client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": PASSWORD },
    });
    let answer = server.cognito().admin("AdminInitiateAuth", &body).await;
    answer.get("/AuthenticationResult/IdToken")
}

#[tokio::test]
async fn every_route_is_guarded_or_open_on_purpose() {
    let faces = [
        ("partner", PartnerMount::routes()),
        ("portal", PortalMount::routes()),
        ("tenant", TenantMount::routes()),
    ];
    let mut served: Vec<_> = faces
        .iter()
        .flat_map(|(face, routes)| routes.iter().map(move |route| (*face, route)))
        .map(|(face, route)| (face, format!("{} {}", route.method, route.path)))
        .collect();
    let known = GUARDED.iter().chain(&ADMINISTRATIVE).chain(&OPEN);
    let mut known: Vec<_> = known.map(|(face, line)| (*face, (*line).to_owned())).collect();
    served.sort();
    known.sort();
    assert_eq!(served, known);
}

/// What each of a face's guarded routes answers to each kind of token that is none, and to one that
/// is: all of them the same.
async fn tried(face: &str) -> String {
    let server = server().await;
    let mut told = Vec::new();
    for (_, line) in GUARDED.iter().chain(&ADMINISTRATIVE).filter(|(guarded, _)| *guarded == face) {
        let rows = tried_at(&server, face, line).await;
        if told.is_empty() {
            told.clone_from(&rows);
        }
        assert_eq!(rows, told, "{line}");
    }
    told.join("\n")
}

async fn tried_at(server: &TestServer, face: &str, line: &str) -> Vec<String> {
    let Tokens([access, id, refresh]) = Tokens::of(server, face).await;
    let Tokens([ended, _, ended_refresh]) = Tokens::of(server, face).await;
    let revocation = json!({ "ClientId": face, "Token": ended_refresh });
    assert_eq!(server.cognito().call("RevokeToken", &revocation).await.status, 200);
    let foreign = server.cognito().sign_in(ALICE, PASSWORD).await;
    let foreign = foreign.get("/AuthenticationResult/AccessToken");
    let bearer = |token: &str| format!("Bearer {token}");
    let headers = ["www-authenticate", "access-control-allow-origin"];
    let mut rows = Vec::new();
    for (case, authorization) in [
        ("nothing", None),
        ("empty", Some(String::new())),
        ("no token", Some("Bearer".to_owned())),
        ("no scheme", Some(access.clone())),
        ("another scheme", Some(format!("Basic {access}"))),
        ("garbage", Some(bearer("garbage"))),
        ("ID token", Some(bearer(&id))),
        ("refresh token", Some(bearer(&refresh))),
        ("token of another client", Some(bearer(&foreign))),
        ("revoked", Some(bearer(&ended))),
        ("good", Some(bearer(&access))),
        ("expired", Some(bearer(&access))),
    ] {
        if case == "expired" {
            server.clock.advance(Duration::from_hours(1));
        }
        let given = authorization.as_deref().map(|text| ("authorization", text));
        let answer = server.call(&plain(line), given.as_slice(), fitting_body()).await;
        // The tenant API takes tokens without a scheme.
        let good = case == "good" || face == "tenant" && case == "no scheme";
        assert_eq!(answer.status != 401, good, "{line}, {case}");
        let told = if good { "let in".to_owned() } else { answer.row(&headers) };
        rows.push(format!("{case}: {told}"));
    }
    rows
}

/// A route with the names of its parameters as their values.
fn plain(line: &str) -> String {
    line.replace(['{', '}'], "")
}

#[tokio::test]
async fn tokens_that_are_none_at_the_partner_api() {
    assert_snapshot!(tried("partner").await, @r#"
    nothing: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    empty: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    no token: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    no scheme: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    another scheme: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    garbage: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    ID token: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    refresh token: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    token of another client: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    revoked: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    good: let in
    expired: 401 Unauthorized {"error_code":"TOKEN_EXPIRED","message":"error.auth.token_expired"} www-authenticate: Bearer
    "#);
}

#[tokio::test]
async fn tokens_that_are_none_at_the_portal_api() {
    assert_snapshot!(tried("portal").await, @r#"
    nothing: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    empty: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    no token: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    no scheme: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    another scheme: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    garbage: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    ID token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    refresh token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    token of another client: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    revoked: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    good: let in
    expired: 401 Unauthorized {"detail":"Token has expired"} www-authenticate: Bearer
    "#);
}

#[tokio::test]
async fn tokens_that_are_none_at_the_tenant_api() {
    assert_snapshot!(tried("tenant").await, @r#"
    nothing: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    empty: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    no token: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    no scheme: let in
    another scheme: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    garbage: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    ID token: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    refresh token: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    token of another client: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    revoked: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    good: let in
    expired: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    "#);
}

/// What a token says in other places than the header counts for nothing.
#[tokio::test]
async fn tokens_in_other_places() {
    let server = server().await;
    for (face, line) in GUARDED.into_iter().chain(ADMINISTRATIVE) {
        let Tokens([access, ..]) = Tokens::of(&server, face).await;
        let bearer = format!("Bearer {access}");
        let line = &plain(line);
        for header in ["apikey", "x-api-key", "cookie", "x-authorization", "proxy-authorization"] {
            let answer = server.call(line, &[(header, bearer.as_str())], fitting_body()).await;
            assert_eq!(answer.status, 401, "{line} {header}");
        }
        let query = format!("{line}?access_token={access}&apikey={access}&token={access}");
        assert_eq!(server.call(&query, &[], fitting_body()).await.status, 401, "{line}");
        let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
        assert_eq!(server.call(line, &twice, fitting_body()).await.status, 401, "{line}");
    }
}
