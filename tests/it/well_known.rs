//! Discovery documents and public keys.

use crate::support::{OTHER_POOL, PASSWORD, POOL, TestServer, config, jose_header};
use insta::assert_snapshot;
use std::path::Path;

const HEADERS: [&str; 5] = [
    "content-type",
    "cache-control",
    "access-control-allow-origin",
    "x-content-type-options",
    "x-request-id",
];
const ID: (&str, &str) = ("x-request-id", "my-id_1.0");

#[tokio::test]
async fn discovery() {
    let server = TestServer::start().await;
    let path = format!("/{POOL}/.well-known/openid-configuration");
    let answer = server.bare("GET", &path, &[ID]).await;
    assert_snapshot!(answer.show_with(&HEADERS), @r#"
    200 OK
    content-type: application/json
    cache-control: public, max-age=300
    access-control-allow-origin: *
    x-content-type-options: nosniff
    x-request-id: my-id_1.0
    {
      "id_token_signing_alg_values_supported": [
        "RS256"
      ],
      "issuer": "http://localhost:8080/eu-west-1_TestPool1",
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
    assert_eq!(server.bare("GET", &format!("{path}/"), &[ID]).await.status, 404);
}

#[tokio::test]
async fn the_issuer_may_be_elsewhere_but_keys_are_here() {
    let mut config = config(Path::new(""));
    config.issuer = "https://cognito-idp.eu-west-1.amazonaws.com".to_owned();
    let server = TestServer::with(config).await;
    let path = format!("/{POOL}/.well-known/openid-configuration");
    // What proxies say about the host that was asked for does not matter.
    let told = [("x-forwarded-host", "evil.example.com"), ("forwarded", "host=evil.example.com")];
    let answer = server.bare("GET", &path, &told).await.json();
    let found = format!("{}\n{}", answer["issuer"], answer["jwks_uri"]);
    assert_snapshot!(found, @r#"
    "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1"
    "http://localhost:8080/eu-west-1_TestPool1/.well-known/jwks.json"
    "#);
}

#[tokio::test]
async fn keys() {
    let server = TestServer::start().await;
    let answer = server.bare("GET", &format!("/{POOL}/.well-known/jwks.json"), &[ID]).await;
    let mut shown = answer.show_with(&HEADERS);
    for key in answer.json()["keys"].as_array().unwrap() {
        // 2048 bits.
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
        shown = shown.replace(key["kid"].as_str().unwrap(), "[kid]");
    }
    assert_snapshot!(shown, @r#"
    200 OK
    content-type: application/json
    cache-control: public, max-age=300
    access-control-allow-origin: *
    x-content-type-options: nosniff
    x-request-id: my-id_1.0
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
}

#[tokio::test]
async fn tokens_name_their_keys() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let answer = server.bare("GET", &format!("/{POOL}/.well-known/jwks.json"), &[]).await.json();
    let kids: Vec<_> = answer["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    let tokens = server.cognito().sign_in("alice@example.com", PASSWORD).await;
    let kid = |token: &str| {
        let token = tokens.get(&format!("/AuthenticationResult/{token}"));
        jose_header(&token)["kid"].clone()
    };
    let (access, id) = (kid("AccessToken"), kid("IdToken"));
    assert_ne!(access, id);
    assert!(kids.contains(&&access) && kids.contains(&&id), "{kids:?}");
}

#[tokio::test]
async fn pools_do_not_share_keys() {
    let server = TestServer::start().await;
    let mut kids = Vec::new();
    for pool in [POOL, OTHER_POOL] {
        let keys = server.bare("GET", &format!("/{pool}/.well-known/jwks.json"), &[]).await.json();
        kids.extend(keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()));
    }
    kids.sort();
    kids.dedup();
    assert_eq!(kids.len(), 4);
}

#[tokio::test]
async fn unknown_pools_paths_and_methods() {
    let server = TestServer::start().await;
    let mut rows = Vec::new();
    for line in [
        "GET /eu-west-1_Unknown/.well-known/jwks.json",
        "GET /eu-west-1_Unknown/.well-known/openid-configuration",
        "GET /eu-west-1_testpool1/.well-known/jwks.json",
        "GET /%65u-west-1_TestPool1/.well-known/jwks.json",
        "GET /eu-west-1_TestPool1/.well-known/jwks",
        "GET /eu-west-1_TestPool1/.well-known",
        "GET /eu-west-1_TestPool1/x/../.well-known/jwks.json",
        "GET /.well-known/jwks.json",
        "POST /eu-west-1_TestPool1/.well-known/jwks.json",
        "HEAD /eu-west-1_TestPool1/.well-known/jwks.json",
        "OPTIONS /eu-west-1_TestPool1/.well-known/jwks.json",
    ] {
        let answer = server.call(line, &[("origin", "https://a.example.com")], "").await;
        let headers = [
            "cache-control",
            "allow",
            "access-control-allow-origin",
            "access-control-allow-methods",
        ];
        rows.push(format!("{line}: {}", answer.row(&headers)));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    GET /eu-west-1_Unknown/.well-known/jwks.json: 404 Not Found {"message":"Not Found"} cache-control: no-store access-control-allow-origin: *
    GET /eu-west-1_Unknown/.well-known/openid-configuration: 404 Not Found {"message":"Not Found"} cache-control: no-store access-control-allow-origin: *
    GET /eu-west-1_testpool1/.well-known/jwks.json: 404 Not Found {"message":"Not Found"} cache-control: no-store access-control-allow-origin: *
    GET /%65u-west-1_TestPool1/.well-known/jwks.json: 404 Not Found {"message":"Not Found"} cache-control: no-store access-control-allow-origin: *
    GET /eu-west-1_TestPool1/.well-known/jwks: 404 Not Found {"message":"Not Found"} cache-control: no-store
    GET /eu-west-1_TestPool1/.well-known: 404 Not Found {"message":"Not Found"} cache-control: no-store
    GET /eu-west-1_TestPool1/x/../.well-known/jwks.json: 404 Not Found {"message":"Not Found"} cache-control: no-store
    GET /.well-known/jwks.json: 404 Not Found {"message":"Not Found"} cache-control: no-store
    POST /eu-west-1_TestPool1/.well-known/jwks.json: 405 Method Not Allowed {"message":"Method Not Allowed"} cache-control: no-store allow: GET,HEAD,OPTIONS
    HEAD /eu-west-1_TestPool1/.well-known/jwks.json: 200 OK  cache-control: public, max-age=300 access-control-allow-origin: *
    OPTIONS /eu-west-1_TestPool1/.well-known/jwks.json: 204 No Content  cache-control: no-store access-control-allow-origin: * access-control-allow-methods: GET
    "#);
}
