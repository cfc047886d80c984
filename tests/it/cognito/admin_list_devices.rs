use crate::support::{Table, TestServer, tracking};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn in_pages() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    pool.user("eve", &[]).await;
    let list = async |username: &str, limit: i64, token: &Value| {
        let body = json!({ "Username": username, "Limit": limit, "PaginationToken": token });
        pool.admin("AdminListDevices", body).await
    };
    assert_eq!(list("sid", 0, &Value::Null).await.line(), r#"200 {"Devices":[]}"#);
    let mut own = [pool.device("sid").await.1.key, pool.device("sid").await.1.key];
    own.sort();
    let first = list("sid", 1, &Value::Null).await.json();
    let second = list("sid", 1, &first["PaginationToken"]).await.json();
    let key = |page: &Value| page["Devices"][0]["DeviceKey"].as_str().unwrap().to_owned();
    assert_eq!([key(&first), key(&second)], own);
    assert_eq!(second.get("PaginationToken"), None);
    let mut table = Table::default();
    table.row("another's cursor", &list("eve", 1, &first["PaginationToken"]).await);
    table.row("of nobody", &list("nobody", 1, &Value::Null).await);
    table.row("too many", &list("sid", 61, &Value::Null).await);
    assert_snapshot!(table, @r#"
    another's cursor: 400 InvalidParameterException "Invalid pagination token."
    of nobody: 400 UserNotFoundException "User does not exist."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"
    "#);
}
