use crate::support::{PASSWORD, Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn gone_for_good() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.phone_user("sid").await;
    pool.user("eve", &[]).await;
    let (tokens, device) = pool.device("sid").await;
    pool.prefer_sms("sid").await;
    let mut table = Table::default();
    let eve = pool.tokens("eve").await;
    table.row("another's", &pool.own_device("ForgetDevice", &eve, &device.key).await);
    let body = json!({ "DeviceKey": device.key });
    table.row("no token", &server.cognito().call("ForgetDevice", &body).await);
    assert_eq!(pool.sign_in_with("sid", &device).await.status, 200);
    let forgotten = pool.own_device("ForgetDevice", &tokens, &device.key).await;
    assert_eq!((forgotten.status.as_u16(), forgotten.text.as_str()), (200, ""));
    table.row("a second time", &pool.own_device("ForgetDevice", &tokens, &device.key).await);
    table.row("signing in", &pool.sign_in_on("sid", PASSWORD, &device.key).await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Device does not exist."
    no token: 400 NotAuthorizedException "Invalid Access Token"
    a second time: 400 ResourceNotFoundException "Device does not exist."
    signing in: 400 ResourceNotFoundException "Device does not exist."
    "#);
    let without = pool.sign_in("sid", PASSWORD).await;
    assert_eq!(without.get("/ChallengeName"), "SMS_MFA");
}
