use crate::support::{POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

/// Events are kept where threat protection is on, which is nowhere.
#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let mut table = Table::default();
    for (case, pool, username) in [
        ("a user", POOL, "alice@example.com"),
        ("unknown user", POOL, "nobody@example.com"),
        ("unknown pool", "eu-west-1_Nowhere", "alice@example.com"),
    ] {
        let body = json!({ "UserPoolId": pool, "Username": username });
        table.row(case, &server.cognito().admin("AdminListUserAuthEvents", &body).await);
    }
    assert_snapshot!(table, @r#"
    a user: 400 UserPoolAddOnNotEnabledException "Threat protection is not enabled for the user pool."
    unknown user: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
