//! That somebody administers the pool, whatever administrators do.

use super::super::ALICE;
use super::{Admin, ROOT};
use insta::assert_snapshot;
use poolkeeper_pool::entity::{Contact, User};
use serde_json::json;

const WAYS_OUT: [&str; 5] = [
    "DELETE users/root@example.com",
    "POST users/root@example.com/disable",
    "DELETE users/root@example.com/groups/admin",
    "DELETE groups/admin",
    "GET users/root@example.com",
];

async fn tried(admin: &Admin) -> String {
    let mut rows = Vec::new();
    for line in WAYS_OUT {
        let answer = admin.bare(line).await;
        let seen = answer.status.to_string();
        let told = if line.starts_with("GET") { seen } else { answer.row(&[]) };
        rows.push(format!("{line}: {told}"));
    }
    rows.join("\n")
}

/// The address is the user's, and nobody else knows the password.
fn prove(user: &mut User) {
    user.attributes.set("email_verified", "true");
    user.note_owner(Contact::Email);
}

#[tokio::test]
async fn the_only_one_stays() {
    let admin = Admin::start().await;
    // None of these counts: not an administrator, shut out, suspended, asked for a factor that this
    // portal does not ask for, a program, and an address that nobody has proven.
    admin.server.user(ALICE, &[]).await;
    admin.server.user("out@example.com", &["admin"]).await;
    admin.bare("POST users/out@example.com/disable").await;
    admin.server.user("suspended@example.com", &["admin", "account-disabled"]).await;
    admin.server.totp_user("app@example.com", &["admin"]).await;
    admin.server.machine("robot@example.com", &["admin"]).await;
    admin.server.user("boss@example.com", &[]).await;
    assert_snapshot!(tried(&admin).await, @r#"
    DELETE users/root@example.com: 409 Conflict {"detail":"Nobody would be left to administer users","error":"LastAdministratorException","message":"Nobody would be left to administer users","success":false}
    POST users/root@example.com/disable: 409 Conflict {"detail":"Nobody would be left to administer users","error":"LastAdministratorException","message":"Nobody would be left to administer users","success":false}
    DELETE users/root@example.com/groups/admin: 409 Conflict {"detail":"Nobody would be left to administer users","error":"LastAdministratorException","message":"Nobody would be left to administer users","success":false}
    DELETE groups/admin: 400 Bad Request {"detail":"The group of the administrators stays.","error":"InvalidParameterException","message":"The group of the administrators stays.","success":false}
    GET users/root@example.com: 200 OK
    "#);
}

#[tokio::test]
async fn one_of_two_may_go() {
    for (other, groups) in [(ALICE, &["admin"][..]), ("boss@example.com", &[])] {
        for line in &WAYS_OUT[..3] {
            let admin = Admin::start().await;
            let user = admin.server.user(other, groups).await;
            admin.server.edit(&user, prove).await;
            assert_eq!(admin.bare(line).await.status, 200, "{line} with {other}");
            assert_ne!(admin.bare("GET users").await.status, 200);
        }
    }
}

/// Who administers by an address stays one only with it.
#[tokio::test]
async fn the_address_of_the_only_one_stays() {
    let admin = Admin::start().await;
    let boss = admin.server.user("boss@example.com", &[]).await;
    admin.server.edit(&boss, prove).await;
    assert_eq!(admin.bare("DELETE users/root@example.com").await.status, 200);
    let token = super::super::login(&admin.server, "boss@example.com").await.get("/access_token");
    let admin = Admin { token, ..admin };
    let line = "PUT users/boss@example.com";
    let mut rows = Vec::new();
    for body in [
        json!({ "email": "other@example.com" }),
        json!({ "attributes": { "email_verified": "false" } }),
        json!({ "attributes": { "name": "Boss" } }),
    ] {
        rows.push(format!("{body}: {}", admin.call(line, body.clone()).await.row(&[])));
    }
    rows.push(admin.bare("DELETE users/boss@example.com").await.status.to_string());
    rows.push(admin.bare("GET users").await.status.to_string());
    assert_eq!(admin.call(&format!("POST users/{ROOT}/enable"), json!({})).await.status, 404);
    assert_snapshot!(rows.join("\n"), @r#"
    {"email":"other@example.com"}: 409 Conflict {"detail":"Nobody would be left to administer users","error":"LastAdministratorException","message":"Nobody would be left to administer users","success":false}
    {"attributes":{"email_verified":"false"}}: 409 Conflict {"detail":"Nobody would be left to administer users","error":"LastAdministratorException","message":"Nobody would be left to administer users","success":false}
    {"attributes":{"name":"Boss"}}: 200 OK {"message":"User updated successfully","success":true}
    409 Conflict
    200 OK
    "#);
}
