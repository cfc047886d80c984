//! That nobody locks all administrators of a pool out, neither alone nor two at once.

use crate::support::{Answer, TestServer};
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Grant;
use serde_json::{Value, json};
use std::sync::Arc;

const ANN: &str = "ann@example.com";
const BEN: &str = "ben@example.com";

async fn token(server: &TestServer, name: &str) -> String {
    let body = json!({ "username": name, "password": crate::support::PASSWORD });
    server.json("POST", "/api/auth/login", &body).await.get("/access_token")
}

async fn as_admin(server: &TestServer, token: &str, line: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let bearer = format!("Bearer {token}");
    let path = format!("/api/admin/{path}");
    server.bare(method, &path, &[("authorization", &bearer)]).await
}

/// By Cognito's protocol users act for themselves, too; an access key is the operator's.
#[tokio::test]
async fn not_through_another_face_but_the_operator_may() {
    let server = TestServer::start().await;
    server.user(ANN, &["admin"]).await;
    let delete = json!({ "AccessToken": token(&server, ANN).await });
    let refused = server.cognito().call("DeleteUser", &delete).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(refused.get("/message"), "The last administrator of the pool cannot do this.");
    let user = json!({ "UserPoolId": server.main_pool(), "Username": ANN });
    assert_eq!(server.cognito().admin("AdminDisableUser", &user).await.status, 200);
    let group = json!({ "UserPoolId": server.main_pool(), "GroupName": "admin" });
    assert_eq!(server.cognito().admin("DeleteGroup", &group).await.status, 200);
}

/// On a database of many servers at two nodes, on a file at one.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_remove_each_other_one_stays() {
    let first = Arc::new(TestServer::start().await);
    let second = Arc::new(first.another_node().await);
    let ways: [fn(&str) -> String; 3] = [
        |name| format!("DELETE users/{name}"),
        |name| format!("POST users/{name}/disable"),
        |name| format!("DELETE users/{name}/groups/admin"),
    ];
    for round in 0..12 {
        let (ann, ben) = (format!("{round}{ANN}"), format!("{round}{BEN}"));
        for name in [&ann, &ben] {
            first.user(name, &["admin"]).await;
        }
        let way = ways[round % 3];
        let remove = |server: &Arc<TestServer>, token: String, name: &str| {
            let (server, line) = (Arc::clone(server), way(name));
            tokio::spawn(async move { as_admin(&server, &token, &line).await })
        };
        let (by_ann, by_ben) = (token(&first, &ann).await, token(&second, &ben).await);
        let calls = [remove(&first, by_ann, &ben), remove(&second, by_ben, &ann)];
        let mut done = 0;
        for call in calls {
            done += usize::from(call.await.unwrap().status == 200);
        }
        assert_eq!(done, 1, "round {round}");
        // The operator makes room for the next round.
        let pool = first.main_pool();
        for name in [&ann, &ben] {
            let _ = first.engine.delete_user(&operator(), &pool, name).await;
        }
    }
}

/// The same for those who manage the users of one partner.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_of_a_partner_who_shut_each_other_out_one_stays() {
    let first = Arc::new(TestServer::start().await);
    let second = Arc::new(first.another_node().await);
    first.make_group(MANAGERS).await;
    let (group, permission) = (MANAGERS.into(), Grant::MANAGE_USERS.to_owned());
    let grant = Grant { pool: first.main_pool(), group, partner: None, permission };
    first.engine.grant(&operator(), grant).await.unwrap();
    let ways = [("disable", Value::Null), ("groups", json!({ "groups": [] }))];
    for round in 0..16 {
        let (ann, ben) = (format!("{round}{ANN}"), format!("{round}{BEN}"));
        for name in [&ann, &ben] {
            let user = first.user(name, &["partner-id-acme"]).await;
            first.join(&user, MANAGERS).await;
        }
        // Each its own way, and both the same way.
        let way = |other: usize| ways[(round / (1 + other)) % 2].clone();
        let shut_out =
            |server: &Arc<TestServer>, token: String, name: &str, (verb, body): (&str, Value)| {
                let (server, path) =
                    (Arc::clone(server), format!("PUT /auth/partners/users/{name}/{verb}"));
                tokio::spawn(async move {
                    let bearer = format!("Bearer {token}");
                    let headers = [
                        ("authorization", bearer.as_str()),
                        ("x-preferred-partner-id", "partner-id-acme"),
                        ("content-type", "application/json"),
                    ];
                    server.call(&path, &headers, body.to_string()).await
                })
            };
        let (by_ann, by_ben) =
            (partners_token(&first, &ann).await, partners_token(&second, &ben).await);
        let calls =
            [shut_out(&first, by_ann, &ben, way(0)), shut_out(&second, by_ben, &ann, way(1))];
        let mut rows = Vec::new();
        for call in calls {
            rows.push(call.await.unwrap().row(&[]));
        }
        rows.sort();
        assert_eq!(rows[0], "204 No Content ", "round {round}: {rows:?}");
        let refused = [
            r#"401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}"#,
            r#"401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"}"#,
            r#"403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}"#,
        ];
        assert!(refused.contains(&rows[1].as_str()), "round {round}: {rows:?}");
    }
}

/// Carries the permission, and can be given and taken by who has it.
const MANAGERS: &str = "webapp-access-group-9";

async fn partners_token(server: &TestServer, name: &str) -> String {
    let body = json!({ "username": name, "password": crate::support::PASSWORD });
    server.json("POST", "/auth", &body).await.get("/AccessToken")
}
