use super::{ACME, ALICE, FD42, access_token, call, call_for, edit_partner};
use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::Value;

#[tokio::test]
async fn of_the_partner_of_the_call() {
    let server = TestServer::start().await;
    server.user(ALICE, &[ACME, FD42]).await;
    let token = access_token(&server, ALICE).await;
    let none = call(&server, "GET /features/", &token, &Value::Null).await;
    assert_eq!(none.text, "{}");
    edit_partner(&server, ACME, |partner| {
        partner.features.insert("package_builder".to_owned(), true);
        partner.features.insert("alerts".to_owned(), false);
    })
    .await;
    let acme = call_for(&server, "GET /features", &token, Some(ACME), &Value::Null).await;
    assert_snapshot!(acme.show_with(&["content-type", "cache-control", "etag"]), @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    etag: -
    {
      "alerts": false,
      "package_builder": true
    }
    "#);
    let fd42 = call_for(&server, "GET /features", &token, Some(FD42), &Value::Null).await;
    assert_eq!(fd42.text, "{}");
    edit_partner(&server, ACME, |partner| {
        partner.features.remove("alerts");
    })
    .await;
    let acme = call_for(&server, "GET /features", &token, Some(ACME), &Value::Null).await;
    assert_eq!(acme.text, r#"{"package_builder":true}"#);
}
