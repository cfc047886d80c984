use super::{Reply, router, send, send_json};

const COMPLETE: &str = concat!(
    r#"{"AccessToken":"ACCESS","IdToken":"ID","RefreshToken":"REFRESH","ExpiresIn":3600,"#,
    r#""TokenType":"Bearer","DeviceKey":null,"DeviceGroupKey":null,"mfa_settings":"#,
    r#"{"required":false,"enabled":true,"preferred":"totp","methods":{"totp":true,"email":false}}}"#,
);
const ASKED_SETTINGS: &str = concat!(
    r#""mfa_settings":{"required":true,"enabled":true,"preferred":null,"#,
    r#""methods":{"totp":false,"email":true}}}"#,
);
const RETRY: &str = concat!(
    r#"{"message":"error.auth.mfa_token_invalid","error_code":"MFA_TOKEN_INVALID","#,
    r#""Session":"SESSION"}"#,
);
const POLICY: &str = concat!(
    r#"{"message":"error.auth.password_policy","error_code":"PASSWORD_POLICY","#,
    r#""error_subcode":"TOO_SHORT"}"#,
);
const NOT_FOUND: &str = r#"{"message":"error.not_found","error_code":"NOT_FOUND"}"#;

async fn auth(body: &str) -> Reply {
    send_json(&router(), "POST /api/v3/auth", body).await
}

