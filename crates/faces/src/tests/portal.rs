use super::fake::Fake;
use super::{Reply, faces, router, send, send_json};
use std::sync::Arc;

const CHALLENGE: &str = r#"{"access_token":"","token_type":"bearer","user":{"user_id":"","email":"temp","role":"user","name":"User","is_admin":false},"expires_in":0,"requires_password_change":true,"session":"SESSION","username":"temp","message":"Password change required"}"#;

async fn login(username: &str) -> Reply {
    let body = format!(r#"{{"username":"{username}","password":"right"}}"#);
    send_json(&router(), "POST /api/auth/login", &body).await
}

fn detail(text: &str) -> String {
    format!(r#"{{"detail":"{text}"}}"#)
}

fn complete(username: &str, email: &str, role: &str) -> String {
    let _ = username;
    let is_admin = role == "admin";
    format!(
        r#"{{"access_token":"ACCESS","refresh_token":"REFRESH","token_type":"bearer","user":{{"user_id":"sub-1","email":"{email}","role":"{role}","name":"Ada L","is_admin":{is_admin}}},"expires_in":3600}}"#
    )
}

#[tokio::test]
async fn a_login_completes_or_asks_for_a_new_password() {
    login(" ad%61 ").await.assert(200, &complete("ada", "ada@example.com", "user"));
    login("temp").await.assert(200, CHALLENGE);
    login("Temp").await.assert(200, &complete("Temp", "Temp@example.com", "user"));
}

#[tokio::test]
async fn administrators_are_on_the_list_or_in_the_group() {
    login("chief").await.assert(200, &complete("chief", "chief@example.com", "admin"));
    login("root").await.assert(200, &complete("root", "root@example.com", "admin"));
    // An address of an administrator that is not verified makes nobody one.
    login("sly").await.assert(200, &complete("sly", "chief@example.com", "user"));
}

#[tokio::test]
async fn refusals_are_worded_as_documented() {
    let cases = [
        ("nobody", 401, "User not found"),
        ("locked", 401, "Invalid credentials"),
        ("disabled", 401, "Invalid credentials"),
        ("unconfirmed", 500, "Authentication error: UserNotConfirmedException"),
        ("reset", 500, "Authentication error: PasswordResetRequiredException"),
        ("totp", 500, "Authentication error: SOFTWARE_TOKEN_MFA"),
        ("busy", 500, "Authentication error: TooManyRequestsException"),
        ("misfit", 500, "Login failed: Internal error"),
        ("damaged", 500, "Login failed: Internal error"),
        ("broken", 503, "Login failed: Service unavailable"),
    ];
    for (username, status, text) in cases {
        login(username).await.assert(status, &detail(text));
    }
    let body = r#"{"username":"ada","password":"wrong"}"#;
    let reply = send_json(&router(), "POST /api/auth/login", body).await;
    reply.assert(401, &detail("Invalid credentials"));
}

#[tokio::test]
async fn unknown_users_can_be_hidden() {
    let mut faces = faces(&Arc::new(Fake::default()));
    faces.portal.as_mut().unwrap().expose_unknown_users = false;
    let body = r#"{"username":"nobody","password":"right"}"#;
    let reply = send_json(&faces.router(), "POST /api/auth/login", body).await;
    reply.assert(401, &detail("Invalid credentials"));
}

#[tokio::test]
async fn bodies_are_checked_as_pydantic_does() {
    let missing = r#"{"detail":[{"input":null,"loc":["body"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}"#;
    let two = r#"{"detail":[{"input":7,"loc":["body","username"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":{"passwd":"**********","username":7},"loc":["body","password"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"}]}"#;
    let not_json = r#"{"detail":[{"ctx":{"error":"Expecting value"},"input":{},"loc":["body",12],"msg":"JSON decode error","type":"json_invalid"}]}"#;
    let not_an_object = r#"{"detail":[{"input":"**********","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","type":"model_attributes_type","url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"}]}"#;
    let cases = [
        ("", missing),
        ("null", missing),
        (r#"{"username":7,"passwd":"hunter2"}"#, two),
        (r#"{"username":}"#, not_json),
        (r#"["hunter2"]"#, not_an_object),
    ];
    let router = router();
    for (body, expected) in cases {
        send_json(&router, "POST /api/auth/login", body).await.assert(422, expected);
    }
    let reply = send(&router, "POST /api/auth/login", &["content-type: text/plain"], "{}").await;
    reply.assert(422, not_an_object);
    let large = send_json(&router, "POST /api/auth/login", &" ".repeat(1024 * 1024 + 1)).await;
    large.assert(413, &detail("Request too large"));
}

#[tokio::test]
async fn a_password_change_is_completed() {
    let router = router();
    let change = |session: &str, password: &str| {
        let body =
            format!(r#"{{"username":"ada","session":"{session}","new_password":"{password}"}}"#);
        let router = router.clone();
        async move { send_json(&router, "POST /api/auth/complete-password-change", &body).await }
    };
    let expected = complete("ada", "ada@example.com", "user").replace(
        r#""expires_in":3600"#,
        r#""expires_in":3600,"message":"Password changed successfully""#,
    );
    change("SESSION", "123456").await.assert(200, &expected);
    let cases = [
        ("SESSION", "short", 400, "Password does not meet requirements"),
        ("SESSION", "more", 500, "Password change error: SOFTWARE_TOKEN_MFA"),
        ("old", "123456", 401, "Invalid session or credentials"),
        ("forged", "123456", 500, "Password change error: CodeMismatchException"),
    ];
    for (session, password, status, text) in cases {
        change(session, password).await.assert(status, &detail(text));
    }
}

#[tokio::test]
async fn a_refresh_hands_the_token_back() {
    let router = router();
    let expected = r#"{"access_token":"ACCESS","refresh_token":"REFRESH","token_type":"bearer","expires_in":3600,"user":{"user_id":"sub-1","email":"ada@example.com","role":"user","name":"Ada L","is_admin":false}}"#;
    for path in ["/api/auth/refresh-token", "/api/auth/refresh", "/api/auth/refresh/"] {
        let line = format!("POST {path}");
        send_json(&router, &line, r#"{"refresh_token":"REFRESH"}"#).await.assert(200, expected);
        let refused = send_json(&router, &line, r#"{"refresh_token":""}"#).await;
        refused.assert(401, &detail("Invalid refresh token"));
    }
}

#[tokio::test]
async fn a_logout_always_succeeds_and_revokes_what_it_is_given() {
    let fake = Arc::new(Fake::default());
    let router = faces(&fake).router();
    let expected = r#"{"message":"Logged out successfully"}"#;
    for body in ["", "{", "[]", r#"{"refresh_token":7}"#, r#"{"refresh_token":"R"}"#] {
        send_json(&router, "POST /api/auth/logout", body).await.assert(200, expected);
    }
    assert_eq!(*fake.revoked.lock().unwrap(), ["R".into()]);
}

#[tokio::test]
async fn a_token_tells_who_is_calling() {
    let router = router();
    let me = |header: &'static str| {
        let router = router.clone();
        async move { send(&router, "GET /api/auth/me", &[header], "").await }
    };
    let expected = r#"{"user_id":"sub-1","email":"root@example.com","username":"root","role":"admin","is_admin":true}"#;
    me("authorization: bearer root:").await.assert(200, expected);
    let cases = [
        ("x: y", "Not authenticated"),
        ("authorization: Bearer ", "Not authenticated"),
        ("authorization: Basic root:", "Invalid authentication credentials"),
        ("authorization: Bearer nonsense", "Invalid token"),
        ("authorization: Bearer expired", "Token has expired"),
    ];
    for (header, text) in cases {
        let reply = me(header).await;
        reply.assert(401, &detail(text));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    me("authorization: Bearer broken:").await.assert(503, &detail("Service unavailable"));
}

#[tokio::test]
async fn listed_origins_may_call() {
    let router = router();
    let origin = "origin: https://app.example.com";
    let post = "access-control-request-method: POST";
    let headers = "access-control-request-headers: content-type, X-Request-ID";
    let reply = send(&router, "OPTIONS /api/auth/login", &[origin, post, headers], "").await;
    reply.assert(200, "OK");
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(reply.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert_eq!(reply.header("access-control-max-age"), "3600");
    let methods = "GET, POST, PUT, DELETE, OPTIONS, PATCH";
    assert_eq!(reply.header("access-control-allow-methods"), methods);
    let reply = send(&router, "GET /health", &[origin], "").await;
    reply.assert(200, r#"{"status":"healthy","service":"poolkeeper"}"#);
    assert_eq!(reply.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(reply.header("access-control-expose-headers"), "Retry-After, X-Request-ID");
    send(&router, "OPTIONS /api/auth/login", &[origin], "").await.assert(200, "");
}

#[tokio::test]
async fn other_origins_may_not() {
    let router = router();
    let preflight = |headers: &'static [&'static str]| {
        let router = router.clone();
        async move { send(&router, "OPTIONS /api/auth/login", headers, "").await }
    };
    let reply =
        preflight(&["origin: https://evil.example", "access-control-request-method: POST"]).await;
    reply.assert(400, "Disallowed CORS origin");
    assert_eq!(reply.header("access-control-allow-origin"), "");
    let reply = preflight(&[
        "origin: https://app.example.com",
        "access-control-request-method: TRACE",
        "access-control-request-headers: x-other",
    ]);
    reply.await.assert(400, "Disallowed CORS method, headers");
    preflight(&["origin: https://evil.example"]).await.assert(403, "");
    preflight(&[]).await.assert(403, "");
    let reply = send(&router, "GET /health", &["origin: null"], "").await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
    assert_eq!(reply.header("vary"), "Origin");
}

#[tokio::test]
async fn mistaken_paths_and_methods_are_told_apart() {
    let router = router();
    for path in ["/api/auth", "/api/auth/none", "/health/x", "/api/auth/login/x"] {
        send(&router, &format!("GET {path}"), &[], "").await.assert(404, &detail("Not Found"));
    }
    let reply = send(&router, "GET /api/auth/login/", &[], "").await;
    reply.assert(405, &detail("Method Not Allowed"));
    assert_eq!(reply.header("allow"), "POST");
}

/// Failures of ours say which operation failed, and no more.
#[tokio::test]
async fn faults_are_told_without_their_details() {
    let router = router();
    let admin = ["content-type: application/json", "authorization: Bearer root:admin"];
    let cases = [
        ("POST /api/auth/forgot-password", r#"{"username":"a"}"#, "Failed to send reset code"),
        (
            "POST /api/auth/reset-password",
            r#"{"username":"a","code":"1","new_password":"b"}"#,
            "Failed to reset password",
        ),
        (
            "POST /api/auth/change-password",
            r#"{"current_password":"a","new_password":"b"}"#,
            "Password change failed",
        ),
        (
            "POST /api/auth/register",
            r#"{"email":"a","password":"b","name":"c"}"#,
            "Registration failed",
        ),
        ("POST /api/auth/verify", r#"{"email":"a","code":"1"}"#, "Verification failed"),
    ];
    for (line, body, text) in cases {
        let reply = send(&router, line, &admin, body).await;
        reply.assert(500, &detail(&format!("{text}: Internal error")));
    }
    let new = r#"{"username":"a","email":"a@b.c","temporary_password":"b"}"#;
    let cases = [
        ("GET /api/admin/users", "", "Failed to list users"),
        ("POST /api/admin/users", new, "Failed to create user"),
        ("GET /api/admin/users/a", "", "Failed to get user"),
        ("PUT /api/admin/users/a", "{}", "Failed to update user"),
        ("DELETE /api/admin/users/a", "", "Failed to delete user"),
        ("POST /api/admin/users/a/enable", "", "Failed to enable user"),
        ("POST /api/admin/users/a/disable", "", "Failed to disable user"),
        ("POST /api/admin/users/a/reset-password", "", "Failed to reset password"),
        ("POST /admin/users/a/groups/g", "", "Failed to add user to group"),
        ("DELETE /admin/users/a/groups/g", "", "Failed to remove user from group"),
        ("GET /admin/groups", "", "Failed to list groups"),
        ("POST /admin/groups", r#"{"name":"g"}"#, "Failed to create group"),
        ("DELETE /admin/groups/g", "", "Failed to delete group"),
    ];
    for (line, body, text) in cases {
        let reply = send(&router, line, &admin, body).await;
        let text = format!("{text}: Internal error");
        let body = format!(
            r#"{{"detail":"{text}","success":false,"error":"UnknownError","message":"{text}"}}"#
        );
        reply.assert(500, &body);
    }
}
