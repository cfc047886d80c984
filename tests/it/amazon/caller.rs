//! What Amazon is told of who calls.

use super::ALICE;
use crate::support::*;
use poolkeeper_aws::Flow;
use poolkeeper_pool::entity::AuthFlow;
use serde_json::{Value, json};
use std::path::Path;

async fn server(flow: Flow) -> TestServer {
    let mut config = config(Path::new(""));
    config.pools[0].clients.iter_mut().for_each(|client| client.flows.push(AuthFlow::UserPassword));
    let how = AtAmazon { proxied: true, flow: Some(flow), ..AtAmazon::default() };
    let server = TestServer::at_amazon(config, how).await;
    server.totp_user(ALICE, &[TENANT_GROUP]).await;
    server.proxy().set(Fault::Listen);
    server
}

/// Else Amazon's threat protection would take this server for the one device of all users.
#[tokio::test]
async fn signed_calls_of_a_sign_in_name_the_callers_address() {
    let server = server(Flow::Admin).await;
    let body = json!({ "username": ALICE, "password": PASSWORD }).to_string();
    let headers = [("content-type", "application/json"), ("user-agent", "Example/1.0 (a)")];
    let asked = server.call("POST /auth", &headers, body).await;
    let session = asked.get("/Session");
    let body = json!({
        "username": ALICE,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": session,
        "mfa_token": server.totp_code(),
    });
    let done = server.json("PUT", "/auth/challenge/mfa-token", &body).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let told = |operation: &str| -> Vec<Value> {
        let heard = server.proxy().heard(operation);
        heard.iter().map(|request| request["ContextData"].clone()).collect()
    };
    let context = |headers: Value| {
        json!({
            "HttpHeaders": headers,
            "IpAddress": "192.0.2.1",
            "ServerName": "poolkeeper",
            "ServerPath": "/partner",
        })
    };
    let agent = json!([{ "headerName": "User-Agent", "headerValue": "Example/1.0" }]);
    assert_eq!(told("AdminInitiateAuth"), [context(agent)]);
    assert_eq!(told("AdminRespondToAuthChallenge"), [context(json!([]))]);
}

/// Amazon takes an address in these only of app clients that are set up for it.
#[tokio::test]
async fn unsigned_calls_name_no_address() {
    let server = server(Flow::User).await;
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let asked = server.json("POST", "/auth", &body).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let heard = server.proxy().heard("InitiateAuth");
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].get("ContextData"), heard[0].get("UserContextData")), (None, None));
}
