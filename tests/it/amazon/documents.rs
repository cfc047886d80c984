//! What a pool at Amazon publishes for those who check its tokens: handed on as it is.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const KEYS: &str = "/eu-west-1_TestPool1/.well-known/jwks.json";
const DISCOVERY: &str = "/eu-west-1_TestPool1/.well-known/openid-configuration";
const HEADERS: [&str; 3] = ["content-type", "cache-control", "access-control-allow-origin"];

/// A server before a pool whose tokens come from this issuer.
async fn server(issuer: &str) -> TestServer {
    let mut config = config(Path::new(""));
    config.issuer = issuer.to_owned();
    let how = AtAmazon { proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config, how).await;
    server.user(ALICE, &[]).await;
    server
}

#[tokio::test]
async fn documents_are_handed_on_as_the_pool_publishes_them() {
    let server = server("https://issuer.example.com").await;
    let proxy = server.proxy();
    // Those of the second server are the pool's, and there are no others to show in their place.
    proxy.set(Fault::Status(500));
    let mut told = Vec::new();
    for path in [KEYS, DISCOVERY] {
        told.push(server.bare("GET", path, &[]).await.show_with(&HEADERS));
    }
    told.dedup();
    assert_snapshot!(told.join("\n"), @r#"
    503 Service Unavailable
    content-type: application/json
    cache-control: no-store
    access-control-allow-origin: *
    {
      "message": "Service Unavailable"
    }
    "#);
    assert_eq!(proxy.connections(), 2, "each is asked for at most every ten seconds");
    proxy.set(Fault::None);
    server.clock.advance(Duration::from_secs(10));
    assert_snapshot!(server.bare("GET", DISCOVERY, &[]).await.show_with(&HEADERS), @r#"
    200 OK
    content-type: application/json
    cache-control: public, max-age=300
    access-control-allow-origin: *
    {
      "id_token_signing_alg_values_supported": [
        "RS256"
      ],
      "issuer": "https://issuer.example.com/eu-west-1_TestPool1",
      "jwks_uri": "http://localhost:8080/eu-west-1_TestPool1/.well-known/jwks.json",
      "response_types_supported": [
        "code",
        "token"
      ],
      "subject_types_supported": [
        "public"
      ]
    }
    "#);
    let keys = server.bare("GET", KEYS, &[]).await;
    assert_eq!(keys.json(), server.engine.jwks(&server.main_pool()).await.unwrap());
    let mut shown = keys.show_with(&HEADERS);
    for key in keys.json()["keys"].as_array().unwrap() {
        shown = shown.replace(key["kid"].as_str().unwrap(), "[kid]");
    }
    assert_snapshot!(shown, @r#"
    200 OK
    content-type: application/json
    cache-control: public, max-age=300
    access-control-allow-origin: *
    {
      "keys": [
        {
          "alg": "RS256",
          "e": "AQAB",
          "kid": "[kid]",
          "kty": "RSA",
          "n": "[sealed]",
          "use": "sig"
        },
        {
          "alg": "RS256",
          "e": "AQAB",
          "kid": "[kid]",
          "kty": "RSA",
          "n": "[sealed]",
          "use": "sig"
        }
      ]
    }
    "#);
    assert_eq!(proxy.connections(), 2, "each was asked for once");
    // They are what the tokens of a sign-in can be checked by.
    let body = json!({ "username": ALICE, "password": PASSWORD });
    let token = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
    assert!(is_signed_by(&keys.json(), &token));
    assert_eq!(claims(&token)["iss"], server.bare("GET", DISCOVERY, &[]).await.json()["issuer"]);
}

#[tokio::test]
async fn documents_are_kept_for_as_long_as_ours_are() {
    let server = server("https://issuer.example.com").await;
    let proxy = server.proxy();
    let mut asked = Vec::new();
    for minutes in [0, 4, 1, 4] {
        server.clock.advance(Duration::from_mins(minutes));
        proxy.set(Fault::None);
        for path in [KEYS, DISCOVERY, KEYS] {
            assert_eq!(server.bare("GET", path, &[]).await.status, 200);
        }
        asked.push(proxy.connections());
    }
    assert_eq!(asked, [2, 0, 2, 0]);
    // Old ones are better than none.
    let before =
        [server.bare("GET", KEYS, &[]).await.text, server.bare("GET", DISCOVERY, &[]).await.text];
    proxy.set(Fault::Status(500));
    server.clock.advance(Duration::from_hours(2));
    for (path, before) in [KEYS, DISCOVERY].iter().zip(before) {
        let answer = server.bare("GET", path, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.text), (200, before));
    }
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn pools_that_are_not_there_publish_nothing() {
    let server = server("https://issuer.example.com").await;
    let proxy = server.proxy();
    proxy.set(Fault::None);
    for document in ["jwks.json", "openid-configuration"] {
        let path = format!("/eu-west-1_Unknown/.well-known/{document}");
        let answer = server.bare("GET", &path, &[]).await;
        assert_eq!(answer.row(&[]), r#"404 Not Found {"message":"Not Found"}"#);
    }
    assert_eq!(proxy.connections(), 0);
}
