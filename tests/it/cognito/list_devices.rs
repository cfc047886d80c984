use crate::support::{Table, TestServer, Tokens, tracking};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn list(server: &TestServer, tokens: &Tokens, limit: i64, token: &Value) -> Value {
    let body = json!({ "AccessToken": tokens.access, "Limit": limit, "PaginationToken": token });
    server.cognito().call("ListDevices", &body).await.json()
}

#[tokio::test]
async fn in_pages() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    for name in ["sid", "eve"] {
        pool.user(name, &[]).await;
    }
    pool.device("eve").await;
    let nobody = pool.tokens("sid").await;
    assert_eq!(list(&server, &nobody, 0, &Value::Null).await, json!({ "Devices": [] }));
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(pool.device("sid").await.1.key);
    }
    own.sort();
    let tokens = nobody;
    let (mut listed, mut next) = (Vec::new(), Value::Null);
    for expected in [2, 1] {
        let page = list(&server, &tokens, 2, &next).await;
        let devices = page["Devices"].as_array().unwrap();
        assert_eq!(devices.len(), expected);
        listed.extend(devices.iter().map(|d| d["DeviceKey"].as_str().unwrap().to_owned()));
        next = page["PaginationToken"].clone();
    }
    assert_eq!((next, listed), (Value::Null, own));
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    for name in ["sid", "eve"] {
        pool.user(name, &[]).await;
        pool.device(name).await;
        pool.device(name).await;
    }
    let (sid, eve) = (pool.tokens("sid").await, pool.tokens("eve").await);
    let next = list(&server, &sid, 1, &Value::Null).await["PaginationToken"].clone();
    let mut table = Table::default();
    let call = async |body: Value| server.cognito().call("ListDevices", &body).await;
    let body = json!({ "AccessToken": eve.access, "PaginationToken": next });
    table.row("another's cursor", &call(body).await);
    table.row(
        "no cursor",
        &call(json!({ "AccessToken": sid.access, "PaginationToken": "x" })).await,
    );
    table.row("too many", &call(json!({ "AccessToken": sid.access, "Limit": 61 })).await);
    table.row("an ID token", &call(json!({ "AccessToken": sid.id })).await);
    assert_snapshot!(table, @r#"
    another's cursor: 400 InvalidParameterException "Invalid pagination token."
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    "#);
}
