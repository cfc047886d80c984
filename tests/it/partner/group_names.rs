//! The groups with a meaning in the partner API, under names that the operator chose.

use super::{
    ACME, ALICE, BOB, CAROL, access_token, administrator, auth, call, configured, grant, refresh,
};
use crate::support::{PASSWORD, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::backend::partners::PartnerGroups;
use serde_json::{Value, json};

const USERS: &str = "/auth/partners/users";

async fn server(groups: PartnerGroups) -> TestServer {
    configured(|api| api.groups = groups).await
}

/// The status of each answer when an administrator gives one of these groups to Bob, a user of the
/// partner.
async fn given(server: &TestServer, groups: &[&str]) -> Vec<u16> {
    administrator(server, ALICE, ACME).await;
    server.user(BOB, &[ACME]).await;
    let (mut told, token) = (Vec::new(), access_token(server, ALICE).await);
    for group in groups {
        grant(server, group, "user.manage").await;
        let (line, body) = (format!("PUT {USERS}/{BOB}/groups"), json!({ "groups": [group] }));
        told.push(call(server, &line, &token, &body).await.status.as_u16());
    }
    told
}

#[tokio::test]
async fn by_default_they_are_nobodys() {
    let server = server(PartnerGroups::default()).await;
    let given = given(&server, &["access-group-1", "webapp-access-group-1", "access-group-"]).await;
    assert_eq!(given, [204, 400, 400]);
    let token = access_token(&server, ALICE).await;
    let listed = call(&server, &format!("GET {USERS}"), &token, &Value::Null).await;
    let items = listed.json()["items"].clone();
    let bob = items.as_array().unwrap().iter().find(|item| item["email"] == BOB);
    assert_eq!(bob.unwrap()["groups"], json!(["access-group-1"]));
    // No name of a group makes an administrator.
    let carol = server.user(CAROL, &[ACME]).await;
    server.join(&carol, "fd-admin").await;
    let token = access_token(&server, CAROL).await;
    assert_eq!(call(&server, &format!("GET {USERS}"), &token, &Value::Null).await.status, 403);
}

#[tokio::test]
async fn they_are_what_the_operator_says() {
    let server = server(PartnerGroups {
        suspended: "locked-out".into(),
        external: "guests".into(),
        administrators: vec!["staff".into()],
        access_prefix: "role".to_owned(),
    })
    .await;
    assert_eq!(given(&server, &["role7", "access-group-1", "role"]).await, [204, 400, 400]);
    let carol = server.user(CAROL, &[ACME]).await;
    server.join(&carol, "staff").await;
    let token = access_token(&server, CAROL).await;
    assert_eq!(call(&server, &format!("GET {USERS}"), &token, &Value::Null).await.status, 200);

    // Suspensions are by the group of that name, and at every face.
    let bob = server.found(BOB).await;
    server.join(&bob, "account-disabled").await;
    let answer = auth(&server, BOB).await;
    let tokens = [answer.get("/AccessToken"), answer.get("/RefreshToken")];
    let line = format!("PUT {USERS}/{ALICE}/disable");
    let disabled = call(&server, &line, &token, &Value::Null).await;
    server.join(&bob, "locked-out").await;
    let at_the_portal = json!({ "username": BOB, "password": PASSWORD });
    let rows = [
        disabled.row(&[]),
        auth(&server, ALICE).await.row(&[]),
        auth(&server, BOB).await.row(&[]),
        call(&server, "GET /permissions", &tokens[0], &Value::Null).await.row(&[]),
        refresh(&server, &tokens[1]).await.row(&[]),
        server.json("POST", "/api/auth/login", &at_the_portal).await.row(&[]),
    ];
    assert_snapshot!(rows.join("\n"), @r#"
    204 No Content 
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"detail":"Invalid credentials"}
    "#);
    let enable = format!("PUT {USERS}/{ALICE}/enable");
    assert_eq!(call(&server, &enable, &token, &Value::Null).await.status, 204);
    assert_eq!(auth(&server, ALICE).await.status, 200);
    server.leave(&bob, "locked-out").await;
    assert_eq!(auth(&server, BOB).await.status, 200);
}
