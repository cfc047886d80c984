use crate::support::{PASSWORD, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn confirms_and_verifies_nothing() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let email = json!([{ "Name": "email", "Value": "al@example.com" }]);
    let body = json!({ "Username": "al", "Password": PASSWORD, "UserAttributes": email });
    pool.call("SignUp", body).await;
    let mut table = Table::default();
    for (row, name) in [("unconfirmed", "al"), ("confirmed", "al"), ("unknown", "nobody")] {
        table.row(row, &pool.admin("AdminConfirmSignUp", json!({ "Username": name })).await);
    }
    assert_snapshot!(table, @r#"
    unconfirmed: 200 {}
    confirmed: 400 NotAuthorizedException "User cannot be confirmed. Current status is CONFIRMED"
    unknown: 400 UserNotFoundException "User does not exist."
    "#);
    assert_eq!(pool.attribute("al", "email_verified").await.as_deref(), Some("false"));
    pool.tokens("al").await;
}
