//! Nodes that rotate and revoke signing keys, whose clocks differ.

use super::two_nodes;
use crate::support::{POOL, TestClock, TestServer, Tokens, is_signed_by, jose_header};
use poolkeeper::system::operator;
use poolkeeper_pool::ids::{KeyId, PoolId};
use poolkeeper_pool::local::{KeyRevocation, KeyRotation};
use poolkeeper_pool::system::Clock as _;
use poolkeeper_pool::time::CLOCKS_DIFFER;
use poolkeeper_pool::token::{KeyState, LEAD, PUBLIC_KEYS_KEPT};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const ANN: &str = "ann@example.com";

fn pool() -> PoolId {
    PoolId::from(POOL)
}

async fn published(node: &TestServer) -> Value {
    node.bare("GET", &format!("/{POOL}/.well-known/jwks.json"), &[]).await.json()
}

fn kid(token: &str) -> KeyId {
    KeyId::from(jose_header(token)["kid"].as_str().unwrap())
}

/// Two nodes, the second of which has a clock that is so far behind.
async fn apart(by: Duration) -> [TestServer; 2] {
    let first = TestServer::start().await;
    let clock = TestClock::default();
    clock.rewind(by);
    let second = first.another_node_by(Arc::new(clock)).await;
    first.user(ANN, &[]).await;
    [first, second]
}

async fn refreshed(node: &TestServer, tokens: &Tokens) -> String {
    node.cognito().refresh(&tokens.refresh).await.get("/AuthenticationResult/AccessToken")
}

/// Goes through a rotation in steps of seconds. At each, both nodes sign, and both have to take what the
/// other one signed; and so has a service that asked for the public keys just as long ago as it may keep
/// them, wherever it asked.
async fn walk_through_a_rotation(nodes: &[TestServer; 2], by: usize) {
    const STEP: u64 = 5;
    let tokens = nodes[0].cognito().tokens(ANN).await;
    let kept = usize::try_from(PUBLIC_KEYS_KEPT.as_secs() / STEP).unwrap();
    let mut documents: Vec<[Value; 2]> = Vec::new();
    let mut kids = BTreeSet::new();
    for step in 0..300 {
        documents.push([published(&nodes[0]).await, published(&nodes[1]).await]);
        if step == kept {
            let made =
                nodes[by].engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap();
            assert!(matches!(made, KeyRotation::Made(_)));
        }
        for signer in nodes {
            let token = refreshed(signer, &tokens).await;
            kids.insert(kid(&token));
            for verifier in nodes {
                assert_eq!(verifier.cognito().get_user(&token).await.status, 200, "{step}");
            }
            let old = step.checked_sub(kept).map(|step| &documents[step]);
            assert!(old.into_iter().flatten().all(|old| is_signed_by(old, &token)), "{step}");
        }
        for node in nodes {
            node.clock.advance(Duration::from_secs(STEP));
            node.engine.sweep().await.unwrap();
        }
    }
    assert_eq!(kids.len(), 2, "it was a rotation");
    let ends = [refreshed(&nodes[0], &tokens).await, refreshed(&nodes[1], &tokens).await];
    assert_eq!(kid(&ends[0]), kid(&ends[1]));
}

#[tokio::test]
async fn no_verifier_meets_an_unknown_key_when_the_node_behind_rotates() {
    for by in [0, 7, CLOCKS_DIFFER.as_secs()] {
        walk_through_a_rotation(&apart(Duration::from_secs(by)).await, 1).await;
    }
}

#[tokio::test]
async fn no_verifier_meets_an_unknown_key_when_the_node_ahead_rotates() {
    for by in [7, CLOCKS_DIFFER.as_secs()] {
        walk_through_a_rotation(&apart(Duration::from_secs(by)).await, 0).await;
    }
}

/// Revokes the key of access tokens that signs, at the first node, and looks at the second one a second
/// later: it refuses what that key signed and signs with the successor, so that both take what the other one
/// signs.
async fn revoke_what_signs(nodes: &[TestServer; 2]) {
    let tokens = nodes[0].cognito().tokens(ANN).await;
    for node in nodes {
        assert_eq!(node.cognito().get_user(&tokens.access).await.status, 200);
    }
    let done =
        nodes[0].engine.revoke_key(&operator(), &pool(), &kid(&tokens.access)).await.unwrap();
    let KeyRevocation::Done { successor: Some(successor) } = done else { panic!("{done:?}") };
    assert_eq!(nodes[0].cognito().get_user(&tokens.access).await.status, 400);
    nodes[1].clock.advance(Duration::from_secs(1));
    assert_eq!(nodes[1].cognito().get_user(&tokens.access).await.status, 400);
    for signer in nodes {
        let token = refreshed(signer, &tokens).await;
        assert_eq!(kid(&token), successor);
        for verifier in nodes {
            assert_eq!(verifier.cognito().get_user(&token).await.status, 200);
        }
    }
}

