use super::admin_update_user_attributes::{create, pool, shown};
use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ALICE: &str = "alice@example.com";

async fn delete(server: &TestServer, pool: &str, name: &str, names: &[&str]) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name, "UserAttributeNames": names });
    server.cognito().admin("AdminDeleteUserAttributes", &body).await
}

#[tokio::test]
async fn removes_those_named() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let given =
        [("name", "A"), ("custom:level", "3"), ("email", ALICE), ("email_verified", "true")];
    create(&server, &pool, "alice", &given).await;
    let answer = delete(&server, &pool, "alice", &["custom:level", "nickname"]).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    assert_snapshot!(shown(&server, &pool, "alice").await, @"email=alice@example.com email_verified=true name=A");
    assert_eq!(delete(&server, &pool, "alice", &["email"]).await.status, 200);
    assert_eq!(shown(&server, &pool, "alice").await, "name=A");
}

#[tokio::test]
async fn a_sign_in_name_leads_nowhere_without_its_attribute() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    assert_eq!(delete(&server, POOL, ALICE, &["email"]).await.status, 200);
    let mut table = Table::default();
    table.row("address", &server.cognito().sign_in(ALICE, PASSWORD).await);
    table.row("again", &delete(&server, POOL, ALICE, &["email"]).await);
    assert_snapshot!(table, @r#"
    address: 400 NotAuthorizedException "Incorrect username or password."
    again: 400 UserNotFoundException "User does not exist."
    "#);
    let by_sub = server.cognito().sign_in(alice.sub.as_str(), PASSWORD).await;
    assert_eq!(by_sub.status, 200);
}

#[tokio::test]
async fn without_an_address_there_are_no_codes_by_mail() {
    let server = TestServer::start().await;
    let emma = server.email_mfa_user("emma@example.com", &[]).await;
    assert!(emma.mfa.email.is_some());
    assert_eq!(delete(&server, POOL, "emma@example.com", &["email"]).await.status, 200);
    let emma = server.edit(&emma, |_| {}).await;
    assert_eq!(emma.mfa.email, None);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let pool = pool(&server, json!({})).await;
    create(&server, &pool, "alice", &[("given_name", "Al"), ("name", "A")]).await;
    let mut table = Table::default();
    for names in [&["sub"][..], &["given_name"], &["name"], &["custom:none", "cognito:x"]] {
        table.row(&names.join(", "), &delete(&server, &pool, "alice", names).await);
    }
    table.row("unknown user", &delete(&server, &pool, "nobody", &["nickname"]).await);
    table.row("other pool", &delete(&server, OTHER_POOL, ALICE, &["nickname"]).await);
    table.row("unknown pool", &delete(&server, "eu-west-1_Nowhere", ALICE, &["nickname"]).await);
    assert_snapshot!(table, @r#"
    sub: 400 InvalidParameterException "user.sub: Attribute cannot be updated.\n"
    given_name: 400 InvalidParameterException "user.given_name: Attribute cannot be updated.\n"
    name: 400 InvalidParameterException "Attributes did not conform to the schema: name: The attribute is required\n"
    custom:none, cognito:x: 400 InvalidParameterException "Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\ncognito:x: Attribute does not exist in the schema.\n"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(shown(&server, &pool, "alice").await, "given_name=Al name=A");
}
