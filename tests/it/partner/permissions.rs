use super::{ACME, ALICE, FD42, access_token, administrator, call, call_for, grant, grant_for};
use crate::support::{Answer, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Grant;
use serde_json::Value;

async fn permissions(server: &TestServer, token: &str, partner: Option<&str>) -> Answer {
    call_for(server, "GET /permissions", token, partner, &Value::Null).await
}

#[tokio::test]
async fn a_sorted_list() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[ACME]).await;
    let token = access_token(&server, ALICE).await;
    assert_snapshot!(permissions(&server, &token, None).await.show(), @r"
    200 OK
    []
    ");
    for (group, permission) in [("staff", "event.read"), ("staff", "campaign.edit"), ("x", "x")] {
        grant(&server, group, permission).await;
    }
    grant(&server, ACME, "brand:view").await;
    server.join(&alice, "staff").await;
    let answer = permissions(&server, &token, Some(ACME)).await;
    assert_snapshot!(answer.show_with(&["content-type", "cache-control"]), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    [
      "brand:view",
      "campaign.edit",
      "event.read"
    ]
    "#);
    let slash = call(&server, "GET /permissions/", &token, &Value::Null).await;
    assert_eq!(slash.text, answer.text);
}

/// What is granted for one partner is nothing elsewhere, and partners' own groups carry nothing
/// beyond them.
#[tokio::test]
async fn permissions_of_two_partners_never_merge() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[ACME, FD42]).await;
    grant(&server, "staff", "event.read").await;
    grant_for(&server, "staff", "campaign.edit", Some(ACME)).await;
    grant_for(&server, "staff", "user.manage", Some(FD42)).await;
    grant(&server, ACME, "acme.only").await;
    grant_for(&server, FD42, "never", Some(ACME)).await;
    server.join(&alice, "staff").await;
    let token = access_token(&server, ALICE).await;
    let rows = [
        permissions(&server, &token, Some(ACME)).await.row(&[]),
        permissions(&server, &token, Some(FD42)).await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK ["acme.only","campaign.edit","event.read"]
    200 OK ["event.read","user.manage"]
    "#);
}

/// Nobody needs to sign in again, neither to gain nor to lose.
#[tokio::test]
async fn changes_count_at_once() {
    let server = TestServer::start().await;
    let alice = administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    let mut rows = vec![permissions(&server, &token, None).await.row(&[])];
    grant(&server, "user-admins", "event.read").await;
    rows.push(permissions(&server, &token, None).await.row(&[]));
    let (pool, group) = (server.main_pool(), "user-admins".into());
    let permission = Grant::MANAGE_USERS.to_owned();
    let gone = Grant { pool, group, partner: None, permission };
    server.engine.revoke_grant(&operator(), gone).await.unwrap();
    rows.push(permissions(&server, &token, None).await.row(&[]));
    let users = call(&server, "GET /auth/partners/users", &token, &Value::Null).await;
    rows.push(users.row(&[]));
    server.leave(&alice, "user-admins").await;
    rows.push(permissions(&server, &token, None).await.row(&[]));
    server.leave(&alice, ACME).await;
    rows.push(permissions(&server, &token, None).await.row(&[]));
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK ["user.manage"]
    200 OK ["event.read","user.manage"]
    200 OK ["event.read"]
    403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    200 OK []
    403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "#);
}

/// The operator's own administrators administer users where they are members, and nowhere else.
#[tokio::test]
async fn the_operator_s_administrators() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[ACME]).await;
    server.join(&alice, "fd-admin").await;
    let token = access_token(&server, ALICE).await;
    let rows = [
        permissions(&server, &token, None).await.row(&[]),
        permissions(&server, &token, Some(FD42)).await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK ["user.manage"]
    403 Forbidden {"error_code":"PARTNER_FORBIDDEN","message":"error.partner.forbidden"}
    "#);
}

#[tokio::test]
async fn a_group_takes_its_permissions_along() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[ACME]).await;
    grant(&server, "staff", "event.read").await;
    server.engine.delete_group(&operator(), &server.main_pool(), &"staff".into()).await.unwrap();
    server.join(&alice, "staff").await;
    let token = access_token(&server, ALICE).await;
    assert_eq!(permissions(&server, &token, None).await.text, "[]");
}
