//! Signed requests that were changed where the signature might not look.

use crate::support::{Answer, POOL, Signer, TestServer};
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

const TARGET: &str = "AWSCognitoIdentityProviderService.AdminGetUser";
const OTHER_TARGET: &str = "AWSCognitoIdentityProviderService.AdminSetUserPassword";
const TYPE: &str = "application/x-amz-json-1.1";

fn body() -> String {
    json!({ "UserPoolId": POOL, "Username": "ann@example.com" }).to_string()
}

/// Signs `covered` and sends `sent` to `uri`.
async fn send(
    server: &TestServer,
    uri: &str,
    covered: &[(&str, &str)],
    sent: &[(&str, &str)],
) -> Answer {
    let time = server.cognito().time();
    let authorization = Signer::own(&time).authorization(covered, body().as_bytes());
    let mut request = Request::post(uri).header("authorization", authorization);
    for (name, value) in sent {
        request = request.header(*name, *value);
    }
    server.send(request.body(Body::from(body())).unwrap()).await
}

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.user("ann@example.com", &[]).await;
    server
}

#[tokio::test]
async fn the_operation_is_part_of_what_is_signed() {
    let server = server().await;
    let time = server.cognito().time();
    let (host, date) = (("host", "localhost:8080"), ("x-amz-date", time.as_str()));
    let (kind, target) = (("content-type", TYPE), ("x-amz-target", TARGET));
    let other = ("x-amz-target", OTHER_TARGET);
    let all = [kind, host, date, target];
    assert_eq!(send(&server, "/", &all, &all).await.status, 200);
    let unsigned = send(&server, "/", &[host, date], &all).await;
    assert_eq!(unsigned.get("/__type"), "IncompleteSignatureException");
    let changed = send(&server, "/", &all, &[kind, host, date, other]).await;
    assert_eq!(changed.get("/__type"), "InvalidSignatureException");
    for both in [[target, other], [other, target]] {
        let doubled = send(&server, "/", &all, &[kind, host, date, both[0], both[1]]).await;
        assert!(doubled.status.is_client_error(), "{}", doubled.text);
    }
}

#[tokio::test]
async fn nothing_may_be_there_twice_or_elsewhere() {
    let server = server().await;
    let time = server.cognito().time();
    let (host, date) = (("host", "localhost:8080"), ("x-amz-date", time.as_str()));
    let (kind, target) = (("content-type", TYPE), ("x-amz-target", TARGET));
    let all = [kind, host, date, target];
    for again in [date, target, host, ("authorization", "AWS4-HMAC-SHA256 x")] {
        let mut sent = all.to_vec();
        sent.push(again);
        let answer = send(&server, "/", &all, &sent).await;
        assert!(answer.status.is_client_error(), "{again:?}: {}", answer.text);
    }
    for uri in ["/?", "/?X-Amz-Signature=x", "/?Action=AdminGetUser"] {
        let answer = send(&server, uri, &all, &all).await;
        assert!(answer.status.is_client_error(), "{uri}: {}", answer.text);
    }
    for host in ["localhost:8081", "127.0.0.1:8080", "LOCALHOST:8080"] {
        let answer = send(&server, "/", &all, &[kind, ("host", host), date, target]).await;
        assert_eq!(answer.get("/__type"), "InvalidSignatureException", "{host}");
    }
}

/// HTTP/2 has the host in the target of the request.
#[tokio::test]
async fn the_host_of_http_2_is_signed_too() {
    let server = server().await;
    let time = server.cognito().time();
    let (host, date) = (("host", "localhost:8080"), ("x-amz-date", time.as_str()));
    let (kind, target) = (("content-type", TYPE), ("x-amz-target", TARGET));
    let (all, sent) = ([kind, host, date, target], [kind, date, target]);
    let uri = |authority: &str| format!("http://{authority}/");
    assert_eq!(send(&server, &uri("localhost:8080"), &all, &sent).await.status, 200);
    let moved = send(&server, &uri("localhost:8081"), &all, &sent).await;
    assert_eq!(moved.get("/__type"), "InvalidSignatureException");
}
