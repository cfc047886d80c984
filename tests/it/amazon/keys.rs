//! The pool's public keys: fetched, kept, and not asked for by everybody who makes up a name.

use super::ALICE;
use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::user_pool::UserPool as _;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::ids::ClientId;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

async fn check(server: &TestServer, client: &str, token: &str) -> String {
    let checked = server
        .pools
        .authenticate(&operator(), Face::Cognito, &ClientId::from(client), &Secret::from(token))
        .await;
    checked.map_or_else(|error| error.to_string(), |(caller, _)| caller.username.to_string())
}

/// The token with another header, its signature as it was.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[tokio::test]
async fn tokens_are_checked_strictly() {
    let how = AtAmazon { check_revocation: false, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    let user = server.user(ALICE, &[]).await;
    server.stranger("stranger@example.com").await;
    let tokens = server.cognito().tokens(ALICE).await;
    let parameters = json!({ "USERNAME": "stranger@example.com", "PASSWORD": PASSWORD });
    let foreign =
        server.cognito().initiate_as(OTHER_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
    let kid = jose_header(&tokens.access)["kid"].clone();
    let header = |alg: &str| with_header(&tokens.access, &json!({ "kid": kid, "alg": alg }));
    let critical = json!({ "kid": kid, "alg": "RS256", "crit": ["exp"] });
    let (signed, signature) = tokens.access.rsplit_once('.').unwrap();
    let mut rows = Vec::new();
    for (case, token) in [
        ("as it is", tokens.access.clone()),
        ("ID token", tokens.id.clone()),
        ("of another pool", foreign.get("/AuthenticationResult/AccessToken")),
        ("no signature", format!("{signed}.")),
        ("half a signature", format!("{signed}.{}", &signature[..40])),
        ("alg none", header("none")),
        ("alg HS256", header("HS256")),
        ("alg rs256", header("rs256")),
        ("crit", with_header(&tokens.access, &critical)),
        ("header written anew", header("RS256")),
        ("garbage", "garbage".to_owned()),
        ("empty", String::new()),
    ] {
        let told = check(&server, PUBLIC_CLIENT, &token).await;
        rows.push(format!("{case}: {}", told.replace(user.username.as_str(), "(passes)")));
    }
    let other = check(&server, PARTNER_CLIENT, &tokens.access).await;
    rows.push(format!("other client: {other}"));
    server.clock.advance(Duration::from_hours(1));
    rows.push(format!("expired: {}", check(&server, PUBLIC_CLIENT, &tokens.access).await));
    assert_snapshot!(rows.join("\n"), @r"
    as it is: (passes)
    ID token: the access token is invalid
    of another pool: the access token is invalid
    no signature: the access token is invalid
    half a signature: the access token is invalid
    alg none: the access token is invalid
    alg HS256: the access token is invalid
    alg rs256: the access token is invalid
    crit: the access token is invalid
    header written anew: the access token is invalid
    garbage: the access token is invalid
    empty: the access token is invalid
    other client: the access token is invalid
    expired: the access token has expired
    ");
}

#[tokio::test]
async fn revoked_tokens_are_refused_where_amazon_is_asked() {
    for (check_revocation, expected) in [(true, "the access token has been revoked"), (false, "")] {
        let how = AtAmazon { check_revocation, ..AtAmazon::default() };
        let server = TestServer::at_amazon(config(Path::new("")), how).await;
        let user = server.user(ALICE, &[]).await;
        let tokens = server.cognito().tokens(ALICE).await;
        let sign_out = json!({ "AccessToken": tokens.access });
        assert_eq!(server.cognito().call("GlobalSignOut", &sign_out).await.status, 200);
        let seen = check(&server, PUBLIC_CLIENT, &tokens.access).await;
        let expected = if expected.is_empty() { user.username.as_str() } else { expected };
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn keys_are_fetched_for_unknown_names_but_not_at_will() {
    let how = AtAmazon { check_revocation: false, proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    let proxy = server.proxy();
    let user = server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let username = user.username.as_str();
    // Without keys there is nothing to check by: that is no verdict on the token.
    proxy.set(Fault::Status(500));
    let unavailable = check(&server, PUBLIC_CLIENT, &tokens.access).await;
    assert!(unavailable.starts_with("the service that keeps the pool is unavailable"));
    proxy.set(Fault::None);
    check(&server, PUBLIC_CLIENT, &tokens.access).await;
    assert_eq!(proxy.connections(), 0, "not again so soon");
    server.clock.advance(Duration::from_secs(10));
    assert_eq!(check(&server, PUBLIC_CLIENT, &tokens.access).await, username);
    // Names that are made up: both documents once in ten seconds, and known keys go on to work.
    // While the documents cannot be had, an unknown name may be that of a new key.
    let unavailable = "the service that keeps the pool is unavailable: its public keys could not be \
                       fetched for a new key";
    for (fault, expected) in
        [(Fault::Status(500), unavailable), (Fault::None, "the access token is invalid")]
    {
        proxy.set(fault);
        server.clock.advance(Duration::from_secs(10));
        for kid in 0..20 {
            let header = json!({ "kid": kid.to_string(), "alg": "RS256" });
            let forged = with_header(&tokens.access, &header);
            assert_eq!(check(&server, PUBLIC_CLIENT, &forged).await, expected);
        }
        assert_eq!(proxy.connections(), 2);
        assert_eq!(check(&server, PUBLIC_CLIENT, &tokens.access).await, username);
    }
}
