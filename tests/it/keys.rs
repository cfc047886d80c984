//! Signing keys that follow one another while the server runs.

use crate::support::{
    OTHER_POOL, PASSWORD, POOL, PUBLIC_CLIENT, TENANT, TENANT_GROUP, TestClock, TestServer, Tokens,
    is_signed_by, jose_header,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::entity::KeyUse;
use poolkeeper_pool::error::Refusal;
use poolkeeper_pool::ids::{KeyId, PoolId};
use poolkeeper_pool::local::{KeyRevocation, KeyRotation, ListedKey, Local, Parts};
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::system::Clock as _;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::token::{KeyState, LEAD};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const ANN: &str = "ann@example.com";
const MOMENT: Duration = Duration::from_millis(1);
/// How long nodes use keys without looking.
const READ_AGAIN: Duration = Duration::from_secs(1);

fn just_before(time: Duration) -> Duration {
    time.saturating_sub(MOMENT)
}

fn pool() -> PoolId {
    PoolId::from(POOL)
}

/// A pool's public keys, the whole document.
async fn published(server: &TestServer) -> Value {
    let answer = server.bare("GET", &format!("/{POOL}/.well-known/jwks.json"), &[]).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// A server that has a user, and keys that are a second old.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.user(ANN, &["fd42", TENANT_GROUP]).await;
    // The first keys are older than those that tests make.
    published(&server).await;
    server.clock.advance(Duration::from_secs(1));
    server
}

/// Makes new keys.
async fn rotate(server: &TestServer) -> KeyRotation {
    server.engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap()
}

async fn revoke(server: &TestServer, key: &KeyId) -> KeyRevocation {
    server.engine.revoke_key(&operator(), &pool(), key).await.unwrap()
}

async fn keys(server: &TestServer) -> Vec<ListedKey> {
    server.engine.list_keys(&operator(), &pool()).await.unwrap()
}

/// The keys of access tokens: what state each has, from when on it signs and until when it verifies, in
/// seconds from when the first one was made.
async fn access_keys(server: &TestServer) -> String {
    let seconds = |at: Timestamp| at.since(TestClock::default().now()).as_secs();
    let show = |key: ListedKey| {
        let (state, from) = (key.state.as_str(), seconds(key.signs_from));
        let made = seconds(key.created_at);
        let until = key.verifies_until.map_or("-".to_owned(), |at| seconds(at).to_string());
        format!("{state}: made {made}, from {from}, until {until}")
    };
    let keys = keys(server).await;
    let keys = keys.into_iter().filter(|key| key.usage == KeyUse::Access);
    keys.map(show).collect::<Vec<_>>().join("\n")
}

/// The key of access tokens that stands so.
async fn access_key(server: &TestServer, state: KeyState) -> KeyId {
    let mut keys = keys(server).await.into_iter();
    keys.find(|key| key.usage == KeyUse::Access && key.state == state).unwrap().id
}

fn kid(token: &str) -> KeyId {
    KeyId::from(jose_header(token)["kid"].as_str().unwrap())
}

/// Whether both tokens are signed by keys of a document, which is all that other services look at.
fn are_signed_by(document: &Value, tokens: &Tokens) -> bool {
    is_signed_by(document, &tokens.access) && is_signed_by(document, &tokens.id)
}

/// A document with the keys of both.
fn joined(first: &Value, second: &Value) -> Value {
    let all = |document: &Value| document["keys"].as_array().unwrap().clone();
    let keys = [all(first), all(second)].concat();
    json!({ "keys": keys })
}

/// What one document has and another has not.
fn added(after: &Value, before: &Value) -> Value {
    let before = before["keys"].as_array().unwrap();
    let after = after["keys"].as_array().unwrap().iter();
    json!({ "keys": after.filter(|key| !before.contains(key)).collect::<Vec<_>>() })
}

/// A document with its numbers cut short.
fn show(document: &Value) -> String {
    let mut shown = format!("{document:#}");
    for key in document["keys"].as_array().unwrap() {
        assert_eq!(key["n"].as_str().unwrap().len(), 342);
        shown = shown.replace(key["n"].as_str().unwrap(), "[n]");
        shown = shown.replace(key["kid"].as_str().unwrap(), "[kid]");
    }
    shown
}

async fn get_user(server: &TestServer, tokens: &Tokens) -> String {
    server.cognito().get_user(&tokens.access).await.line().chars().take(80).collect()
}

const REVOKED: &str = r#"400 NotAuthorizedException "Invalid Access Token""#;

async fn is_good(server: &TestServer, tokens: &Tokens) -> bool {
    match get_user(server, tokens).await {
        good if good.starts_with("200 ") => true,
        bad => {
            assert_eq!(bad, REVOKED);
            false
        }
    }
}

/// A pool costs no keys until somebody needs them, and however many need them at once, they are made
/// once.
#[tokio::test]
async fn the_first_keys_are_made_when_they_are_needed() {
    let server = TestServer::start().await;
    assert_eq!(server.store.signing_keys(&pool()).await.unwrap(), []);
    let node = server.another_node().await;
    let engines = [&server.engine, &node.engine];
    let ask = |engine: &Arc<Local>| {
        let engine = Arc::clone(engine);
        async move { engine.jwks(&pool()).await }
    };
    let sets =
        engines.into_iter().cycle().take(8).map(ask).collect::<JoinSet<_>>().join_all().await;
    let kept = server.store.signing_keys(&pool()).await.unwrap();
    assert_eq!(kept.iter().map(|key| key.usage).collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(kept.len(), 2);
    for set in sets {
        assert_eq!(set.unwrap(), published(&server).await);
    }
    let unknown = server.engine.jwks(&"us-east-1_Unknown01".into()).await.unwrap_err();
    let told = Refusal::PoolNotFound("us-east-1_Unknown01".into()).to_string();
    assert_eq!(unknown.to_string(), told);
}

#[tokio::test]
async fn new_keys_are_published_at_once_and_sign_after_a_while() {
    let server = server().await;
    let before = published(&server).await;
    let first = server.cognito().tokens(ANN).await;

    assert_eq!(rotate(&server).await, KeyRotation::Made(server.clock.now().after(LEAD)));
    let both = published(&server).await;
    let after = added(&both, &before);
    assert_eq!(both, joined(&before, &after), "oldest first");
    assert_snapshot!(show(&after), @r#"
    {
      "keys": [
        {
          "alg": "RS256",
          "e": "AQAB",
          "kid": "[kid]",
          "kty": "RSA",
          "n": "[n]",
          "use": "sig"
        },
        {
          "alg": "RS256",
          "e": "AQAB",
          "kid": "[kid]",
          "kty": "RSA",
          "n": "[n]",
          "use": "sig"
        }
      ]
    }
    "#);

    server.clock.advance(just_before(LEAD));
    let last = server.cognito().tokens(ANN).await;
    assert!(are_signed_by(&before, &last));

    server.clock.advance(MOMENT);
    let next = server.cognito().tokens(ANN).await;
    assert!(are_signed_by(&after, &next));
    assert!(!is_signed_by(&before, &next.access) && !is_signed_by(&before, &next.id));
    assert_eq!(published(&server).await, both);
    for tokens in [first, last, next] {
        assert!(are_signed_by(&both, &tokens));
        assert!(is_good(&server, &tokens).await);
    }
}

#[tokio::test]
async fn the_certificate_is_of_the_key_that_signs() {
    let server = server().await;
    let body = json!({ "UserPoolId": POOL });
    let certificate =
        || async { server.cognito().admin("GetSigningCertificate", &body).await.text };
    let before = certificate().await;
    rotate(&server).await;
    server.clock.advance(just_before(LEAD));
    assert_eq!(certificate().await, before);
    server.clock.advance(MOMENT);
    assert_ne!(certificate().await, before);
}

#[tokio::test]
async fn old_keys_go_when_no_token_of_theirs_is_left() {
    const DAY: Duration = Duration::from_hours(24);
    let server = server().await;
    let life = json!({
        "UserPoolId": POOL,
        "ClientId": PUBLIC_CLIENT,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AccessTokenValidity": 24,
        "IdTokenValidity": 24,
    });
    assert_eq!(server.cognito().admin("UpdateUserPoolClient", &life).await.status, 200);
    let before = published(&server).await;
    rotate(&server).await;
    let both = published(&server).await;
    server.clock.advance(just_before(LEAD));
    let last = server.cognito().tokens(ANN).await;
    assert!(are_signed_by(&before, &last));

    // To the last second of the longest token.
    server.clock.advance(DAY.saturating_sub(Duration::from_secs(1)));
    server.engine.sweep().await.unwrap();
    assert_eq!(published(&server).await, both);
    assert!(is_good(&server, &last).await);

    server.clock.advance(Duration::from_secs(1) + Duration::from_hours(1) + MOMENT);
    server.engine.sweep().await.unwrap();
    assert_eq!(published(&server).await, both, "not before the hour is over");
    server.clock.advance(MOMENT);
    server.engine.sweep().await.unwrap();
    server.clock.advance(READ_AGAIN);
    let after = published(&server).await;
    assert_eq!(after, added(&both, &before));

    // The sign-in lives on.
    let refreshed = server.cognito().refresh(&last.refresh).await;
    assert!(is_signed_by(&after, &refreshed.get("/AuthenticationResult/AccessToken")));
    // What signs has no end.
    server.clock.advance(100 * DAY);
    server.engine.sweep().await.unwrap();
    assert_eq!(published(&server).await, after);
}

#[tokio::test]
async fn keys_that_have_not_begun_are_not_followed_by_others() {
    let server = server().await;
    let beginning = server.clock.now();
    rotate(&server).await;
    let both = published(&server).await;
    let begins = beginning.after(LEAD);
    server.clock.advance(just_before(LEAD));
    assert_eq!(rotate(&server).await, KeyRotation::Pending(begins));
    assert_eq!(published(&server).await, both);
    server.clock.advance(MOMENT);
    assert_eq!(rotate(&server).await, KeyRotation::Made(begins.after(LEAD)));
    assert_snapshot!(access_keys(&server).await, @"
    retired: made 0, from 0, until 90601
    signing: made 1, from 601, until 91201
    pending: made 601, from 1201, until -
    ");
    assert_eq!(keys(&server).await.len(), 6);
}

#[tokio::test]
async fn the_lead_may_be_longer_but_not_shorter() {
    let server = server().await;
    let (now, other) = (server.clock.now(), PoolId::from(OTHER_POOL));
    let hours = Duration::from_hours(2);
    let made = server.engine.rotate_keys(&operator(), &other, hours).await.unwrap();
    assert_eq!(made, KeyRotation::Made(now.after(hours)));
    let made = server.engine.rotate_keys(&operator(), &pool(), just_before(LEAD)).await.unwrap();
    assert_eq!(made, KeyRotation::Made(now.after(LEAD)));
}

#[tokio::test]
async fn a_new_key_is_in_the_place_of_one_that_was_revoked() {
    let server = server().await;
    let before = published(&server).await;
    server.clock.advance(Duration::from_secs(100));
    let tokens = server.cognito().tokens(ANN).await;
    let leaked = kid(&tokens.access);
    let KeyRevocation::Done { successor: Some(successor) } = revoke(&server, &leaked).await else {
        panic!("nobody signs")
    };
    assert!(!is_good(&server, &tokens).await);
    let after = published(&server).await;
    let rest = added(&before, &after);
    assert_eq!(rest["keys"][0]["kid"], leaked.as_str());
    assert_eq!(after, joined(&added(&before, &rest), &added(&after, &before)));

    let fresh = server.cognito().tokens(ANN).await;
    assert_eq!(kid(&fresh.access), successor);
    // The other key has not leaked.
    assert_eq!(kid(&fresh.id), kid(&tokens.id));
    assert!(are_signed_by(&after, &fresh) && is_signed_by(&after, &tokens.id));
    assert!(is_good(&server, &fresh).await);
    assert_snapshot!(access_keys(&server).await, @"signing: made 101, from 101, until -");
    // A clock that is behind must not keep it from signing.
    server.clock.rewind(Duration::from_secs(30));
    assert_eq!(kid(&server.cognito().tokens(ANN).await.access), successor);
}

#[tokio::test]
async fn a_key_that_was_to_follow_takes_the_place_of_one_that_was_revoked() {
    let server = server().await;
    let beginning = server.clock.now();
    rotate(&server).await;
    server.clock.advance(Duration::from_secs(100));
    let both = published(&server).await;
    let (leaked, pending) = (
        access_key(&server, KeyState::Signing).await,
        access_key(&server, KeyState::Pending).await,
    );
    let successor = Some(pending.clone());
    assert_eq!(revoke(&server, &leaked).await, KeyRevocation::Done { successor });
    assert_eq!(kid(&server.cognito().tokens(ANN).await.access), pending);
    let after = published(&server).await;
    assert_eq!(added(&after, &both), json!({ "keys": [] }));
    assert_eq!(after["keys"].as_array().unwrap().len(), 3);
    assert_snapshot!(access_keys(&server).await, @"signing: made 1, from 1, until -");
    // The keys of ID tokens go on as they would have.
    let KeyRotation::Pending(begins) = rotate(&server).await else { panic!("made") };
    assert_eq!(begins, beginning.after(LEAD));
}

#[tokio::test]
async fn the_key_of_now_goes_on_where_the_next_one_was_revoked() {
    let server = server().await;
    rotate(&server).await;
    let (signing, pending) = (
        access_key(&server, KeyState::Signing).await,
        access_key(&server, KeyState::Pending).await,
    );
    assert_eq!(revoke(&server, &pending).await, KeyRevocation::Done { successor: None });
    assert_snapshot!(access_keys(&server).await, @"signing: made 0, from 0, until -");
    server.clock.advance(LEAD);
    assert_eq!(kid(&server.cognito().tokens(ANN).await.access), signing);
    // Nothing is left of its end.
    server.clock.advance(Duration::from_hours(48));
    server.engine.sweep().await.unwrap();
    server.clock.advance(READ_AGAIN);
    assert_eq!(kid(&server.cognito().tokens(ANN).await.access), signing);
}

#[tokio::test]
async fn a_retired_key_that_is_revoked_changes_nothing_else() {
    let server = server().await;
    let old = server.cognito().tokens(ANN).await;
    rotate(&server).await;
    server.clock.advance(LEAD + Duration::from_mins(2));
    let new = server.cognito().tokens(ANN).await;
    assert!(is_good(&server, &old).await);
    let gone = revoke(&server, &kid(&old.access)).await;
    assert_eq!(gone, KeyRevocation::Done { successor: None });
    assert!(!is_good(&server, &old).await);
    assert!(is_good(&server, &new).await);
    assert_eq!(revoke(&server, &kid(&old.access)).await, KeyRevocation::Unknown);
    assert_snapshot!(access_keys(&server).await, @"signing: made 1, from 601, until -");
}

/// Whatever is revoked, in whatever order, tokens are signed by a key that is published.
#[tokio::test]
async fn no_pool_is_left_without_keys() {
    let server = server().await;
    for round in 0..3 {
        rotate(&server).await;
        for key in keys(&server).await {
            assert_ne!(revoke(&server, &key.id).await, KeyRevocation::Unknown);
            let tokens = server.cognito().tokens(ANN).await;
            assert!(are_signed_by(&published(&server).await, &tokens), "{round}");
            assert!(is_good(&server, &tokens).await, "{round}");
        }
        server.clock.advance(LEAD);
    }
    assert_eq!(keys(&server).await.len(), 2);
}

#[tokio::test]
async fn a_key_of_another_pool_is_unknown() {
    let server = server().await;
    let key = access_key(&server, KeyState::Signing).await;
    let elsewhere =
        server.engine.revoke_key(&operator(), &PoolId::from(OTHER_POOL), &key).await.unwrap();
    assert_eq!(elsewhere, KeyRevocation::Unknown);
    let nowhere = PoolId::from("eu-west-1_Nowhere");
    for refused in [
        server.engine.list_keys(&operator(), &nowhere).await.map(drop),
        server.engine.rotate_keys(&operator(), &nowhere, LEAD).await.map(drop),
        server.engine.revoke_key(&operator(), &nowhere, &key).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), "there is no user pool eu-west-1_Nowhere");
    }
    assert_eq!(keys(&server).await.len(), 2);
}

/// Keys made under another master key would keep the nodes from opening any.
#[tokio::test]
async fn nothing_is_done_under_another_master_key() {
    let server = server().await;
    let before = published(&server).await;
    let parts = Parts {
        store: Arc::clone(&server.store) as _,
        workers: Arc::clone(&server.workers) as _,
        clock: Arc::clone(&server.clock) as _,
        rng: Arc::new(poolkeeper::system::SystemRng),
        sealer: Arc::new(Sealer::new(&[8; 32])),
        observer: Arc::new(poolkeeper_pool::ports::Unobserved),
    };
    let stranger = Local::new(parts, server.engine.settings().clone());
    let key = access_key(&server, KeyState::Signing).await;
    for refused in [
        stranger.list_keys(&operator(), &pool()).await.map(drop),
        stranger.rotate_keys(&operator(), &pool(), LEAD).await.map(drop),
        stranger.revoke_key(&operator(), &pool(), &key).await.map(drop),
    ] {
        let told = "a stored signing key cannot be opened: is this the right master key?";
        assert_eq!(refused.unwrap_err().to_string(), told);
    }
    server.clock.advance(READ_AGAIN);
    assert_eq!(published(&server).await, before);
}

/// Sealed values stand under the master key and sessions in the database: neither knows the keys.
#[tokio::test]
async fn refresh_tokens_challenges_and_secrets_outlive_the_keys() {
    let server = TestServer::start().await;
    server.clock.advance(Duration::from_secs(1));
    server.totp_user(ANN, &[]).await;
    let cognito = server.cognito();
    let enter = async |session: &str| {
        let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
        Tokens::of(&cognito.respond("SOFTWARE_TOKEN_MFA", session, responses).await)
    };
    let asked = cognito.sign_in(ANN, PASSWORD).await.get("/Session");
    rotate(&server).await;
    let old = enter(&asked).await;
    server.clock.advance(LEAD.saturating_sub(Duration::from_mins(1)));
    let asked = cognito.sign_in(ANN, PASSWORD).await.get("/Session");
    server.clock.advance(Duration::from_mins(1));
    let new = enter(&asked).await;
    assert_ne!(kid(&old.access), kid(&new.access));

    server.clock.advance(Duration::from_mins(1));
    let asked = cognito.sign_in(ANN, PASSWORD).await.get("/Session");
    for key in keys(&server).await {
        revoke(&server, &key.id).await;
    }
    let mut good = vec![enter(&asked).await];
    for tokens in [old, new] {
        assert!(!is_good(&server, &tokens).await);
        let answer = cognito.refresh(&tokens.refresh).await;
        let token = |name: &str| answer.get(&format!("/AuthenticationResult/{name}"));
        let (access, id) = (token("AccessToken"), token("IdToken"));
        good.push(Tokens { access, id, ..tokens });
    }
    let document = published(&server).await;
    for tokens in good {
        assert!(are_signed_by(&document, &tokens));
        assert!(is_good(&server, &tokens).await);
    }
}

/// What each face tells of a token whose key is gone.
#[tokio::test]
async fn every_face_refuses_tokens_of_a_revoked_key() {
    let server = server().await;
    let body = json!({ "username": ANN, "password": PASSWORD });
    let partner = server.json("POST", "/auth", &body).await.get("/AccessToken");
    let portal = server.json("POST", "/api/auth/login", &body).await.get("/access_token");
    let tenant = json!({ "UserName": ANN, "TenantName": TENANT, "Password": PASSWORD });
    let tenant = server.json("POST", "/Login", &tenant).await;
    let tenant = tenant.get("/cognitoToken/AuthenticationResult/AccessToken");
    let cognito = server.cognito().tokens(ANN).await.access;

    let ask = async || {
        let mut rows = Vec::new();
        for (line, token) in [
            ("GET /auth/mfa/settings", &partner),
            ("GET /api/auth/me", &portal),
            ("POST /credentials", &tenant),
        ] {
            let bearer = format!("Bearer {token}");
            let headers =
                [("authorization", bearer.as_str()), ("content-type", "application/json")];
            let answer = server.call(line, &headers, "{}").await;
            rows.push(format!("{line}: {}", answer.row(&["www-authenticate"])));
        }
        rows.push(format!("GetUser: {}", server.cognito().get_user(&cognito).await.line()));
        rows
    };
    assert!(ask().await.iter().all(|row| !row.contains(" 401 ") && !row.contains(" 400 ")));
    revoke(&server, &access_key(&server, KeyState::Signing).await).await;
    assert_snapshot!(ask().await.join("\n"), @r#"
    GET /auth/mfa/settings: 401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"} www-authenticate: Bearer
    GET /api/auth/me: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    POST /credentials: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    GetUser: 400 NotAuthorizedException "Invalid Access Token"
    "#);
}
