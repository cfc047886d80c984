use crate::support::{PASSWORD, Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn remembered_and_no_longer() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, true)).await;
    pool.phone_user("sid").await;
    let (tokens, device) = pool.device("sid").await;
    pool.prefer_sms("sid").await;
    let update = async |status: Value| {
        let (token, key) = (&tokens.access, &device.key);
        let body =
            json!({ "AccessToken": token, "DeviceKey": key, "DeviceRememberedStatus": status });
        server.cognito().call("UpdateDeviceStatus", &body).await.line()
    };
    let asked = async || {
        let asked = pool.sign_in_on("sid", PASSWORD, &device.key).await;
        asked.get("/ChallengeName")
    };
    assert_eq!(asked().await, "SMS_MFA");
    assert_eq!(update(json!("remembered")).await, "200 {}");
    assert_eq!(asked().await, "DEVICE_SRP_AUTH");
    assert_eq!(update(Value::Null).await, "200 {}");
    assert_eq!(asked().await, "DEVICE_SRP_AUTH");
    assert_eq!(update(json!("not_remembered")).await, "200 {}");
    assert_eq!(asked().await, "SMS_MFA");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, true)).await;
    pool.user("sid", &[]).await;
    pool.user("eve", &[]).await;
    let (sid, device) = pool.device("sid").await;
    let eve = pool.tokens("eve").await;
    let call = async |token: &str, key: &str, status: &str| {
        let body =
            json!({ "AccessToken": token, "DeviceKey": key, "DeviceRememberedStatus": status });
        server.cognito().call("UpdateDeviceStatus", &body).await
    };
    let mut table = Table::default();
    let (key, unknown) = (&device.key, "us-east-1_00000000-0000-0000-0000-000000000000");
    table.row("another's", &call(&eve.access, key, "remembered").await);
    table.row("unknown", &call(&sid.access, unknown, "remembered").await);
    table.row("no status", &call(&sid.access, key, "forgotten").await);
    table.row("an ID token", &call(&sid.id, key, "remembered").await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Device does not exist."
    unknown: 400 ResourceNotFoundException "Device does not exist."
    no status: 400 InvalidParameterException "1 validation error detected: Value 'forgotten' at 'deviceRememberedStatus' failed to satisfy constraint: Member must satisfy enum value set: [remembered, not_remembered]"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    "#);
}
