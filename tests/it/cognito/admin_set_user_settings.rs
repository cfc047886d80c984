use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn set(server: &TestServer, username: &str, options: Value) -> Answer {
    let body = json!({ "UserPoolId": POOL, "Username": username, "MFAOptions": options });
    server.cognito().admin("AdminSetUserSettings", &body).await
}

fn sms() -> Value {
    json!([{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }])
}

#[tokio::test]
async fn text_messages_are_kept_and_shown() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    server.edit(&alice, |user| user.attributes.set("phone_number", "+14325551212")).await;
    assert_snapshot!(set(&server, ALICE, sms()).await.show(), @"
    200 OK
    {}
    ");
    let body = json!({ "UserPoolId": POOL, "Username": ALICE });
    let user = server.cognito().admin("AdminGetUser", &body).await.json();
    assert_eq!(user["MFAOptions"], sms());
    assert_eq!(set(&server, ALICE, json!([])).await.status, 200);
    let user = server.cognito().admin("AdminGetUser", &body).await.json();
    assert_eq!(user.get("MFAOptions"), None);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let email = json!([{ "DeliveryMedium": "EMAIL", "AttributeName": "email" }]);
    let mut table = Table::default();
    table.row("no number", &set(&server, ALICE, sms()).await);
    table.row("e-mail", &set(&server, ALICE, email).await);
    table.row("unknown user", &set(&server, "nobody@example.com", sms()).await);
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere", "Username": ALICE, "MFAOptions": [] });
    table.row("unknown pool", &server.cognito().admin("AdminSetUserSettings", &body).await);
    assert_snapshot!(table, @r#"
    no number: 400 InvalidParameterException "User does not have a phone_number set to turn on SMS MFA"
    e-mail: 400 InvalidParameterException "MFAOptions can name the DeliveryMedium SMS and the AttributeName phone_number only."
    unknown user: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
