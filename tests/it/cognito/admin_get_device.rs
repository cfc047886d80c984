use crate::support::{Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn shown_to_administrators() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    pool.user("eve", &[]).await;
    let (tokens, device) = pool.device("sid").await;
    let get = async |username: &str, key: &str| {
        pool.admin("AdminGetDevice", json!({ "Username": username, "DeviceKey": key })).await
    };
    let shown = get("sid", &device.key).await;
    assert_eq!(shown.text, pool.own_device("GetDevice", &tokens, &device.key).await.text);
    let mut table = Table::default();
    table.row("another's", &get("eve", &device.key).await);
    table.row("of nobody", &get("nobody", &device.key).await);
    let body =
        json!({ "UserPoolId": "us-east-1_NoPool123", "Username": "sid", "DeviceKey": "a_1" });
    table.row("no pool", &server.cognito().admin("AdminGetDevice", &body).await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Device does not exist."
    of nobody: 400 UserNotFoundException "User does not exist."
    no pool: 400 ResourceNotFoundException "User pool us-east-1_NoPool123 does not exist."
    "#);
}
