use super::{
    ACME, ALICE, BOB, CAROL, FD42, access_token, administrator, auth, call, call_for, grant,
    refresh,
};
use crate::support::{Answer, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::Administration;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::ids::{GroupName, PartnerId};
use poolkeeper_pool::ports::Store as _;
use serde_json::{Value, json};

const VERBS: [&str; 3] = ["disable", "enable", "groups"];

/// Changes a user as an administrator of Acme's.
async fn change(server: &TestServer, token: &str, user: &str, verb: &str) -> Answer {
    let body = if verb == "groups" { json!({ "groups": [] }) } else { Value::Null };
    let line = format!("PUT /auth/partners/users/{user}/{verb}");
    call_for(server, &line, token, Some(ACME), &body).await
}

async fn set_groups(server: &TestServer, token: &str, user: &str, groups: &Value) -> Answer {
    let line = format!("PUT /auth/partners/users/{user}/groups");
    call_for(server, &line, token, Some(ACME), &json!({ "groups": groups })).await
}

/// A server with an administrator of Acme's users, and the administrator's token.
async fn start() -> (TestServer, String) {
    let server = TestServer::start().await;
    administrator(&server, ALICE, ACME).await;
    let token = access_token(&server, ALICE).await;
    (server, token)
}

/// The entry of a user in the administrator's list.
async fn entry(server: &TestServer, token: &str, email: &str) -> Value {
    let line = "GET /auth/partners/users";
    let page = call_for(server, line, token, Some(ACME), &Value::Null).await.json();
    let mut items = page["items"].as_array().unwrap().iter();
    items.find(|item| item["email"] == email).unwrap().clone()
}

#[tokio::test]
async fn suspended_and_let_in_again() {
    let (server, token) = start().await;
    server.user(BOB, &[ACME]).await;
    let before = auth(&server, BOB).await;
    let mut rows = vec![change(&server, &token, BOB, "disable").await.row(&["content-type"])];
    rows.push(change(&server, &token, BOB, "disable").await.row(&[]));
    rows.push(auth(&server, BOB).await.row(&[]));
    rows.push(refresh(&server, &before.get("/RefreshToken")).await.row(&[]));
    let access = before.get("/AccessToken");
    rows.push(call(&server, "GET /partners", &access, &Value::Null).await.row(&[]));
    assert_eq!(entry(&server, &token, BOB).await["enabled"], json!(false));
    rows.push(change(&server, &token, "bob%40example.com", "enable").await.row(&[]));
    rows.push(change(&server, &token, BOB, "enable/").await.row(&[]));
    // What was ended stays so.
    rows.push(refresh(&server, &before.get("/RefreshToken")).await.row(&[]));
    assert_snapshot!(rows.join("\n"), @r#"
    204 No Content 
    204 No Content 
    401 Unauthorized {"error_code":"ACCOUNT_DISABLED","message":"error.auth.account_disabled"}
    401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    401 Unauthorized {"error_code":"TOKEN_INVALID","message":"error.auth.token_invalid"}
    204 No Content 
    204 No Content 
    401 Unauthorized {"error_code":"REFRESH_TOKEN_INVALID","message":"error.auth.refresh_token_invalid"}
    "#);
    assert_eq!(entry(&server, &token, BOB).await["enabled"], json!(true));
    assert_eq!(auth(&server, BOB).await.status, 200);
}

/// Whoever suspends, lifts (J3, I7): what the operator does, no administrator of a partner undoes.
#[tokio::test]
async fn what_the_operator_suspended_stays_so() {
    let (server, token) = start().await;
    let bob = server.user(BOB, &[ACME]).await;
    let refused = r#"403 Forbidden {"error_code":"SUSPENDED_BY_OPERATOR","message":"error.user.suspended_by_operator"}"#;
    let suspended = GroupName::from("account-disabled");
    let (pool, admin) = (server.main_pool(), &server.pools);

    // By the group, before or after the partner did, and by all the ways to put somebody into one.
    admin.add_to_group(&operator(), &pool, BOB, &suspended).await.unwrap();
    assert_eq!(change(&server, &token, BOB, "enable").await.row(&[]), refused);
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    assert_eq!(change(&server, &token, BOB, "enable").await.row(&[]), refused);
    admin.remove_from_group(&operator(), &pool, BOB, &suspended).await.unwrap();
    assert_eq!(change(&server, &token, BOB, "enable").await.status, 204);
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    admin
        .change_groups(&operator(), &pool, BOB, std::slice::from_ref(&suspended), &[], None)
        .await
        .unwrap();
    assert_eq!(change(&server, &token, BOB, "enable").await.row(&[]), refused);
    assert_eq!(auth(&server, BOB).await.status, 401);
    admin.change_groups(&operator(), &pool, BOB, &[], &[suspended], None).await.unwrap();
    assert_eq!(auth(&server, BOB).await.status, 200);

    // By disabling the user, whom the partner may have suspended, too.
    for partner_s_too in [false, true] {
        if partner_s_too {
            assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
        }
        admin.disable_user(&operator(), &pool, BOB).await.unwrap();
        assert_eq!(change(&server, &token, BOB, "enable").await.row(&[]), refused);
        admin.enable_user(&operator(), &pool, BOB).await.unwrap();
    }
    assert_eq!(change(&server, &token, BOB, "enable").await.status, 204);
    assert_eq!(auth(&server, BOB).await.status, 200);

    // What one partner's administrators did, another's do not undo.
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    server.join(&bob, FD42).await;
    server.leave(&bob, ACME).await;
    administrator(&server, CAROL, FD42).await;
    let other = access_token(&server, CAROL).await;
    let line = format!("PUT /auth/partners/users/{BOB}/enable");
    let answer = call_for(&server, &line, &other, Some(FD42), &Value::Null).await;
    assert_eq!(answer.row(&[]), refused);
}

/// An administrator who is suspended while the call waits lets nobody in any more.
#[tokio::test]
async fn who_is_suspended_meanwhile_lifts_nothing() {
    let (server, token) = start().await;
    let bob = server.user(BOB, &[ACME]).await;
    let alice = server.found(ALICE).await;
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    server.join(&alice, "account-disabled").await;
    let (pool, partner) = (server.main_pool(), PartnerId::from(ACME));
    let by = (&partner, &alice.sub);
    let records: &dyn Administration = &*server.engine;
    let lifted = records.lift_suspension(&operator(), &pool, &bob.sub, by).await;
    assert!(matches!(lifted, Err(Error::Refused(Refusal::Barred))), "{lifted:?}");
    assert_eq!(auth(&server, BOB).await.status, 401);
}

/// It is recorded who did it.
#[tokio::test]
async fn who_suspended_is_on_record() {
    let (server, token) = start().await;
    let bob = server.user(BOB, &[ACME]).await;
    let alice = server.found(ALICE).await;
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    let record = server.store.suspension(&server.main_pool(), &bob.sub).await.unwrap().unwrap();
    assert_eq!((record.partner.as_str(), record.administrator), (ACME, alice.sub));
    assert_eq!(change(&server, &token, BOB, "enable").await.status, 204);
    assert_eq!(server.store.suspension(&server.main_pool(), &bob.sub).await.unwrap(), None);
}

#[tokio::test]
async fn access_groups_in_place_of_those_before() {
    let (server, token) = start().await;
    let bob = server.user(BOB, &[ACME, "external-user"]).await;
    for group in ["webapp-access-group-1", "webapp-access-group-2"] {
        grant(&server, group, "user.manage").await;
    }
    let given = json!(["webapp-access-group-2", "webapp-access-group-1"]);
    assert_eq!(set_groups(&server, &token, BOB, &given).await.text, "");
    assert_eq!(
        entry(&server, &token, BOB).await["groups"],
        json!(["webapp-access-group-1", "webapp-access-group-2"])
    );
    let given = json!(["webapp-access-group-2"]);
    assert_eq!(set_groups(&server, &token, BOB, &given).await.status, 204);
    assert_eq!(entry(&server, &token, BOB).await["groups"], given);
    assert_eq!(set_groups(&server, &token, BOB, &json!([])).await.status, 204);
    let left = server.pools.groups_of(&operator(), &bob.pool, BOB).await.unwrap();
    let left: Vec<_> = left.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(left, ["external-user", ACME]);
}

#[tokio::test]
async fn groups_that_cannot_be_given() {
    let (server, token) = start().await;
    server.user(BOB, &[ACME]).await;
    grant(&server, "webapp-access-group-1", "campaign.edit").await;
    let mut rows = Vec::new();
    for groups in [
        json!(["webapp-access-group-1"]),
        json!(["webapp-access-group-7"]),
        json!(["fd-admin"]),
        json!([FD42]),
        json!(["account-disabled"]),
        json!("webapp-access-group-1"),
        json!([1]),
        json!(null),
    ] {
        rows.push(format!(
            "{groups}: {}",
            set_groups(&server, &token, BOB, &groups).await.row(&[])
        ));
    }
    let line = format!("PUT /auth/partners/users/{BOB}/groups");
    let missing = call_for(&server, &line, &token, Some(ACME), &json!({})).await;
    rows.push(format!("missing: {}", missing.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    ["webapp-access-group-1"]: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    ["webapp-access-group-7"]: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    ["fd-admin"]: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    ["fd42"]: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    ["account-disabled"]: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_value","field":"groups"}]}
    "webapp-access-group-1": 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"groups"}]}
    [1]: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"groups"}]}
    null: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"invalid_type","field":"groups"}]}
    missing: 400 Bad Request {"error_code":"VALIDATION_ERROR","message":"error.validation","validation_errors":[{"code":"missing","field":"groups"}]}
    "#);
}

