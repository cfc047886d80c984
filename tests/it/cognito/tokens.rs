//! What tokens say.

use crate::support::{POOL, TestServer, Tokens, claims, jose_header};
use insta::assert_snapshot;
use poolkeeper_pool::entity::User;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn alice(server: &TestServer, groups: &[&str]) -> User {
    let alice = server.user(ALICE, groups).await;
    let edit = |user: &mut User| {
        for (name, value) in [
            ("name", "Alice"),
            ("email_verified", "true"),
            ("phone_number", "+491234567"),
            ("phone_number_verified", "false"),
            ("address", "Main Street 1"),
            ("updated_at", "1700000000"),
        ] {
            user.attributes.set(name, value);
        }
    };
    server.edit(&alice, edit).await
}

#[tokio::test]
async fn claims_of_an_access_token() {
    let server = TestServer::start().await;
    let alice = alice(&server, &["tenant-acme", "admin"]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let claims = claims(&tokens.access);
    assert_eq!(claims["sub"], alice.sub.as_str());
    assert_eq!(claims["username"], alice.username.as_str());
    assert_snapshot!(format!("{claims:#}"), @r#"
    {
      "auth_time": 1767323045,
      "client_id": "public",
      "cognito:groups": [
        "admin",
        "tenant-acme"
      ],
      "event_id": "be501645-0e8a-447e-a646-3e7f89ed6d83",
      "exp": 1767326645,
      "iat": 1767323045,
      "iss": "http://localhost:8080/eu-west-1_TestPool1",
      "jti": "60b87229-1aca-4eb0-a8a3-55644b4413f5",
      "origin_jti": "1d9e7ff6-0300-497e-876a-a848f4dfea17",
      "scope": "aws.cognito.signin.user.admin",
      "sub": "94e34a0e-ffe1-4c58-b223-48245a58bc09",
      "token_use": "access",
      "username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
    }
    "#);
}

#[tokio::test]
async fn claims_of_an_id_token() {
    let server = TestServer::start().await;
    alice(&server, &["tenant-acme", "admin"]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let (id, access) = (claims(&tokens.id), claims(&tokens.access));
    for same in ["sub", "iss", "event_id", "origin_jti", "auth_time", "iat", "cognito:groups"] {
        assert_eq!(id[same], access[same], "{same}");
    }
    assert_ne!(id["jti"], access["jti"]);
    assert_snapshot!(format!("{id:#}"), @r#"
    {
      "address": {
        "formatted": "Main Street 1"
      },
      "aud": "public",
      "auth_time": 1767323045,
      "cognito:groups": [
        "admin",
        "tenant-acme"
      ],
      "cognito:username": "94e34a0e-ffe1-4c58-b223-48245a58bc09",
      "email": "alice@example.com",
      "email_verified": true,
      "event_id": "be501645-0e8a-447e-a646-3e7f89ed6d83",
      "exp": 1767326645,
      "iat": 1767323045,
      "iss": "http://localhost:8080/eu-west-1_TestPool1",
      "jti": "996e1f26-dda6-4312-9515-ca00b18f8d99",
      "name": "Alice",
      "origin_jti": "1d9e7ff6-0300-497e-876a-a848f4dfea17",
      "phone_number": "+491234567",
      "phone_number_verified": false,
      "sub": "94e34a0e-ffe1-4c58-b223-48245a58bc09",
      "token_use": "id",
      "updated_at": 1700000000
    }
    "#);
}

#[tokio::test]
async fn without_groups_there_is_no_claim_of_them() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    for token in [&tokens.access, &tokens.id] {
        let claims = claims(token);
        let of_groups = ["cognito:groups", "cognito:roles", "cognito:preferred_role"];
        assert!(of_groups.iter().all(|name| claims.get(name).is_none()), "{claims:#}");
    }
}

#[tokio::test]
async fn the_two_tokens_are_signed_with_different_published_keys() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let path = format!("/{POOL}/.well-known/jwks.json");
    let published = server.bare("GET", &path, &[]).await.json();
    let kids: Vec<_> =
        published["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    let headers = [&tokens.access, &tokens.id].map(|token| jose_header(token));
    assert_ne!(headers[0]["kid"], headers[1]["kid"]);
    for header in headers {
        assert!(kids.contains(&header["kid"]), "{header}");
        assert_eq!(header, json!({ "kid": header["kid"], "alg": "RS256" }));
        let kid = header["kid"].as_str().unwrap();
        assert!(kid.len() == 44 && kid.ends_with('='), "{kid}");
    }
}

#[tokio::test]
async fn a_refresh_token_has_five_parts_like_a_jwe() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let token = server.cognito().tokens(ALICE).await.refresh;
    assert_eq!(token.split('.').count(), 5);
    assert!(token.starts_with("eyJj"), "{token}");
}

#[tokio::test]
async fn a_refresh_changes_ids_and_times_only() {
    let server = TestServer::start().await;
    alice(&server, &["admin"]).await;
    let first = server.cognito().tokens(ALICE).await;
    server.clock.advance(Duration::from_mins(10));
    let refreshed = server.cognito().refresh(&first.refresh).await;
    for (name, before) in [("AccessToken", &first.access), ("IdToken", &first.id)] {
        let before = claims(before);
        let after = claims(&refreshed.get(&format!("/AuthenticationResult/{name}")));
        let members = before.as_object().unwrap();
        let changed: Vec<_> = members.keys().filter(|key| before[*key] != after[*key]).collect();
        assert_eq!(changed, ["event_id", "exp", "iat", "jti"]);
        assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 600);
        assert_eq!(after.as_object().unwrap().len(), members.len());
    }
}

async fn group(server: &TestServer, name: &str, precedence: Value, role: Value) {
    let body = json!({
        "UserPoolId": POOL,
        "GroupName": name,
        "Precedence": precedence,
        "RoleArn": role,
    });
    let made = server.cognito().admin("CreateGroup", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let body = json!({ "UserPoolId": POOL, "Username": ALICE, "GroupName": name });
    server.cognito().admin("AdminAddUserToGroup", &body).await;
}

fn role(name: &str) -> Value {
    json!(format!("arn:aws:iam::123456789012:role/{name}"))
}

/// The claims about groups in the ID token.
async fn group_claims(server: &TestServer) -> String {
    let id = claims(&server.cognito().tokens(ALICE).await.id);
    let names = ["cognito:groups", "cognito:roles", "cognito:preferred_role"];
    names.map(|name| format!("{name}: {}\n", id[name])).concat()
}

#[tokio::test]
async fn groups_come_in_the_order_of_precedence() {
    let server = TestServer::start().await;
    server.user(ALICE, &["tenant-acme", "admin"]).await;
    group(&server, "third", json!(30), role("c")).await;
    group(&server, "first", json!(0), role("a")).await;
    group(&server, "second", json!(20), Value::Null).await;
    assert_snapshot!(group_claims(&server).await, @r#"
    cognito:groups: ["first","second","third","admin","tenant-acme"]
    cognito:roles: ["arn:aws:iam::123456789012:role/a","arn:aws:iam::123456789012:role/c"]
    cognito:preferred_role: "arn:aws:iam::123456789012:role/a"
    "#);
    let tokens = server.cognito().tokens(ALICE).await;
    assert_eq!(claims(&tokens.access)["cognito:groups"], claims(&tokens.id)["cognito:groups"]);
}

#[tokio::test]
async fn best_groups_with_different_roles_leave_none_preferred() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    group(&server, "a", json!(1), role("a")).await;
    group(&server, "b", json!(1), role("b")).await;
    assert_snapshot!(group_claims(&server).await, @r#"
    cognito:groups: ["a","b"]
    cognito:roles: ["arn:aws:iam::123456789012:role/a","arn:aws:iam::123456789012:role/b"]
    cognito:preferred_role: null
    "#);
}

#[tokio::test]
async fn best_groups_that_share_a_role_prefer_it() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    group(&server, "a", json!(1), role("same")).await;
    group(&server, "b", json!(1), role("same")).await;
    group(&server, "c", json!(2), role("other")).await;
    assert_snapshot!(group_claims(&server).await, @r#"
    cognito:groups: ["a","b","c"]
    cognito:roles: ["arn:aws:iam::123456789012:role/same","arn:aws:iam::123456789012:role/same","arn:aws:iam::123456789012:role/other"]
    cognito:preferred_role: "arn:aws:iam::123456789012:role/same"
    "#);
}

#[tokio::test]
async fn attributes_outside_the_read_permission_are_left_out() {
    let server = TestServer::start().await;
    alice(&server, &[]).await;
    let client = json!({
        "UserPoolId": POOL,
        "ClientName": "narrow",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "ReadAttributes": ["name", "phone_number_verified"],
    });
    let cognito = server.cognito();
    let made = cognito.admin("CreateUserPoolClient", &client).await;
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": crate::support::PASSWORD });
    let client = made.get("/UserPoolClient/ClientId");
    let tokens = Tokens::of(&cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await);
    let mut id = claims(&tokens.id);
    id.as_object_mut().unwrap().retain(|_, value| !value.is_number());
    let shown: Vec<_> = id.as_object().unwrap().keys().map(String::as_str).collect();
    assert_snapshot!(shown.join(" "), @"aud cognito:username event_id iss jti name origin_jti phone_number_verified sub token_use");
    let seen = cognito.get_user(&tokens.access).await;
    assert_snapshot!(seen.show(), @r#"
    200 OK
    {
      "UserAttributes": [
        {
          "Name": "sub",
          "Value": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        },
        {
          "Name": "name",
          "Value": "Alice"
        },
        {
          "Name": "phone_number_verified",
          "Value": "false"
        }
      ],
      "Username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
    }
    "#);
}

#[tokio::test]
async fn custom_attributes_are_texts() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let pool = json!({
        "PoolName": "custom",
        "Schema": [
            { "Name": "level", "AttributeDataType": "Number" },
            { "Name": "vip", "AttributeDataType": "Boolean" },
        ],
    });
    let pool = cognito.admin("CreateUserPool", &pool).await.get("/UserPool/Id");
    let client = json!({
        "UserPoolId": pool,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let user = json!({
        "UserPoolId": pool,
        "Username": "alice",
        "MessageAction": "SUPPRESS",
        "UserAttributes": [
            { "Name": "custom:level", "Value": "7" },
            { "Name": "custom:vip", "Value": "true" },
        ],
    });
    assert_eq!(cognito.admin("AdminCreateUser", &user).await.status, 200);
    let password = json!({
        "UserPoolId": pool,
        "Username": "alice",
        "Password": crate::support::PASSWORD,
        "Permanent": true,
    });
    cognito.admin("AdminSetUserPassword", &password).await;
    let parameters = json!({ "USERNAME": "alice", "PASSWORD": crate::support::PASSWORD });
    let client = client.get("/UserPoolClient/ClientId");
    let answer = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let id = claims(&Tokens::of(&answer).id);
    assert_eq!((&id["custom:level"], &id["custom:vip"]), (&json!("7"), &json!("true")));
    assert_eq!(id["cognito:username"], "alice");
}

#[tokio::test]
async fn tokens_of_a_client_without_revocation_name_no_sign_in() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let cognito = server.cognito();
    let client = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "EnableTokenRevocation": false,
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": crate::support::PASSWORD });
    let answer = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let tokens = Tokens::of(&answer);
    for token in [&tokens.access, &tokens.id] {
        assert_eq!(claims(token).get("origin_jti"), None);
    }
    assert_eq!(cognito.get_user(&tokens.access).await.status, 200);
}
