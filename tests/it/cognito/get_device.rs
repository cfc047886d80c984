use crate::support::{Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn shown_to_its_user() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    pool.user("eve", &[]).await;
    let (tokens, device) = pool.device("sid").await;
    let shown = pool.own_device("GetDevice", &tokens, &device.key).await;
    assert_snapshot!(shown.show().replace(&device.key, "[key]"), @r#"
    200 OK
    {
      "Device": {
        "DeviceAttributes": [
          {
            "Name": "device_status",
            "Value": "valid"
          },
          {
            "Name": "device_name",
            "Value": "Sid's phone"
          },
          {
            "Name": "dev:device_remembered_status",
            "Value": "remembered"
          },
          {
            "Name": "last_ip_used",
            "Value": "192.0.2.1"
          }
        ],
        "DeviceCreateDate": 1767323045,
        "DeviceKey": "[key]",
        "DeviceLastAuthenticatedDate": 1767323045,
        "DeviceLastModifiedDate": 1767323045
      }
    }
    "#);
    let mut table = Table::default();
    let eve = pool.tokens("eve").await;
    table.row("another's", &pool.own_device("GetDevice", &eve, &device.key).await);
    let unknown = "us-east-1_00000000-0000-0000-0000-000000000000";
    table.row("unknown", &pool.own_device("GetDevice", &tokens, unknown).await);
    let body = json!({ "DeviceKey": device.key });
    table.row("no token", &server.cognito().call("GetDevice", &body).await);
    let body = json!({ "AccessToken": tokens.id, "DeviceKey": device.key });
    table.row("an ID token", &server.cognito().call("GetDevice", &body).await);
    table.row("no key", &pool.own_device("GetDevice", &tokens, "phone").await);
    assert_snapshot!(table, @r#"
    another's: 400 ResourceNotFoundException "Device does not exist."
    unknown: 400 ResourceNotFoundException "Device does not exist."
    no token: 400 NotAuthorizedException "Invalid Access Token"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    no key: 400 InvalidParameterException "1 validation error detected: Value 'phone' at 'deviceKey' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-f-]+"
    "#);
}