/// Users of another partner are not found, exactly as those who do not exist.
#[tokio::test]
async fn users_of_others_are_nobody() {
    let (server, token) = start().await;
    let bob = server.user(BOB, &[FD42]).await;
    server.user(CAROL, &[]).await;
    for verb in VERBS {
        let unknown = change(&server, &token, "nobody@example.com", verb).await;
        for name in [BOB, CAROL, bob.sub.as_str(), "", "..", "%2e%2e", "a%2Fb", "%FF", "%00"] {
            let answer = change(&server, &token, name, verb).await;
            assert_eq!(answer.row(&[]), unknown.row(&[]), "{name} {verb}");
        }
        assert_eq!(unknown.get("/error_code"), "NOT_FOUND");
    }
    assert_eq!(auth(&server, BOB).await.status, 200);
}

/// Nobody changes oneself, those above, or those whom another partner has, too.
#[tokio::test]
async fn users_who_are_not_the_administrator_s_to_change() {
    let (server, token) = start().await;
    server.user(BOB, &[ACME, FD42]).await;
    let carol = server.user(CAROL, &[ACME]).await;
    server.join(&carol, "fd-admin").await;
    let above = server.user("above@example.com", &[ACME]).await;
    grant(&server, "managers", "campaign.edit").await;
    server.join(&above, "managers").await;
    // What it stands for is not known here: e.g. the portal's administrators.
    server.user("elsewhere@example.com", &[ACME, "admin"]).await;
    let all = [ALICE, BOB, CAROL, "above@example.com", "elsewhere@example.com"];
    let mut rows = Vec::new();
    for name in all {
        for verb in VERBS {
            let answer = change(&server, &token, name, verb).await;
            rows.push(format!("{name} {verb}: {}", answer.row(&[])));
        }
    }
    assert_snapshot!(rows.join("\n"), @r#"
    alice@example.com disable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    alice@example.com enable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    alice@example.com groups: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    bob@example.com disable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    bob@example.com enable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    bob@example.com groups: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    carol@example.com disable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    carol@example.com enable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    carol@example.com groups: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    above@example.com disable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    above@example.com enable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    above@example.com groups: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    elsewhere@example.com disable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    elsewhere@example.com enable: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    elsewhere@example.com groups: 403 Forbidden {"error_code":"PERMISSION_DENIED","message":"error.permission.denied"}
    "#);
    for name in all {
        assert_eq!(auth(&server, name).await.status, 200);
    }
}

/// Peers are within reach: who may do no more than the administrator.
#[tokio::test]
async fn peers() {
    let (server, token) = start().await;
    administrator(&server, BOB, ACME).await;
    assert_eq!(change(&server, &token, BOB, "disable").await.status, 204);
    assert_eq!(auth(&server, BOB).await.get("/error_code"), "ACCOUNT_DISABLED");
}

#[tokio::test]
async fn not_without_the_permission() {
    let server = TestServer::start().await;
    for name in [ALICE, BOB] {
        server.user(name, &[ACME]).await;
    }
    let token = access_token(&server, ALICE).await;
    for verb in VERBS {
        // Nor does it show who exists.
        for name in [BOB, "nobody@example.com"] {
            let answer = change(&server, &token, name, verb).await;
            assert_eq!(answer.get("/error_code"), "PERMISSION_DENIED", "{name} {verb}");
        }
    }
}
