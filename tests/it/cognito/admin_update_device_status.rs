use crate::support::{PASSWORD, Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn remembered_and_no_longer() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, true)).await;
    pool.phone_user("sid").await;
    let (_, device) = pool.device("sid").await;
    pool.prefer_sms("sid").await;
    let update = async |username: &str, key: &str, status: Option<&str>| {
        let body =
            json!({ "Username": username, "DeviceKey": key, "DeviceRememberedStatus": status });
        pool.admin("AdminUpdateDeviceStatus", body).await
    };
    for (status, challenge) in [
        (Some("remembered"), "DEVICE_SRP_AUTH"),
        (None, "DEVICE_SRP_AUTH"),
        (Some("not_remembered"), "SMS_MFA"),
    ] {
        assert_eq!(update("sid", &device.key, status).await.line(), "200 {}");
        let asked = pool.sign_in_on("sid", PASSWORD, &device.key).await;
        assert_eq!(asked.get("/ChallengeName"), challenge);
    }
    let mut table = Table::default();
    table.row("unknown", &update("sid", "us-east-1_0", Some("remembered")).await);
    table.row("of nobody", &update("nobody", &device.key, Some("remembered")).await);
    assert_snapshot!(table, @r#"
    unknown: 400 ResourceNotFoundException "Device does not exist."
    of nobody: 400 UserNotFoundException "User does not exist."
    "#);
}
