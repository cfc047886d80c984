//! A mail server that hangs holds up nothing but mail (S11).

use crate::support::{POOL, TestServer};
use async_trait::async_trait;
use poolkeeper::delivery::{self, Delivery};
use poolkeeper_delivery::Courier;
use poolkeeper_pool::local::Sent;
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use serde_json::json;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

struct Hanging;

#[async_trait]
impl Sender for Hanging {
    async fn send(&self, _: &Outgoing) -> Result<(), SendError> {
        pending().await
    }
}

struct Phone(mpsc::UnboundedSender<String>);

#[async_trait]
impl Sender for Phone {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        self.0.send(message.to.clone()).unwrap();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_messages_do_not_wait_for_mail() {
    let server = TestServer::start().await;
    // More mail than may be on its way at a time, and then a text message.
    for number in 0..20 {
        let name = format!("ann{number}@example.com");
        let body = json!({
            "UserPoolId": POOL,
            "Username": name,
            "UserAttributes": [{ "Name": "email", "Value": name }],
            "DesiredDeliveryMediums": ["EMAIL"],
        });
        let made = server.cognito().admin("AdminCreateUser", &body).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    server.clock.advance(Duration::from_secs(1));
    let body = json!({
        "UserPoolId": POOL,
        "Username": "phone@example.com",
        "UserAttributes": [
            { "Name": "email", "Value": "phone@example.com" },
            { "Name": "phone_number", "Value": "+15555550100" },
        ],
        "DesiredDeliveryMediums": ["SMS"],
    });
    let made = server.cognito().admin("AdminCreateUser", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let (sent, mut arrived) = mpsc::unbounded_channel();
    let courier = Courier { mail: Some(Arc::new(Hanging)), sms: Some(Arc::new(Phone(sent))) };
    let (_running, stopped) = oneshot::channel();
    let delivery = Delivery::new(courier, Sent::Removed);
    let sending = tokio::spawn(delivery::run(Arc::clone(&server.engine), delivery, stopped));
    let to = tokio::time::timeout(Duration::from_secs(20), arrived.recv()).await;
    assert_eq!(to.unwrap().unwrap(), "+15555550100");
    sending.abort();
}
