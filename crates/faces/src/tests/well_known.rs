use super::{router, send};
use poolkeeper_pool::token::PUBLIC_KEYS_KEPT;

#[tokio::test]
async fn keys_and_discovery_are_public() {
    let router = router();
    let base = "/eu-central-1_AbCdEf123/.well-known";
    let reply = send(&router, &format!("GET {base}/jwks.json"), &[], "").await;
    reply.assert(200, r#"{"keys":[]}"#);
    // By this, new keys wait before they sign.
    let kept = format!("public, max-age={}", PUBLIC_KEYS_KEPT.as_secs());
    assert_eq!(reply.header("cache-control"), kept);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let expected = r#"{"issuer":"https://issuer.example.com/eu-central-1_AbCdEf123","jwks_uri":"https://id.example.com/eu-central-1_AbCdEf123/.well-known/jwks.json","response_types_supported":["code","token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}"#;
    let reply = send(&router, &format!("GET {base}/openid-configuration"), &[], "").await;
    reply.assert(200, expected);
    let reply = send(&router, &format!("OPTIONS {base}/jwks.json"), &[], "").await;
    reply.assert(204, "");
    assert_eq!(reply.header("access-control-allow-methods"), "GET");
}

#[tokio::test]
async fn what_is_not_there_is_not_cached() {
    let router = router();
    let not_found = r#"{"message":"Not Found"}"#;
    for path in
        ["/other/.well-known/jwks.json", "/other/.well-known/x", "/x/y/.well-known/jwks.json"]
    {
        let reply = send(&router, &format!("GET {path}"), &[], "").await;
        reply.assert(404, not_found);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let reply = send(&router, "GET /broken/.well-known/jwks.json", &[], "").await;
    reply.assert(500, r#"{"message":"Internal Server Error"}"#);
    let reply = send(&router, "POST /other/.well-known/jwks.json", &[], "").await;
    reply.assert(405, r#"{"message":"Method Not Allowed"}"#);
    assert_eq!(reply.header("allow"), "GET,HEAD,OPTIONS");
}
