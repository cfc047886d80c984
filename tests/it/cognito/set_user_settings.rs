use crate::support::{Answer, Table, TestServer, Tokens};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn set(server: &TestServer, access: &str, options: Value) -> Answer {
    let body = json!({ "AccessToken": access, "MFAOptions": options });
    server.cognito().call("SetUserSettings", &body).await
}

fn sms() -> Value {
    json!([{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }])
}

async fn shown(server: &TestServer, access: &str) -> Value {
    server.cognito().get_user(access).await.json()["MFAOptions"].clone()
}

async fn start() -> (TestServer, Tokens) {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    server.edit(&alice, |user| user.attributes.set("phone_number", "+14325551212")).await;
    let tokens = server.cognito().tokens(ALICE).await;
    (server, tokens)
}

#[tokio::test]
async fn text_messages_are_kept_and_shown() {
    let (server, tokens) = start().await;
    assert_eq!(shown(&server, &tokens.access).await, Value::Null);
    assert_snapshot!(set(&server, &tokens.access, sms()).await.show(), @"
    200 OK
    {}
    ");
    assert_eq!(shown(&server, &tokens.access).await, sms());
    let body = json!({ "UserPoolId": crate::support::POOL });
    let listed = server.cognito().admin("ListUsers", &body).await.json();
    assert_eq!(listed["Users"][0]["MFAOptions"], sms());
    assert_eq!(set(&server, &tokens.access, json!([])).await.status, 200);
    assert_eq!(shown(&server, &tokens.access).await, Value::Null);
}

/// What is asked for the old way is asked for at the next sign-in.
#[tokio::test]
async fn sign_ins_ask_for_a_code_by_text_message() {
    let (server, tokens) = start().await;
    let config = json!({
        "UserPoolId": crate::support::POOL,
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        },
    });
    assert_eq!(server.cognito().admin("SetUserPoolMfaConfig", &config).await.status, 200);
    assert_eq!(set(&server, &tokens.access, sms()).await.status, 200);
    let asked = server.cognito().sign_in(ALICE, crate::support::PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "SMS_MFA");
    let mut strict = config.clone();
    strict["MfaConfiguration"] = json!("ON");
    assert_eq!(server.cognito().admin("SetUserPoolMfaConfig", &strict).await.status, 200);
    let last = set(&server, &tokens.access, json!([])).await;
    assert_snapshot!(last.line(), @r#"400 InvalidParameterException "MFA is required by the user pool and cannot be turned off.""#);
}

#[tokio::test]
async fn refused() {
    let (server, tokens) = start().await;
    server.user("bob@example.com", &[]).await;
    let bob = server.cognito().tokens("bob@example.com").await;
    let email = json!([{ "DeliveryMedium": "EMAIL", "AttributeName": "email" }]);
    let nothing = json!([{ "DeliveryMedium": "SMS" }]);
    let mut table = Table::default();
    table.row("no number", &set(&server, &bob.access, sms()).await);
    table.row("e-mail", &set(&server, &tokens.access, email).await);
    table.row("no attribute", &set(&server, &tokens.access, nothing).await);
    table.row("an ID token", &set(&server, &tokens.id, sms()).await);
    server.cognito().call("GlobalSignOut", &json!({ "AccessToken": tokens.access })).await;
    table.row("revoked", &set(&server, &tokens.access, sms()).await);
    let bare = json!({ "AccessToken": bob.access });
    table.row("no options", &server.cognito().call("SetUserSettings", &bare).await);
    assert_snapshot!(table, @r#"
    no number: 400 InvalidParameterException "User does not have a phone_number set to turn on SMS MFA"
    e-mail: 400 InvalidParameterException "MFAOptions can name the DeliveryMedium SMS and the AttributeName phone_number only."
    no attribute: 400 InvalidParameterException "MFAOptions can name the DeliveryMedium SMS and the AttributeName phone_number only."
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    revoked: 400 NotAuthorizedException "Access Token has been revoked"
    no options: 400 InvalidParameterException "1 validation error detected: Value null at 'mFAOptions' failed to satisfy constraint: Member must not be null"
    "#);
}