/// Clocks that agree, and one that is seconds behind.
const APART: [Duration; 2] = [Duration::ZERO, Duration::from_secs(7)];

fn pass(nodes: &[TestServer; 2], time: Duration) {
    nodes[0].clock.advance(time);
    nodes[1].clock.advance(time);
}

#[tokio::test]
async fn a_revocation_bites_at_the_other_node_within_a_second() {
    for by in APART {
        revoke_what_signs(&apart(by).await).await;
    }
}

/// No node goes back to a key that has had its time.
#[tokio::test]
async fn a_new_key_takes_the_place_of_a_revoked_one_before_retired_ones() {
    for by in APART {
        let nodes = apart(by).await;
        nodes[0].engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap();
        pass(&nodes, LEAD * 2);
        revoke_what_signs(&nodes).await;
    }
}

#[tokio::test]
async fn a_pending_key_takes_the_place_of_a_revoked_one_at_the_other_node() {
    for by in APART {
        let nodes = apart(by).await;
        nodes[0].engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap();
        pass(&nodes, LEAD / 2);
        revoke_what_signs(&nodes).await;
    }
}

/// Both look at the same keys, and both want to be the one that follows them.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_rotations_at_once_one_is_made() {
    for _ in 0..8 {
        let nodes = two_nodes().await;
        let begins = nodes[0].clock.now().after(LEAD);
        let rotate = |node: Arc<TestServer>| async move {
            node.engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap()
        };
        let both: JoinSet<_> = nodes.iter().cloned().map(rotate).collect();
        let both = both.join_all().await;
        assert!(both.contains(&KeyRotation::Made(begins)), "{both:?}");
        assert!(both.contains(&KeyRotation::Pending(begins)), "{both:?}");
        assert_eq!(nodes[0].engine.list_keys(&operator(), &pool()).await.unwrap().len(), 4);
    }
}

/// Each alone would leave the other's key.
#[tokio::test(flavor = "multi_thread")]
async fn of_all_keys_revoked_at_once_some_are_left() {
    for _ in 0..8 {
        let nodes = two_nodes().await;
        nodes[0].user(ANN, &[]).await;
        nodes[0].engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap();
        let keys = nodes[0].engine.list_keys(&operator(), &pool()).await.unwrap();
        let at = nodes.iter().cycle().cloned();
        let revoke = |(node, key): (Arc<TestServer>, KeyId)| async move {
            node.engine.revoke_key(&operator(), &pool(), &key).await.unwrap()
        };
        let ids = keys.iter().map(|key| key.id.clone());
        let all: JoinSet<_> = at.zip(ids).map(revoke).collect();
        let all = all.join_all().await;
        assert!(!all.contains(&KeyRevocation::Unknown), "{all:?}");
        let left = nodes[0].engine.list_keys(&operator(), &pool()).await.unwrap();
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left.iter().all(|key| key.state == KeyState::Signing), "{left:?}");
        assert!(left.iter().all(|key| keys.iter().all(|old| old.id != key.id)), "{left:?}");
        nodes[0].clock.advance(Duration::from_secs(1));
        let tokens = nodes[1].cognito().tokens(ANN).await;
        assert!(is_signed_by(&published(&nodes[0]).await, &tokens.access));
    }
}

/// The one must not give a key that the other has removed or replaced its end: of each use one key has none.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_and_a_revocation_at_once_come_one_after_the_other() {
    for _ in 0..16 {
        let nodes = two_nodes().await;
        let keys = nodes[0].engine.list_keys(&operator(), &pool()).await.unwrap();
        let leaked = keys[0].id.clone();
        let [first, second] = nodes.clone();
        let rotated = tokio::spawn(async move {
            first.engine.rotate_keys(&operator(), &pool(), Duration::ZERO).await.unwrap()
        });
        let revoked = tokio::spawn(async move {
            second.engine.revoke_key(&operator(), &pool(), &leaked).await.unwrap()
        });
        assert!(matches!(rotated.await.unwrap(), KeyRotation::Made(_)));
        assert!(matches!(revoked.await.unwrap(), KeyRevocation::Done { successor: Some(_) }));
        let left = nodes[0].engine.list_keys(&operator(), &pool()).await.unwrap();
        let endless = left.iter().filter(|key| key.verifies_until.is_none());
        let endless: BTreeSet<_> = endless.map(|key| format!("{:?}", key.usage)).collect();
        let count = left.iter().filter(|key| key.verifies_until.is_none()).count();
        assert_eq!((endless.len(), count), (2, 2), "{left:?}");
    }
}
