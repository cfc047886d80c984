//! What listings have in common: pages, and cursors that belong to one listing and to one hour.

use crate::support::{OTHER_POOL, Table, TestServer};
use serde_json::{Value, json};
use std::time::Duration;

fn with(body: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[name] = value.into();
    body
}

/// The entries of each page of two, a line each. `entries` is a pointer like `/Groups/*/GroupName`.
pub(super) async fn pages(
    server: &TestServer,
    operation: &str,
    body: Value,
    limit: &str,
    entries: &str,
) -> String {
    let (list, name) = entries.split_once("/*/").unwrap();
    let mut body = with(&body, limit, 2);
    let mut lines = Vec::new();
    loop {
        let page = server.cognito().admin(operation, &body).await.json();
        let entries = page.pointer(list).and_then(Value::as_array).unwrap();
        let names: Vec<_> = entries.iter().map(|entry| entry[name].as_str().unwrap()).collect();
        lines.push(names.join(" "));
        match page.get("NextToken") {
            Some(token) => body = with(&body, "NextToken", token.clone()),
            None => return lines.join("\n"),
        }
    }
}

/// What is refused of any listing. It must have two entries or more.
pub(super) async fn refused(
    server: &TestServer,
    operation: &str,
    body: Value,
    limit: &str,
) -> String {
    let cognito = server.cognito();
    let first = cognito.admin(operation, &with(&body, limit, 1)).await;
    let cursor = first.get("/NextToken");
    let mut table = Table::default();
    let wild = with(&with(&body, limit, 1), "NextToken", "whatever");
    table.row("no cursor", &cognito.admin(operation, &wild).await);
    let list_users = json!({
        "UserPoolId": crate::support::POOL,
        "PaginationToken": cursor,
    });
    table.row("another listing", &cognito.admin("ListUsers", &list_users).await);
    if body.get("UserPoolId").is_some() {
        let other = with(&with(&body, "UserPoolId", OTHER_POOL), "NextToken", cursor.as_str());
        table.row("another pool", &cognito.admin(operation, &other).await);
        let unknown = with(&body, "UserPoolId", "eu-west-1_Nowhere");
        table.row("unknown pool", &cognito.admin(operation, &unknown).await);
    }
    table.row("too many", &cognito.admin(operation, &with(&body, limit, 61)).await);
    server.clock.advance(Duration::from_hours(1));
    let late = with(&with(&body, limit, 1), "NextToken", cursor);
    table.row("an hour old", &cognito.admin(operation, &late).await);
    table.to_string()
}
