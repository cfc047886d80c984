use crate::support::{POOL, PUBLIC_CLIENT, TestServer, jose_header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use insta::assert_snapshot;
use serde_json::json;

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// What a parser makes of it is looked at in `tests/clients`.
#[tokio::test]
async fn of_the_key_that_signs_id_tokens() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let body = json!({ "UserPoolId": POOL });
    let answer = cognito.admin("GetSigningCertificate", &body).await;
    let der = STANDARD.decode(answer.get("/Certificate")).unwrap();
    server.user("alice@example.com", &[]).await;
    let kid = jose_header(&cognito.tokens("alice@example.com").await.id)["kid"].clone();
    let keys = server.call(&format!("GET /{POOL}/.well-known/jwks.json"), &[], "").await.json();
    let keys = keys["keys"].as_array().unwrap().clone();
    for key in keys {
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        assert_eq!(contains(&der, &modulus), key["kid"] == kid);
    }
    assert!(contains(&der, POOL.as_bytes()));
    let again = cognito.admin("GetSigningCertificate", &body).await;
    assert_eq!(again.text, answer.text);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere", "ClientId": PUBLIC_CLIENT });
    let unknown = server.cognito().admin("GetSigningCertificate", &body).await;
    assert_snapshot!(unknown.line(), @r#"400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist.""#);
}