fn credentials(username: &str) -> String {
    format!(r#"{{"username":"{username}","password":"right"}}"#)
}

fn envelope(key: &str) -> String {
    let code = key.rsplit('.').next().unwrap().to_uppercase();
    format!(r#"{{"message":"error.{key}","error_code":"{code}"}}"#)
}

fn invalid(errors: &[(&str, &str)]) -> String {
    let error = |(code, field)| format!(r#"{{"code":"{code}","field":"{field}"}}"#);
    let errors: Vec<_> = errors.iter().copied().map(error).collect();
    let head = r#"{"message":"error.validation","error_code":"VALIDATION_ERROR""#;
    format!(r#"{head},"validation_errors":[{}]}}"#, errors.join(","))
}

#[tokio::test]
async fn a_sign_in_has_three_outcomes() {
    auth(&credentials(" ada ")).await.assert(200, COMPLETE);
    let mail = r#"{"Challenge":"EMAIL_OTP","Session":"SESSION","ChallengeParameters":{"CODE_DELIVERY_DELIVERY_MEDIUM":"EMAIL","CODE_DELIVERY_DESTINATION":"m***@e***","USER_ID_FOR_SRP":"uuid-1"},"#;
    auth(&credentials("mail")).await.assert(200, &format!("{mail}{ASKED_SETTINGS}"));
    let temp = r#"{"Challenge":"NEW_PASSWORD_REQUIRED","Session":"SESSION","ChallengeParameters":{"USER_ID_FOR_SRP":"uuid-1","requiredAttributes":"[\"userAttributes.name\"]","userAttributes":"{\"email\":\"t@example.com\"}"},"#;
    auth(&credentials("temp")).await.assert(200, &format!("{temp}{ASKED_SETTINGS}"));
}

#[tokio::test]
async fn refusals_are_keys_for_translation() {
    let cases = [
        ("someone", 200, COMPLETE.to_owned()),
        ("nobody", 401, envelope("auth.invalid_credentials")),
        ("locked", 401, envelope("auth.invalid_credentials")),
        ("disabled", 401, envelope("auth.account_disabled")),
        ("barred", 401, envelope("auth.account_disabled")),
        ("unconfirmed", 403, envelope("auth.user_not_confirmed")),
        ("reset", 403, envelope("auth.password_reset_required")),
        ("busy", 429, envelope("rate_limited")),
        ("misfit", 500, envelope("internal")),
        ("damaged", 500, envelope("internal")),
        ("broken", 503, envelope("upstream_unavailable")),
    ];
    for (username, status, body) in cases {
        auth(&credentials(username)).await.assert(status, &body);
    }
    assert_eq!(auth(&credentials("busy")).await.header("retry-after"), "1");
}

#[tokio::test]
async fn bodies_that_break_the_rules_are_told_all_their_problems() {
    let long = "x".repeat(257);
    let too_long = format!(r#"{{"username":"ada","password":"{long}"}}"#);
    let cases = [
        ("", invalid(&[("missing", "username"), ("missing", "password")])),
        ("{}", invalid(&[("missing", "username"), ("missing", "password")])),
        (r#"{"username":" ","password":1}"#, {
            invalid(&[("too_short", "username"), ("invalid_type", "password")])
        }),
        (r#"{"device_key":1,"username":"a","password":"b"}"#, {
            invalid(&[("invalid_type", "device_key")])
        }),
        (&too_long, invalid(&[("too_long", "password")])),
        (r#"{"username":"a","username":"b","password":"x"}"#, {
            invalid(&[("duplicate", "username")])
        }),
        ("{", invalid(&[("invalid_json", "body")])),
        ("null", invalid(&[("invalid_type", "body")])),
        ("[]", invalid(&[("invalid_type", "body")])),
    ];
    for (body, expected) in cases {
        auth(body).await.assert(400, &expected);
    }
    let reply = send(&router(), "POST /api/v3/auth", &["content-type: text/plain"], "{}").await;
    reply.assert(400, &invalid(&[("invalid_value", "Content-Type")]));
    auth(&" ".repeat(1024 * 1024 + 1)).await.assert(413, &envelope("request_too_large"));
}

#[tokio::test]
async fn a_wrong_code_may_be_corrected() {
    let router = router();
    let answer = |code: &str, session: &str| {
        let body = format!(
            r#"{{"username":"ada","challenge":"EMAIL_OTP","Session":"{session}","mfa_token":"{code}","remember_device":true}}"#
        );
        let router = router.clone();
        async move { send_json(&router, "PUT /api/v3/auth/challenge/mfa-token/", &body).await }
    };
    answer("123456", "SESSION").await.assert(200, COMPLETE);
    answer("000000", "SESSION").await.assert(400, RETRY);
    answer("123456", "old").await.assert(401, &envelope("auth.session_invalid"));
    let line = "PUT /api/v3/auth/challenge/mfa-token";
    let body = r#"{"username":"ada","challenge":"CUSTOM_CHALLENGE","session":"s","remember_device":"yes"}"#;
    let expected = invalid(&[
        ("invalid_value", "challenge"),
        ("missing", "mfa_token"),
        ("invalid_type", "remember_device"),
    ]);
    send_json(&router, line, body).await.assert(400, &expected);
}

#[tokio::test]
async fn a_temporary_password_is_replaced() {
    let router = router();
    let line = "PUT /api/v3/auth/challenge/new-password";
    let body = |password| {
        format!(r#"{{"username":"ada","session":"SESSION","new_password":"{password}"}}"#)
    };
    send_json(&router, line, &body("123456")).await.assert(200, COMPLETE);
    send_json(&router, line, &body("short")).await.assert(400, POLICY);
    let reply = send_json(&router, line, &body("more")).await;
    assert!(reply.body.starts_with(r#"{"Challenge":"SOFTWARE_TOKEN_MFA","#), "{}", reply.body);
}

#[tokio::test]
async fn a_refresh_returns_no_refresh_token() {
    let router = router();
    let line = "POST /api/v3/auth/refresh_token";
    let body = r#"{"AccessToken":"ACCESS","IdToken":"ID","ExpiresIn":3600,"TokenType":"Bearer"}"#;
    send_json(&router, line, r#"{"token":"REFRESH"}"#).await.assert(200, body);
    let refused = envelope("auth.refresh_token_invalid");
    send_json(&router, line, r#"{"token":"x"}"#).await.assert(401, &refused);
    let invalid = invalid(&[("invalid_type", "token")]);
    send_json(&router, line, r#"{"token":1}"#).await.assert(400, &invalid);
}

#[tokio::test]
async fn calls_are_scoped_to_a_partner_of_the_token() {
    let router = router();
    let get = |token: &str, headers: &[&str]| {
        let authorization = format!("authorization: Bearer u:{token}");
        let mut headers: Vec<String> = headers.iter().map(|&h| h.to_owned()).collect();
        headers.push(authorization);
        let router = router.clone();
        async move {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let reply = send(&router, "GET /api/v3/partners/", &headers, "").await;
            let partner: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
            let told = partner.get("id").or(partner.get("error_code")).unwrap();
            (reply.status.as_u16(), told.as_str().unwrap().to_owned())
        }
    };
    let header = |id: &str| format!("X-Preferred-Partner-Id: {id}");
    let (a, b, admin) = (header("partner-id-a"), header("fd2"), header("fd-admin"));
    let groups = "fd-admin,partner-id-a,fd2";
    let ok = |id: &str| (200, id.to_owned());
    let forbidden = || (403, "PARTNER_FORBIDDEN".to_owned());
    assert_eq!(get(groups, &[&a]).await, ok("partner-id-a"));
    assert_eq!(get(groups, &[&b]).await, ok("fd2"));
    assert_eq!(get(groups, &[&b, &b]).await, ok("fd2"));
    assert_eq!(get(groups, &[]).await, ok("partner-id-a"));
    assert_eq!(get(groups, &["X-Preferred-Partner-Id: "]).await, ok("partner-id-a"));
    assert_eq!(get(groups, &[&admin]).await, forbidden());
    assert_eq!(get(groups, &["X-Preferred-Partner-Id: partner-id-b"]).await, forbidden());
    assert_eq!(get(groups, &["X-Preferred-Partner-Id: fd2, fd2"]).await, forbidden());
    assert_eq!(get("fd-admin", &[]).await, forbidden());
    assert_eq!(get(groups, &[&a, &b]).await, (400, "VALIDATION_ERROR".to_owned()));
    assert_eq!(get("fd404", &[]).await, (404, "NOT_FOUND".to_owned()));
    assert_eq!(get("fd2,account-disabled", &[]).await, (401, "ACCOUNT_DISABLED".to_owned()));
}

#[tokio::test]
async fn the_partner_record_is_shown() {
    let token = ["authorization: bearer u:fd2"];
    let expected = r#"{"id":"fd2","client_id":17,"name":"Acme","domain":"acme.example","currency":"EUR","vertical":"live_entertainment","demand_prediction":true,"campaign_recommendations":false,"status":"active","pricing_tier":"growth","campaign_pricing_model":"flat","ner_active":false}"#;
    send(&router(), "GET /api/v3/partners", &token, "").await.assert(200, expected);
}

#[tokio::test]
async fn tokens_that_are_none_are_told_apart() {
    let cases = [
        ("x: y", "auth.token_missing"),
        ("authorization: Bearer", "auth.token_missing"),
        ("authorization: u:fd2", "auth.token_invalid"),
        ("authorization: Bearer nonsense", "auth.token_invalid"),
        ("authorization: Bearer expired", "auth.token_expired"),
    ];
    for (header, key) in cases {
        let reply = send(&router(), "GET /api/v3/partners/", &[header], "").await;
        reply.assert(401, &envelope(key));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn pages_may_call_the_health_check_alone() {
    let router = router();
    let reply = send(&router, "GET /api/v3/status/", &[], "").await;
    reply.assert(200, r#"{"status":"ok"}"#);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let preflight = ["origin: https://x.example", "access-control-request-method: POST"];
    let reply = send(&router, "OPTIONS /api/v3/status", &preflight, "").await;
    reply.assert(204, "");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let reply = send(&router, "OPTIONS /api/v3/auth", &preflight, "").await;
    let denied = r#"{"message":"error.permission.denied","error_code":"PERMISSION_DENIED"}"#;
    reply.assert(403, denied);
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn mistaken_paths_and_methods_are_refused_in_the_envelope() {
    let router = router();
    for path in ["/api/v3", "/api/v3/auth/logout", "/api/v3/AUTH", "/api/v3/auth/../status"] {
        send(&router, &format!("GET {path}"), &[], "").await.assert(404, NOT_FOUND);
    }
    let reply = send(&router, "GET /api/v3/auth/", &[], "").await;
    reply.assert(405, &envelope("method_not_allowed"));
    assert_eq!(reply.header("allow"), "POST");
    let reply = send(&router, "DELETE /api/v3/partners", &[], "").await;
    assert_eq!(reply.header("allow"), "GET,HEAD");
}
