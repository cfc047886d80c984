//! A limit is that of all nodes together.

use crate::support::{Answer, PASSWORD, TestServer, config};
use insta::assert_snapshot;
use poolkeeper::config::CognitoConfig;
use poolkeeper_faces::PartnerLimits;
use serde_json::json;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// An attempt at each API, with a body that is wrong.
const ATTEMPTS: [(&str, &str); 5] = [
    ("partner", "POST /auth"),
    ("portal", "POST /api/auth/login"),
    ("tenant login", "POST /Login"),
    ("tenant challenge", "POST /RespondToChallenge"),
    ("cognito", "POST /"),
];

/// Two nodes that allow six attempts a minute everywhere.
async fn two_nodes() -> [Arc<TestServer>; 2] {
    let attempts_per_address = NonZeroU32::new(6);
    let mut config = config(Path::new(""));
    config.partner_api.as_mut().unwrap().limits =
        PartnerLimits { attempts_per_address, ..PartnerLimits::NONE };
    config.portal_api.as_mut().unwrap().attempts_per_address = attempts_per_address;
    config.tenant_api.as_mut().unwrap().attempts_per_address = attempts_per_address;
    config.cognito = Some(CognitoConfig { attempts_per_address, forward: None });
    let first = TestServer::with(config).await;
    let second = first.another_node().await;
    [Arc::new(first), Arc::new(second)]
}

async fn attempt(node: &TestServer, line: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth"),
    ];
    let headers = if line == "POST /" { &headers[..] } else { &[] };
    node.call(line, headers, "{}").await
}

/// Whether an attempt was refused because there were too many.
fn is_refused(answer: &Answer) -> bool {
    answer.status == 429 || answer.text.contains("TooManyRequestsException")
}

/// Makes so many attempts at both nodes at once, by turns, and says how many were looked at.
async fn allowed(nodes: &[Arc<TestServer>; 2], line: &'static str, count: usize) -> usize {
    let attempts = nodes.iter().cycle().take(count).cloned();
    let attempts = attempts.map(|node| async move { attempt(&node, line).await });
    let answers = attempts.collect::<JoinSet<_>>().join_all().await;
    answers.iter().filter(|answer| !is_refused(answer)).count()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn attempts_count_over_all_nodes() {
    let nodes = two_nodes().await;
    let mut rows = Vec::new();
    for (name, line) in ATTEMPTS {
        assert_eq!(allowed(&nodes, line, 40).await, 6, "{name}");
        let shown = ["retry-after"];
        let first = attempt(&nodes[0], line).await.row(&shown);
        let second = attempt(&nodes[1], line).await.row(&shown);
        assert_eq!(first, second, "{name}");
        rows.push(format!("{name}: {first}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    partner: 429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 10
    portal: 500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 10
    tenant login: 429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 10
    tenant challenge: 429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 10
    cognito: 400 Bad Request {"__type":"TooManyRequestsException","message":"Rate exceeded"}
    "#);
    // One comes back in ten seconds, for whichever node asks first.
    nodes[0].clock.advance(Duration::from_secs(9));
    for (name, line) in ATTEMPTS {
        assert_eq!(allowed(&nodes, line, 8).await, 0, "{name}");
    }
    nodes[0].clock.advance(Duration::from_secs(1));
    for (name, line) in ATTEMPTS {
        assert_eq!(allowed(&nodes, line, 8).await, 1, "{name}");
    }
    // What was refused has cost nothing.
    nodes[0].clock.advance(Duration::from_mins(1));
    for (name, line) in ATTEMPTS {
        assert_eq!(allowed(&nodes, line, 8).await, 6, "{name}");
    }
}

/// A sign-in at one node leaves as many attempts at the other.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn a_success_is_given_back_to_all_nodes() {
    let nodes = two_nodes().await;
    nodes[0].user("ann@example.com", &[]).await;
    let right = json!({ "username": "ann@example.com", "password": PASSWORD });
    for node in nodes.iter().cycle().take(20) {
        assert_eq!(node.json("POST", "/api/auth/login", &right).await.status, 200);
    }
    assert_eq!(allowed(&nodes, "POST /api/auth/login", 40).await, 6);
}

/// Who is sure to be refused costs the database nothing.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn who_was_refused_is_refused_by_the_node_alone() {
    let [first, second] = two_nodes().await;
    for _ in 0..6 {
        attempt(&first, "POST /auth").await;
    }
    second.store.calls();
    for _ in 0..3 {
        assert!(is_refused(&attempt(&second, "POST /auth").await));
    }
    assert_eq!(second.store.calls(), ["count_call"]);
}

/// What is kept is no address.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn no_address_is_stored() {
    let [node, _] = two_nodes().await;
    attempt(&node, "POST /auth").await;
    attempt(&node, "POST /Login").await;
    let client = node.database.client().await;
    let rows = client.query("SELECT turn_key FROM turns ORDER BY 1", &[]).await.unwrap();
    let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(keys.len(), 2);
    // 256 bits each, which differ for the same address at another limit.
    assert!(keys.iter().all(|key| key.len() == 43), "{keys:?}");
}

/// Nobody is let through uncounted.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn where_nothing_can_be_counted_nothing_is_allowed() {
    let [node, _] = two_nodes().await;
    node.user("ann@example.com", &[]).await;
    node.database.client().await.batch_execute("DROP TABLE turns").await.unwrap();
    let mut rows = Vec::new();
    for (name, line) in ATTEMPTS {
        rows.push(format!("{name}: {}", attempt(&node, line).await.row(&["retry-after"])));
    }
    let right = json!({ "username": "ann@example.com", "password": PASSWORD });
    rows.push(format!("right: {}", node.json("POST", "/auth", &right).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    partner: 503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"} retry-after: 1
    portal: 503 Service Unavailable {"detail":"Login failed: Service unavailable"} retry-after: 1
    tenant login: 503 Service Unavailable {"error":"ServiceUnavailable","message":"Service unavailable"} retry-after: 1
    tenant challenge: 503 Service Unavailable {"error":"ServiceUnavailable","message":"Service unavailable"} retry-after: 1
    cognito: 500 Internal Server Error {"__type":"InternalErrorException","message":"Internal error"}
    right: 503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"}
    "#);
}
