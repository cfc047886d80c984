//! Who gets in where: every route of the partner and the portal API, without and with each kind of
//! token that is none.

use crate::support::{PASSWORD, POOL, TestServer};
use insta::assert_snapshot;
use poolkeeper_faces::{PartnerMount, PortalMount, TenantMount};
use serde_json::json;
use std::time::Duration;

/// Routes that need a bearer token, by face.
const GUARDED: [(&str, &str); 13] = [
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
];

/// Routes that are open to everybody on purpose: they take credentials, sessions and refresh
/// tokens in their body, or tell nothing.
const OPEN: [(&str, &str); 16] = [
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
    ("portal", "POST /api/auth/complete-password-change"),
    ("portal", "POST /api/auth/refresh-token"),
    ("portal", "POST /api/auth/refresh"),
    ("portal", "POST /api/auth/logout"),
    ("tenant", "POST /login"),
];

const ALICE: &str = "alice@example.com";

/// Tokens of one sign-in through a face: access, ID, refresh.
struct Tokens([String; 3]);

impl Tokens {
    async fn of(server: &TestServer, face: &str) -> Self {
        let body = json!({ "username": ALICE, "password": PASSWORD });
        let (path, [access, refresh]) = match face {
            "partner" => ("/auth", ["/AccessToken", "/RefreshToken"]),
            _ => ("/api/auth/login", ["/access_token", "/refresh_token"]),
        };
        let answer = server.json("POST", path, &body).await;
        Self([answer.get(access), id_token(server, face).await, answer.get(refresh)])
    }
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
    let mut known: Vec<_> =
        GUARDED.iter().chain(&OPEN).map(|(face, line)| (*face, (*line).to_owned())).collect();
    served.sort();
    known.sort();
    assert_eq!(served, known);
}

#[tokio::test]
async fn tokens_that_are_none() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    let mut rows: Vec<String> = Vec::new();
    for (face, line) in GUARDED {
        let mut told_here = Vec::new();
        let Tokens([access, id, refresh]) = Tokens::of(&server, face).await;
        let Tokens([ended, _, ended_refresh]) = Tokens::of(&server, face).await;
        let revocation = json!({ "ClientId": face, "Token": ended_refresh });
        assert_eq!(server.cognito().call("RevokeToken", &revocation).await.status, 200);
        let foreign = server.cognito().sign_in(ALICE, PASSWORD).await;
        let foreign = foreign.get("/AuthenticationResult/AccessToken");
        let bearer = |token: &str| format!("Bearer {token}");
        let headers = ["www-authenticate", "access-control-allow-origin"];
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
            let answer = server.call(line, given.as_slice(), "").await;
            assert_eq!(answer.status != 401, case == "good", "{line}, {case}");
            let told = if case == "good" { "let in".to_owned() } else { answer.row(&headers) };
            told_here.push(format!("{face}, {case}: {told}"));
        }
        // All endpoints of a face say the same.
        if rows.iter().any(|row| row.starts_with(face)) {
            assert!(told_here.iter().all(|row| rows.contains(row)), "{line}: {told_here:#?}");
        } else {
            rows.extend(told_here);
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    partner, nothing: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    partner, empty: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    partner, no token: 401 Unauthorized {"error_code":"TOKEN_MISSING","message":"error.auth.token_missing"} www-authenticate: Bearer
    partner, no scheme: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, another scheme: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, garbage: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, ID token: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, refresh token: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, token of another client: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, revoked: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    partner, good: let in
    partner, expired: 401 Unauthorized {"error_code":"TOKEN_EXPIRED","message":"error.auth.token_expired"} www-authenticate: Bearer
    portal, nothing: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    portal, empty: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    portal, no token: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    portal, no scheme: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    portal, another scheme: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    portal, garbage: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    portal, ID token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    portal, refresh token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    portal, token of another client: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    portal, revoked: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    portal, good: let in
    portal, expired: 401 Unauthorized {"detail":"Token has expired"} www-authenticate: Bearer
    "#);
}

/// What a token says in other places than the header counts for nothing.
#[tokio::test]
async fn tokens_in_other_places() {
    let server = TestServer::start().await;
    server.user(ALICE, &["fd42"]).await;
    for (face, line) in GUARDED {
        let Tokens([access, ..]) = Tokens::of(&server, face).await;
        let bearer = format!("Bearer {access}");
        for header in ["apikey", "x-api-key", "cookie", "x-authorization", "proxy-authorization"] {
            let answer = server.call(line, &[(header, bearer.as_str())], "").await;
            assert_eq!(answer.status, 401, "{line} {header}");
        }
        let query = format!("{line}?access_token={access}&apikey={access}&token={access}");
        assert_eq!(server.call(&query, &[], "").await.status, 401, "{line}");
        let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
        assert_eq!(server.call(line, &twice, "").await.status, 401, "{line}");
    }
}
