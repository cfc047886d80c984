use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

const LIMIT: &str =
    r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#;

const MAIL: &str = "wim@example.com";

async fn resend(pool: &TestPool<'_>, username: &str) -> Answer {
    pool.call("ResendConfirmationCode", json!({ "Username": username })).await
}

async fn sign_up(pool: &TestPool<'_>, username: &str) {
    let email = json!([{ "Name": "email", "Value": MAIL }]);
    let body = json!({ "Username": username, "Password": PASSWORD, "UserAttributes": email });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    pool.server.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn the_new_code_voids_the_old_one() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    sign_up(&pool, "wim").await;
    let old = server.newest_code().await.0;
    assert_snapshot!(resend(&pool, "wim").await.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetails": {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "w***@e***"
      }
    }
    "#);
    let new = server.newest_code().await.0;
    let mut table = Table::default();
    for (name, code) in [("old", old), ("new", new)] {
        let body = json!({ "Username": "wim", "ConfirmationCode": code });
        table.row(name, &pool.call("ConfirmSignUp", body).await);
    }
    table.row("confirmed", &resend(&pool, "wim").await);
    table.row("unknown", &resend(&pool, "nobody").await);
    assert_snapshot!(table, @r#"
    old: 400 CodeMismatchException "Invalid verification code provided, please try again."
    new: 200 {}
    confirmed: 400 InvalidParameterException "User is already confirmed."
    unknown: 400 UserNotFoundException "Username/client id combination not found."
    "#);
}

#[tokio::test]
async fn five_times_an_hour() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let hiding = pool.hiding_client().await;
    sign_up(&pool, "wim").await;
    for name in ["wim", "nobody"] {
        for _ in 0..5 {
            assert_eq!(resend(&hiding, name).await.status, 200);
        }
        assert_eq!(resend(&hiding, name).await.line(), LIMIT);
    }
}

#[tokio::test]
async fn where_the_pool_verifies_nothing() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    sign_up(&pool, "wim").await;
    assert_snapshot!(resend(&pool, "wim").await.line(), @r#"400 InvalidParameterException "Cannot resend codes. Auto verification not turned on.""#);
}

#[tokio::test]
async fn through_clients_that_hide_users_everybody_is_sent_one() {
    let server = TestServer::start().await;
    let settings = json!({ "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    let hiding = pool.hiding_client().await;
    pool.user("confirmed@example.com", &[]).await;
    let body = json!({ "Username": MAIL, "Password": PASSWORD });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    let mut table = Table::default();
    for name in [MAIL, "confirmed@example.com", "nobody@example.com"] {
        table.row(name, &resend(&hiding, name).await);
    }
    assert_snapshot!(table, @r#"
    wim@example.com: 200 {"CodeDeliveryDetails":{"Destination":"w***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    confirmed@example.com: 200 {"CodeDeliveryDetails":{"Destination":"c***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    nobody@example.com: 200 {"CodeDeliveryDetails":{"Destination":"n***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    "#);
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), 2);
}
