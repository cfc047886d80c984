use crate::support::{PASSWORD, Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn gone_for_good() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.phone_user("sid").await;
    pool.user("eve", &[]).await;
    let (_, device) = pool.device("sid").await;
    pool.prefer_sms("sid").await;
    let forget = async |username: &str| {
        let body = json!({ "Username": username, "DeviceKey": device.key });
        pool.admin("AdminForgetDevice", body).await
    };
    let mut table = Table::default();
    table.row("another's", &forget("eve").await);
    table.row("of nobody", &forget("nobody").await);
    let forgotten = forget("sid").await;
    assert_eq!((forgotten.status.as_u16(), forgotten.text.as_str()), (200, ""));
    table.row("a second time", &forget("sid").await);
    table.row("signing in", &pool.sign_in_on("sid", PASSWORD, &device.key).await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Device does not exist."
    of nobody: 400 UserNotFoundException "User does not exist."
    a second time: 400 ResourceNotFoundException "Device does not exist."
    signing in: 400 ResourceNotFoundException "Device does not exist."
    "#);
}

/// Whoever sets a password means to shut out who came in with the old one, and may have had a
/// device remembered.
#[tokio::test]
async fn a_password_that_is_set_forgets_them_all() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    let (_, device) = pool.device("sid").await;
    let password = json!({ "Username": "sid", "Password": "An0ther!pass", "Permanent": true });
    assert_eq!(pool.admin("AdminSetUserPassword", password).await.line(), "200 {}");
    let listed = pool.admin("AdminListDevices", json!({ "Username": "sid" })).await;
    assert_eq!(listed.line(), r#"200 {"Devices":[]}"#);
    let refused = pool.sign_in_on("sid", "An0ther!pass", &device.key).await;
    assert_eq!(refused.get("/message"), "Device does not exist.");
}
