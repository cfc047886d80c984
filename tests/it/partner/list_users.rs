use super::{ACME, ALICE, BOB, FD42, access_token, administrator, call, call_for};
use crate::support::{Answer, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::UserStatus;
use serde_json::{Value, json};

async fn list(server: &TestServer, token: &str, query: &str) -> Answer {
    let line = format!("GET /auth/partners/users{query}");
    call_for(server, &line, token, Some(ACME), &Value::Null).await
}

/// The addresses on a page, and what the page says of itself.
fn shape(answer: &Answer) -> String {
    let page = answer.json();
    let items = page["items"].as_array().unwrap();
    let items: Vec<_> = items.iter().map(|item| item["email"].as_str().unwrap()).collect();
    let [total, limit, number, pages, next, before] =
        ["total", "limit", "page", "pages", "nextPage", "prevPage"].map(|name| &page[name]);
    format!("{total} {limit} {number}/{pages} next {next} before {before}: {} users", items.len())
}

#[tokio::test]
async fn the_partner_s_users() {
    let server = TestServer::start().await;
    administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    // Of somebody who belongs to another partner, too, nothing of that shows.
    let bob = server.user(BOB, &[ACME, FD42, "external-user"]).await;
    for group in ["webapp-access-group-2", "webapp-access-group-10", "fd-admin"] {
        server.join(&bob, group).await;
    }
    let answer = list(&server, &token, "").await;
    let mut page = answer.json();
    page["items"].as_array_mut().unwrap().sort_by_key(|item| item["email"].to_string());
    assert_snapshot!(format!("{page:#}"), @r#"
    {
      "items": [
        {
          "created_at": "2026-01-02T03:04:05Z",
          "email": "alice@example.com",
          "enabled": true,
          "groups": [],
          "status": "CONFIRMED"
        },
        {
          "created_at": "2026-01-02T03:04:05Z",
          "email": "bob@example.com",
          "enabled": true,
          "groups": [
            "webapp-access-group-10",
            "webapp-access-group-2"
          ],
          "status": "CONFIRMED"
        }
      ],
      "limit": 50,
      "nextPage": null,
      "page": 1,
      "pages": 1,
      "prevPage": null,
      "total": 2
    }
    "#);
    let slash = list(&server, &token, "/").await;
    assert_eq!(slash.text, answer.text);
}

#[tokio::test]
async fn where_users_stand() {
    let server = TestServer::start().await;
    administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    let off = server.user("off@example.com", &[ACME]).await;
    server.edit(&off, |user| user.enabled = false).await;
    server.user("marked@example.com", &[ACME, "account-disabled"]).await;
    server.new_user("temporary@example.com", &[ACME]).await;
    let waiting = server.user("waiting@example.com", &[ACME]).await;
    server.edit(&waiting, |user| user.status = UserStatus::Unconfirmed).await;
    server.machine("turnstile", &[ACME]).await;
    let page = list(&server, &token, "").await.json();
    let mut rows: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{} {} {}", item["email"], item["status"], item["enabled"]))
        .collect();
    rows.sort();
    // Service accounts have no address.
    assert_snapshot!(rows.join("\n"), @r#"
    "alice@example.com" "CONFIRMED" true
    "marked@example.com" "CONFIRMED" false
    "off@example.com" "CONFIRMED" false
    "temporary@example.com" "FORCE_CHANGE_PASSWORD" true
    "turnstile" "CONFIRMED" true
    "waiting@example.com" "UNCONFIRMED" true
    "#);
}

#[tokio::test]
async fn pages() {
    let server = TestServer::start().await;
    administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    for number in 0..4 {
        server.user(&format!("user{number}@example.com"), &[ACME]).await;
        server.user(&format!("other{number}@example.com"), &[FD42]).await;
    }
    let mut rows = Vec::new();
    for query in [
        "",
        "?limit=2",
        "?limit=2&page=2",
        "?limit=2&page=3",
        "?limit=2&page=4",
        "?limit=2&page=18446744073709551615",
        "?limit=51",
        "?limit=100000000000000000000&page=001",
        "?page=&limit=",
    ] {
        rows.push(format!("{query}: {}", shape(&list(&server, &token, query).await)));
    }
    for query in ["?page=0", "?page=-1", "?page=x", "?page=1.5", "?page=+1", "?limit=0", "?limit=a"]
    {
        rows.push(format!("{query}: {}", list(&server, &token, query).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    : 5 50 1/1 next null before null: 5 users
    ?limit=2: 5 2 1/3 next 2 before null: 2 users
    ?limit=2&page=2: 5 2 2/3 next 3 before 1: 2 users
    ?limit=2&page=3: 5 2 3/3 next null before 2: 1 users
    ?limit=2&page=4: 5 2 4/3 next null before 3: 0 users
    ?limit=2&page=18446744073709551615: 5 2 18446744073709551615/3 next null before 3: 0 users
    ?limit=51: 5 50 1/1 next null before null: 5 users
    ?limit=100000000000000000000&page=001: 5 50 1/1 next null before null: 5 users
    ?page=&limit=: 5 50 1/1 next null before null: 5 users
    ?page=0: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"page"}]}
    ?page=-1: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"page"}]}
    ?page=x: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"page"}]}
    ?page=1.5: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"page"}]}
    ?page=+1: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"page"}]}
    ?limit=0: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"limit"}]}
    ?limit=a: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"limit"}]}
    "#);
    let mut seen = Vec::new();
    for page in 1..=3 {
        let page = list(&server, &token, &format!("?limit=2&page={page}")).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["email"].to_string()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn not_without_the_permission() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME]).await;
    let token = access_token(&server, ALICE).await;
    for query in ["", "?page=0"] {
        let line = format!("GET /auth/partners/users{query}");
        let answer = call(&server, &line, &token, &json!(null)).await;
        let denied = r#"403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}"#;
        assert_eq!(answer.row(&[]), denied);
    }
}
