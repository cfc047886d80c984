//! How often callers may call.

use super::{
    ACME, ALICE, BOB, FD42, access_token, administrator, auth, call, call_for, configured,
};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper_faces::PartnerLimits;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;

async fn limited(limits: PartnerLimits) -> TestServer {
    configured(|api| api.limits = limits).await
}

#[tokio::test]
async fn attempts_count_by_address_wherever_they_are_made() {
    let attempts_per_address = NonZeroU32::new(7);
    let server = limited(PartnerLimits { attempts_per_address, ..PartnerLimits::NONE }).await;
    server.user(ALICE, &[ACME]).await;
    let endpoints = [
        "POST /auth",
        "PUT /auth/challenge/mfa-token",
        "PUT /auth/challenge/new-password",
        "POST /auth/refresh_token",
        "POST /auth/forgot_password",
        "POST /auth/forgot_password/confirm/",
        "POST /auth/partners/users/confirm",
    ];
    for line in endpoints {
        assert_eq!(server.call(line, &[], "").await.status, 400, "{line}");
    }
    for line in endpoints {
        assert_eq!(server.call(line, &[], "").await.status, 429, "{line}");
    }
    assert_snapshot!(auth(&server, ALICE).await.show_with(&["retry-after", "x-ratelimit-limit"]), @r#"
    429 Too Many Requests
    retry-after: 9
    x-ratelimit-limit: -
    {
      "error_code": "RATE_LIMITED",
      "message": "error.rate_limited"
    }
    "#);
    assert_eq!(server.bare("GET", "/status", &[]).await.status, 200);
    server.clock.advance(Duration::from_secs(9));
    let token = access_token(&server, ALICE).await;
    // What needs a token is nobody's attempt.
    for _ in 0..9 {
        assert_eq!(call(&server, "GET /partners", &token, &Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn reads_and_writes_count_by_partner() {
    let limits = PartnerLimits {
        reads_per_partner: NonZeroU32::new(3),
        writes_per_partner: NonZeroU32::new(1),
        ..PartnerLimits::NONE
    };
    let server = limited(limits).await;
    for (name, partner) in [(ALICE, ACME), (BOB, FD42)] {
        administrator(&server, name, partner).await;
    }
    let (acme, fd42) = (access_token(&server, ALICE).await, access_token(&server, BOB).await);
    for line in ["GET /partners", "GET /features", "GET /permissions/"] {
        assert_eq!(call(&server, line, &acme, &Value::Null).await.status, 200);
    }
    let body = json!({ "email": "new@example.com", "password": PASSWORD });
    let create = "POST /auth/partners/users";
    assert_eq!(call(&server, create, &acme, &body).await.status, 201);
    let mut rows = Vec::new();
    for (line, body) in [
        ("GET /partners", Value::Null),
        ("GET /auth/partners/users", Value::Null),
        (create, body.clone()),
        ("PUT /auth/partners/users/new@example.com/disable", Value::Null),
    ] {
        let answer = call(&server, line, &acme, &body).await;
        rows.push(format!("{line}: {}", answer.row(&["retry-after"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /partners: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 20
    GET /auth/partners/users: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 20
    POST /auth/partners/users: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 60
    PUT /auth/partners/users/new@example.com/disable: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 60
    "#);
    // One partner's flood is no other's.
    assert_eq!(call(&server, "GET /partners", &fd42, &Value::Null).await.status, 200);
    assert_eq!(call(&server, create, &fd42, &body).await.get("/error_code"), "USER_EXISTS");
    // A user's own settings are no partner's.
    assert_eq!(call(&server, "GET /auth/mfa/settings", &fd42, &Value::Null).await.status, 200);
    server.clock.advance(Duration::from_secs(20));
    assert_eq!(call(&server, "GET /partners", &acme, &Value::Null).await.status, 200);
}

/// A member's refused calls are the member's own: they keep no administrator from work (S8).
#[tokio::test]
async fn refused_calls_count_as_their_user_s_alone() {
    let limits = PartnerLimits {
        reads_per_partner: NonZeroU32::new(3),
        writes_per_partner: NonZeroU32::new(3),
        ..PartnerLimits::NONE
    };
    let server = limited(limits).await;
    administrator(&server, ALICE, ACME).await;
    server.user(BOB, &[ACME]).await;
    let (boss, member) = (access_token(&server, ALICE).await, access_token(&server, BOB).await);
    let create = json!({ "email": "new@example.com", "password": PASSWORD });
    let lines = [
        ("POST /auth/partners/users", create.clone()),
        ("PUT /auth/partners/users/alice@example.com/disable", Value::Null),
        ("PUT /auth/partners/users/alice@example.com/groups", json!({ "groups": [] })),
    ];
    for (line, body) in &lines {
        let answer = call(&server, line, &member, body).await;
        assert_eq!(answer.get("/error_code"), "PERMISSION_DENIED", "{line}");
    }
    for _ in 0..3 {
        let answer = call(&server, "GET /auth/partners/users", &member, &Value::Null).await;
        assert_eq!(answer.get("/error_code"), "PERMISSION_DENIED");
    }
    for (line, body) in &lines {
        assert_eq!(call(&server, line, &member, body).await.status, 429, "{line}");
    }
    // A partner that is not the member's is refused just as often.
    let foreign = call_for(&server, "GET /partners", &member, Some(FD42), &Value::Null).await;
    assert_eq!(foreign.status, 429);
    assert_eq!(call(&server, "POST /auth/partners/users", &boss, &create).await.status, 201);
    assert_eq!(call(&server, "GET /auth/partners/users", &boss, &Value::Null).await.status, 200);
}

/// Who is refused anyway uses up nobody else's allowance.
#[tokio::test]
async fn strangers_use_up_nothing() {
    let limits = PartnerLimits { reads_per_partner: NonZeroU32::new(1), ..PartnerLimits::NONE };
    let server = limited(limits).await;
    server.user(ALICE, &[ACME]).await;
    server.user(BOB, &[FD42]).await;
    let stranger = access_token(&server, BOB).await;
    for status in [403, 429, 429] {
        let answer = call_for(&server, "GET /partners", &stranger, Some(ACME), &Value::Null).await;
        assert_eq!(answer.status, status);
        assert_eq!(call(&server, "GET /partners", "garbage", &Value::Null).await.status, 401);
    }
    let token = access_token(&server, ALICE).await;
    assert_eq!(call(&server, "GET /partners", &token, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn when_to_come_again_can_be_kept_to_oneself() {
    let limits = PartnerLimits {
        attempts_per_address: NonZeroU32::new(1),
        retry_after: false,
        ..PartnerLimits::NONE
    };
    let server = limited(limits).await;
    auth(&server, ALICE).await;
    let answer = auth(&server, ALICE).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, None));
}
