use super::fake::{CLIENT, Fake};
use super::{faces, router, send, send_json};
use poolkeeper_pool::backend::entry_policy::Audience;
use poolkeeper_pool::backend::user_pool::SignIn;
use std::sync::Arc;

const UNAUTHORIZED: &str =
    r#"{"message":"Incorrect username or password","error":"NotAuthorizedException"}"#;

fn credentials(user: &str, tenant: &str) -> String {
    format!(r#"{{"UserName":"{user}","TenantName":"{tenant}","Password":"right"}}"#)
}

#[tokio::test]
async fn people_and_machines_sign_in_to_their_tenant() {
    let expected = r#"{"cognitoToken":{"ChallengeParameters":{},"AuthenticationResult":{"IdToken":"ID","TokenType":"Bearer","ExpiresIn":3600,"RefreshToken":"REFRESH","AccessToken":"ACCESS"}},"user":{"OloID":"sub-1","TenantID":"tenant-1","TenantName":"Acme"}}"#;
    for path in ["/Login", "/login", "/LOGIN/"] {
        let reply =
            send_json(&router(), &format!("POST {path}"), &credentials("ada", " ACME ")).await;
        reply.assert(200, expected);
    }
}

#[tokio::test]
async fn a_challenge_takes_the_place_of_tokens() {
    let expected = r#"{"cognitoToken":{"ChallengeName":"SOFTWARE_TOKEN_MFA","Session":"SESSION","ChallengeParameters":{"FRIENDLY_DEVICE_NAME":"phone","USER_ID_FOR_SRP":"uuid-1"}}}"#;
    send_json(&router(), "POST /Login", &credentials("totp", "Acme")).await.assert(200, expected);
}

#[tokio::test]
async fn refusals_do_not_tell_who_exists() {
    for user in ["nobody", "locked", "disabled"] {
        let reply = send_json(&router(), "POST /Login", &credentials(user, "Acme")).await;
        reply.assert(401, UNAUTHORIZED);
    }
    let cases = [
        (
            "unconfirmed",
            403,
            r#"{"message":"The user is not confirmed","error":"UserNotConfirmed"}"#,
        ),
        (
            "reset",
            403,
            r#"{"message":"The password must be reset","error":"PasswordResetRequired"}"#,
        ),
        ("busy", 429, r#"{"message":"Too many requests","error":"TooManyRequests"}"#),
        ("damaged", 500, r#"{"message":"Internal error","error":"InternalError"}"#),
        ("broken", 503, r#"{"message":"Service unavailable","error":"ServiceUnavailable"}"#),
    ];
    for (user, status, body) in cases {
        send_json(&router(), "POST /Login", &credentials(user, "Acme")).await.assert(status, body);
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_tried_where_nobody_is() {
    let fake = Arc::new(Fake::default());
    let router = faces(&fake).router();
    send_json(&router, "POST /Login", &credentials("ada", "none")).await.assert(401, UNAUTHORIZED);
    send_json(&router, "POST /Login", &credentials("ada", "acme")).await;
    let sign_ins = fake.sign_ins.lock().unwrap();
    let seen: Vec<_> = sign_ins
        .iter()
        .map(|SignIn { via, entry_policy, .. }| {
            let tenant = entry_policy.tenant.as_ref().unwrap().as_str();
            (via.client.as_str(), entry_policy.audience.clone(), tenant)
        })
        .collect();
    let members = Audience::Members("staff".into());
    assert_eq!(seen, [(CLIENT, Audience::Nobody, "? none"), (CLIENT, members, "tenant-1")]);
}

#[tokio::test]
async fn a_logout_that_ended_nothing_is_no_success() {
    let reply = send_json(&router(), "POST /Logout", r#"{"RefreshToken":"x"}"#).await;
    reply.assert(503, r#"{"message":"Service unavailable","error":"ServiceUnavailable"}"#);
    let reply = send_json(&router(), "POST /Logout", "{}").await;
    reply.assert(204, "");
}

#[tokio::test]
async fn bodies_are_checked() {
    let needed = "UserName, TenantName and Password are required";
    let object = "The request body must be a JSON object";
    for (body, needed, wrong) in [
        ("", needed, "the request body is empty"),
        ("{}", needed, "UserName is missing, TenantName is missing, Password is missing"),
        (r#"{"UserName":"a","TenantName":"acme","Password":""}"#, needed, "Password is empty"),
        (
            r#"{"UserName":1,"TenantName":"acme","Password":"p"}"#,
            needed,
            "UserName has the wrong type",
        ),
        (r#"{"username":"a","TenantName":"acme","Password":"p"}"#, needed, "UserName is missing"),
        (
            r#"{"UserName":"a","UserName":"b","TenantName":"acme","Password":"p"}"#,
            needed,
            "UserName comes more than once",
        ),
        ("[]", object, "it is another JSON value"),
        ("{", object, "it is not valid JSON at character 2 (EOF while parsing an object)"),
    ] {
        let expected = format!(r#"{{"message":"{needed}: {wrong}","error":"BadRequest"}}"#);
        send_json(&router(), "POST /Login", body).await.assert(400, &expected);
        let reply = send(&router(), "POST /Login", &["content-type: text/plain"], body).await;
        reply.assert(400, &expected);
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_refused_in_json() {
    let reply = send(&router(), "GET /Login", &[], "").await;
    reply.assert(405, r#"{"message":"Method not allowed","error":"MethodNotAllowed"}"#);
    assert_eq!(reply.header("allow"), "POST");
    let reply = send(&router(), "POST /login/x", &[], "").await;
    reply.assert(404, r#"{"message":"Not found","error":"NotFound"}"#);
}
