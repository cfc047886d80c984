//! One user: get, delete, enable, disable.

use super::super::{ALICE, login, with_token};
use super::{Admin, ROOT};
use insta::assert_snapshot;
use poolkeeper_pool::entity::UserStatus;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_whole_user_by_any_name() {
    let admin = Admin::start().await;
    let alice = admin.server.user(ALICE, &["admin"]).await;
    admin.server.join(&alice, "editor").await;
    admin.server.clock.advance(Duration::from_secs(90));
    admin
        .server
        .edit(&alice, |user| {
            user.attributes.set("name", "Alice A.");
            user.attributes.set("email_verified", "true");
            user.modified_at = user.modified_at.after(Duration::from_secs(90));
        })
        .await;
    let answer = admin.bare(&format!("GET users/{ALICE}")).await;
    assert_snapshot!(answer.show().replace(alice.sub.as_str(), "[sub]"), @r#"
    200 OK
    {
      "success": true,
      "user": {
        "attributes": {
          "email": "alice@example.com",
          "email_verified": "true",
          "name": "Alice A.",
          "sub": "[sub]"
        },
        "created_at": "2026-01-02T03:04:05Z",
        "created_date": "2026-01-02T03:04:05Z",
        "email": "alice@example.com",
        "email_verified": true,
        "enabled": true,
        "groups": [
          "admin",
          "editor"
        ],
        "last_modified_date": "2026-01-02T03:05:35Z",
        "status": "CONFIRMED",
        "updated_at": "2026-01-02T03:05:35Z",
        "user_status": "CONFIRMED",
        "username": "[sub]"
      }
    }
    "#);
    for name in ["alice%40example.com", "ALICE@example.com", alice.sub.as_str()] {
        assert_eq!(admin.bare(&format!("GET users/{name}")).await.text, answer.text, "{name}");
    }
}

#[tokio::test]
async fn states() {
    let admin = Admin::start().await;
    let alice = admin.server.user(ALICE, &[]).await;
    let mut rows = Vec::new();
    for status in [
        UserStatus::Confirmed,
        UserStatus::ForceChangePassword,
        UserStatus::ResetRequired,
        UserStatus::Unconfirmed,
    ] {
        admin.server.edit(&alice, |user| user.status = status).await;
        let user = admin.bare(&format!("GET users/{ALICE}")).await.json();
        rows.push(format!("{} {}", user["user"]["status"], user["user"]["user_status"]));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    "CONFIRMED" "CONFIRMED"
    "FORCE_CHANGE_PASSWORD" "FORCE_CHANGE_PASSWORD"
    "RESET_REQUIRED" "RESET_REQUIRED"
    "UNCONFIRMED" "UNCONFIRMED"
    "#);
}

#[tokio::test]
async fn whoever_is_disabled_is_out_and_comes_in_again() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    let token = login(&admin.server, ALICE).await.get("/access_token");
    let mut rows = Vec::new();
    for line in ["POST users/alice@example.com/disable", "POST users/alice@example.com/enable"] {
        rows.push(admin.bare(line).await.row(&[]));
        rows.push(login(&admin.server, ALICE).await.status.to_string());
        rows.push(
            with_token(&admin.server, &token, "GET /api/auth/me", &json!(null))
                .await
                .status
                .to_string(),
        );
    }
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK {"message":"User disabled successfully","success":true}
    401 Unauthorized
    401 Unauthorized
    200 OK {"message":"User enabled successfully","success":true}
    200 OK
    401 Unauthorized
    "#);
}

#[tokio::test]
async fn whoever_is_deleted_is_gone() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    let line = format!("DELETE users/{ALICE}");
    let first = admin.bare(&line).await.row(&[]);
    assert_snapshot!(format!("{first}\n{}", admin.bare(&line).await.row(&[])), @r#"
    200 OK {"message":"User deleted successfully","success":true}
    404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    "#);
    assert_eq!(login(&admin.server, ALICE).await.get("/detail"), "User not found");
    // Administrators may well do so to themselves, unless nobody would be left.
    admin.server.user("other@example.com", &["admin"]).await;
    assert_eq!(admin.bare(&format!("DELETE users/{ROOT}")).await.status, 200);
    assert_eq!(admin.bare("GET users").await.status, 401);
}

#[tokio::test]
async fn unknown_users() {
    let admin = Admin::start().await;
    let lines = [
        "GET users/nobody@example.com",
        "PUT users/nobody@example.com",
        "DELETE users/nobody@example.com",
        "POST users/nobody@example.com/enable",
        "POST users/nobody@example.com/disable",
        "POST users/nobody@example.com/reset-password",
        "POST users/nobody@example.com/groups/admin",
        "DELETE users/nobody@example.com/groups/admin",
        "GET users/%FF",
    ];
    assert_snapshot!(admin.rows(&lines, json!({})).await, @r#"
    GET users/nobody@example.com: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    PUT users/nobody@example.com: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    DELETE users/nobody@example.com: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    POST users/nobody@example.com/enable: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    POST users/nobody@example.com/disable: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    POST users/nobody@example.com/reset-password: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    POST users/nobody@example.com/groups/admin: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    DELETE users/nobody@example.com/groups/admin: 404 Not Found {"detail":"User not found","error":"UserNotFoundException","message":"User not found","success":false}
    GET users/%FF: 404 Not Found {"detail":"Not Found"}
    "#);
}
