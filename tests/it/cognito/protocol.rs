//! What every operation shares: requests, content types, sizes, errors.

use crate::support::{PASSWORD, POOL, PUBLIC_CLIENT, Table, TestServer};
use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use serde_json::json;

const INITIATE_AUTH: &str = "AWSCognitoIdentityProviderService.InitiateAuth";

fn sign_in_body() -> String {
    let parameters = json!({ "USERNAME": "alice@example.com", "PASSWORD": PASSWORD });
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": PUBLIC_CLIENT,
        "AuthParameters": parameters,
    });
    body.to_string()
}

#[tokio::test]
async fn headers_of_an_answer() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let answer = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    let id = answer.header("x-amzn-requestid").unwrap();
    assert!(id.len() == 36 && Some(id) == answer.header("x-request-id"), "{id}");
    let names = [
        "content-type",
        "cache-control",
        "x-content-type-options",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "x-amzn-errortype",
    ];
    assert_snapshot!(answer.show_with(&names), @r#"
    200 OK
    content-type: application/x-amz-json-1.1
    cache-control: no-store
    x-content-type-options: nosniff
    access-control-allow-origin: *
    access-control-expose-headers: x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date
    x-amzn-errortype: -
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn headers_of_an_error() {
    let server = TestServer::start().await;
    let answer = server.cognito().sign_in("nobody@example.com", PASSWORD).await;
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    let names = [
        "content-type",
        "cache-control",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "x-amzn-errortype",
        "x-amzn-errormessage",
    ];
    assert_snapshot!(answer.show_with(&names), @r#"
    400 Bad Request
    content-type: application/x-amz-json-1.1
    cache-control: no-store
    access-control-allow-origin: *
    access-control-expose-headers: x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date
    x-amzn-errortype: NotAuthorizedException
    x-amzn-errormessage: Incorrect username or password.
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let server = TestServer::start().await;
    let cases = [
        "{",
        r#"{"AuthFlow":}"#,
        "{} {}",
        "[]",
        r#""text""#,
        "1",
        r#"{"AuthFlow":1}"#,
        r#"{"AuthFlow":["USER_PASSWORD_AUTH"]}"#,
        r#"{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":true}"#,
        r#"{"AuthParameters":"text"}"#,
        r#"{"AuthParameters":{"PASSWORD":12345678}}"#,
        r#"{"AuthParameters":{"PASSWORD":{}}}"#,
    ];
    let mut table = Table::default();
    for body in cases {
        table.row(body, &server.cognito().raw(INITIATE_AUTH, &[], body).await);
    }
    let marked = server.cognito().raw(INITIATE_AUTH, &[], "\u{feff}{}").await;
    table.row("byte order mark", &marked);
    assert_snapshot!(table, @r#"
    {: 400 SerializationException "The request body is not valid JSON at line 1 column 1"
    {"AuthFlow":}: 400 SerializationException "The request body is not valid JSON at line 1 column 13"
    {} {}: 400 SerializationException "The request body is not valid JSON at line 1 column 4"
    []: 400 SerializationException "Start of list found where not expected."
    "text": 400 SerializationException "Unexpected field type"
    1: 400 SerializationException "Unexpected field type"
    {"AuthFlow":1}: 400 SerializationException "NUMBER_VALUE can not be converted to a String"
    {"AuthFlow":["USER_PASSWORD_AUTH"]}: 400 SerializationException "Start of list found where not expected."
    {"AuthFlow":"USER_PASSWORD_AUTH","ClientId":true}: 400 SerializationException "TRUE_VALUE can not be converted to a String"
    {"AuthParameters":"text"}: 400 SerializationException "Unexpected field type"
    {"AuthParameters":{"PASSWORD":12345678}}: 400 SerializationException "NUMBER_VALUE can not be converted to a String"
    {"AuthParameters":{"PASSWORD":{}}}: 400 SerializationException "Start of structure or map found where not expected."
    byte order mark: 400 SerializationException "The request body is not valid JSON at line 1 column 1"
    "#);
}

#[tokio::test]
async fn nested_too_deep() {
    let server = TestServer::start().await;
    let body = format!(r#"{{"x":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
    let answer = server.cognito().raw(INITIATE_AUTH, &[], &body).await;
    assert_snapshot!(answer.line(), @r#"400 SerializationException "The request body is not valid JSON at line 1 column 132""#);
}

#[tokio::test]
async fn an_empty_body_and_null_are_an_empty_object() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let empty = cognito.raw(INITIATE_AUTH, &[], "").await;
    assert_snapshot!(empty.show(), @r#"
    400 Bad Request
    {
      "__type": "InvalidParameterException",
      "message": "2 validation errors detected: Value null at 'authFlow' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null"
    }
    "#);
    for body in ["{}", " \n", "null"] {
        assert_eq!(cognito.raw(INITIATE_AUTH, &[], body).await.show(), empty.show(), "{body:?}");
    }
}

#[tokio::test]
async fn null_members_and_unknown_ones_count_as_absent() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": PUBLIC_CLIENT,
        "AuthParameters": {
            "USERNAME": "alice@example.com",
            "PASSWORD": PASSWORD,
            "SECRET_HASH": null,
            "DEVICE_KEY": null,
            "Unknown": "key",
        },
        "ClientMetadata": { "key": null },
        "AnalyticsMetadata": null,
        "UserContextData": {},
        "Session": null,
        "NoSuchMember": { "at": ["all"] },
    });
    let answer = server.cognito().call("InitiateAuth", &body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn a_required_member_that_is_null_is_missing() {
    let server = TestServer::start().await;
    let body = json!({ "AuthFlow": null, "ClientId": PUBLIC_CLIENT });
    let answer = server.cognito().call("InitiateAuth", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "1 validation error detected: Value null at 'authFlow' failed to satisfy constraint: Member must not be null""#);
}

#[tokio::test]
async fn member_names_are_exact_case() {
    let server = TestServer::start().await;
    let body = json!({ "authFlow": "USER_PASSWORD_AUTH", "ClientID": PUBLIC_CLIENT });
    let answer = server.cognito().call("InitiateAuth", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "2 validation errors detected: Value null at 'authFlow' failed to satisfy constraint: Member must not be null; Value null at 'clientId' failed to satisfy constraint: Member must not be null""#);
}

#[tokio::test]
async fn an_authorization_header_of_a_public_operation_is_ignored() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let headers = [("authorization", "Bearer whatever")];
    let answer = server.cognito().raw(INITIATE_AUTH, &headers, &sign_in_body()).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn targets_that_lead_nowhere() {
    let server = TestServer::start().await;
    let targets = [
        "",
        "InitiateAuth",
        "AWSCognitoIdentityProviderService.",
        "AWSCognitoIdentityProviderService.NoSuchOperation",
        "AWSCognitoIdentityProviderService.initiateauth",
        "AWSCognitoIdentityService.GetId",
        "AWSCognitoIdentityProviderService.SignUp",
    ];
    let mut table = Table::default();
    for target in targets {
        table.row(target, &server.cognito().raw(target, &[], "{}").await);
    }
    assert_snapshot!(table, @r#"
    : 400 UnknownOperationException "-"
    InitiateAuth: 400 UnknownOperationException "-"
    AWSCognitoIdentityProviderService.: 400 UnknownOperationException "-"
    AWSCognitoIdentityProviderService.NoSuchOperation: 400 UnknownOperationException "-"
    AWSCognitoIdentityProviderService.initiateauth: 400 UnknownOperationException "-"
    AWSCognitoIdentityService.GetId: 400 UnknownOperationException "-"
    AWSCognitoIdentityProviderService.SignUp: 400 InvalidParameterException "2 validation errors detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null"
    "#);
}

#[tokio::test]
async fn unknown_operation() {
    let server = TestServer::start().await;
    let answer = server.cognito().call("NoSuchOperation", &json!({})).await;
    assert_snapshot!(answer.show_with(&["content-type", "x-amzn-errortype"]), @r#"
    400 Bad Request
    content-type: application/x-amz-json-1.1
    x-amzn-errortype: UnknownOperationException
    {
      "__type": "UnknownOperationException"
    }
    "#);
}

#[tokio::test]
async fn an_operation_not_offered_needs_its_signature_first() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let mut table = Table::default();
    table.row(
        "unsigned",
        &cognito.call("ListIdentityProviders", &json!({ "UserPoolId": POOL })).await,
    );
    table.row(
        "signed",
        &cognito.admin("ListIdentityProviders", &json!({ "UserPoolId": POOL })).await,
    );
    assert_snapshot!(table, @r#"
    unsigned: 400 MissingAuthenticationTokenException "Missing Authentication Token"
    signed: 400 UnknownOperationException "ListIdentityProviders is not offered by this release of Poolkeeper."
    "#);
}

#[tokio::test]
async fn no_target_at_all() {
    let server = TestServer::start().await;
    let request = Request::post("/").header("content-type", "application/x-amz-json-1.1");
    let answer = server.send(request.body(Body::from("{}")).unwrap()).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "__type": "UnknownOperationException"
    }
    "#);
}

#[tokio::test]
async fn content_types() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let accepted = [
        "application/x-amz-json-1.1",
        "application/x-amz-json-1.1; charset=utf-8",
        "Application/X-Amz-Json-1.1",
    ];
    for content_type in accepted {
        assert_eq!(send_as(&server, Some(content_type)).await.status, 200, "{content_type}");
    }
    let mut table = Table::default();
    let refused = [
        "application/json",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.10",
        "text/plain",
        "",
    ];
    for content_type in refused {
        table.row(content_type, &send_as(&server, Some(content_type)).await);
    }
    table.row("none", &send_as(&server, None).await);
    assert_snapshot!(table, @r#"
    application/json: 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    application/x-amz-json-1.0: 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    application/x-amz-json-1.10: 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    text/plain: 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    : 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    none: 400 SerializationException "Content-Type must be application/x-amz-json-1.1"
    "#);
}

async fn send_as(server: &TestServer, content_type: Option<&str>) -> crate::support::Answer {
    let mut request = Request::post("/").header("x-amz-target", INITIATE_AUTH);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    server.send(request.body(Body::from(sign_in_body())).unwrap()).await
}

#[tokio::test]
async fn of_a_stranger_64_kib_are_read_and_no_more() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let of = |size: usize| format!("{{}}{}", " ".repeat(size - 2));
    let largest = cognito.raw(INITIATE_AUTH, &[], &of(64 * 1024)).await;
    assert_eq!(largest.status, 400);
    let larger = cognito.raw(INITIATE_AUTH, &[], &of(64 * 1024 + 1)).await;
    assert_snapshot!(larger.show_with(&["x-amzn-errortype"]), @r#"
    413 Payload Too Large
    x-amzn-errortype: RequestEntityTooLargeException
    {
      "__type": "RequestEntityTooLargeException",
      "message": "Request is too large."
    }
    "#);
}

/// Where no other face answers `GET /` either.
#[tokio::test]
async fn other_methods() {
    let mut config = crate::support::config(std::path::Path::new(""));
    (config.portal_api, config.partner_api, config.tenant_api) = (None, None, None);
    let server = TestServer::with(config).await;
    let answer = server.bare("GET", "/", &[]).await;
    assert_snapshot!(answer.show_with(&["allow", "content-type"]), @r#"
    405 Method Not Allowed
    allow: POST,OPTIONS
    content-type: application/x-amz-json-1.1
    {
      "__type": "UnknownOperationException"
    }
    "#);
    for method in ["HEAD", "PUT", "DELETE", "PATCH"] {
        assert_eq!(server.bare(method, "/", &[]).await.status, 405, "{method}");
    }
}

#[tokio::test]
async fn other_methods_beside_other_faces() {
    let server = TestServer::start().await;
    let answer = server.bare("PUT", "/", &[]).await;
    assert_snapshot!(answer.show_with(&["allow", "content-type"]), @r#"
    405 Method Not Allowed
    allow: GET,HEAD,POST,OPTIONS
    content-type: application/json
    {
      "message": "Method Not Allowed"
    }
    "#);
}

#[tokio::test]
async fn preflight() {
    let server = TestServer::start().await;
    let asked = [("origin", "https://app.example"), ("access-control-request-method", "POST")];
    let answer = server.bare("OPTIONS", "/", &asked).await;
    let names = [
        "access-control-allow-origin",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
        "access-control-allow-credentials",
    ];
    assert_snapshot!(answer.show_with(&names), @"
    200 OK
    access-control-allow-origin: *
    access-control-allow-methods: POST, OPTIONS
    access-control-allow-headers: content-type, x-amz-target, x-amz-user-agent, x-amz-date, x-amz-security-token, x-amz-content-sha256, authorization, cache-control, amz-sdk-invocation-id, amz-sdk-request
    access-control-max-age: 86400
    access-control-allow-credentials: -
    ");
}
