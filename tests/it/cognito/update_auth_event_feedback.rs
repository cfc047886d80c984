use crate::support::{POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

/// Anybody may ask: the answer is the same whoever exists.
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
        let body = json!({
            "UserPoolId": pool,
            "Username": username,
            "EventId": "e",
            "FeedbackToken": "token",
            "FeedbackValue": "Valid",
        });
        table.row(case, &server.cognito().call("UpdateAuthEventFeedback", &body).await);
    }
    table.row("nothing", &server.cognito().call("UpdateAuthEventFeedback", &json!({})).await);
    assert_snapshot!(table, @r#"
    a user: 400 UserPoolAddOnNotEnabledException "Threat protection is not enabled for the user pool."
    unknown user: 400 UserPoolAddOnNotEnabledException "Threat protection is not enabled for the user pool."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    nothing: 400 InvalidParameterException "5 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null; Value null at 'eventId' failed to satisfy constraint: Member must not be null; Value at 'feedbackToken' failed to satisfy constraint: Member must not be null; Value null at 'feedbackValue' failed to satisfy constraint: Member must not be null"
    "#);
}
