use super::{ALICE, login};
use crate::support::{Answer, PASSWORD, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

async fn me(server: &TestServer, authorization: &str) -> Answer {
    server.bare("GET", "/api/auth/me", &[("authorization", authorization)]).await
}

#[tokio::test]
async fn the_user() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let token = login(&server, ALICE).await.get("/access_token");
    let answer = me(&server, &format!("Bearer {token}")).await;
    let shown = answer.show_with(&["cache-control"]);
    let shown = shown.replace(user.sub.as_str(), "[sub]");
    assert_snapshot!(shown.replace(user.username.as_str(), "[username]"), @r#"
    200 OK
    cache-control: no-store
    {
      "email": "alice@example.com",
      "is_admin": false,
      "role": "user",
      "user_id": "[sub]",
      "username": "[sub]"
    }
    "#);
}

#[tokio::test]
async fn groups_are_those_of_now() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let token = format!("bearer {}", login(&server, ALICE).await.get("/access_token"));
    assert_eq!(me(&server, &token).await.json()["is_admin"], false);
    server.join(&user, "admin").await;
    let answer = me(&server, &token).await.json();
    assert_eq!((&answer["is_admin"], &answer["role"]), (&json!(true), &json!("admin")));
}

#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    let user = server.user(ALICE, &[]).await;
    let answer = login(&server, ALICE).await;
    let token = answer.get("/access_token");
    let basic = format!("Basic {token}");
    let mut rows = Vec::new();
    for (case, authorization) in [
        ("no scheme", token.clone()),
        ("basic", basic),
        ("empty", String::new()),
        ("no token", "Bearer ".to_owned()),
        ("garbage", "Bearer garbage".to_owned()),
        ("refresh token", format!("Bearer {}", answer.get("/refresh_token"))),
        ("tampered with", format!("Bearer {}AAAA", &token[..token.len() - 4])),
    ] {
        rows.push(format!(
            "{case}: {}",
            me(&server, &authorization).await.row(&["www-authenticate"])
        ));
    }
    let bearer = format!("Bearer {token}");
    let twice = [("authorization", bearer.as_str()), ("authorization", &bearer)];
    let twice = server.bare("GET", "/api/auth/me", &twice).await;
    rows.push(format!("twice: {}", twice.row(&["www-authenticate"])));
    server.edit(&user, |user| user.enabled = false).await;
    rows.push(format!("disabled: {}", me(&server, &bearer).await.row(&["www-authenticate"])));
    server.edit(&user, |user| user.enabled = true).await;
    server.clock.advance(Duration::from_hours(1));
    rows.push(format!("expired: {}", me(&server, &bearer).await.row(&["www-authenticate"])));
    let bearer = format!("Bearer {}", login(&server, ALICE).await.get("/access_token"));
    server.give_password(ALICE, PASSWORD, true).await;
    rows.push(format!("ended: {}", me(&server, &bearer).await.row(&["www-authenticate"])));
    assert_snapshot!(rows.join("\n"), @r#"
    no scheme: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    basic: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    empty: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    no token: 401 Unauthorized {"detail":"Not authenticated"} www-authenticate: Bearer
    garbage: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    refresh token: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    tampered with: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    twice: 401 Unauthorized {"detail":"Invalid authentication credentials"} www-authenticate: Bearer
    disabled: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    expired: 401 Unauthorized {"detail":"Token has expired"} www-authenticate: Bearer
    ended: 401 Unauthorized {"detail":"Invalid token"} www-authenticate: Bearer
    "#);
}
