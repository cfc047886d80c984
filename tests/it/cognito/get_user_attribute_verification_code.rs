use crate::support::{Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_code_goes_to_the_address_of_the_user() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("paul", &[("email", "paul@example.com"), ("phone_number", "+14325551212")]).await;
    let token = pool.tokens("paul").await.access;
    let ask = async |name: &str| {
        let body = json!({ "AccessToken": token, "AttributeName": name });
        server.cognito().call("GetUserAttributeVerificationCode", &body).await
    };
    assert_snapshot!(ask("email").await.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetails": {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "p***@e***"
      }
    }
    "#);
    let mails = server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    let code = mail.code.as_ref().unwrap().expose();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let body = mail.body.expose().replace(code, "[code]");
    let shown = format!("{:?} to {}: {} / {body}", mail.channel, mail.to, mail.subject);
    assert_snapshot!(shown, @"Email to paul@example.com: Your verification code / Your confirmation code is [code].");
    let mut table = Table::default();
    table.row("phone", &ask("phone_number").await);
    table.row("name", &ask("name").await);
    table.row("third", &ask("email").await);
    table.row("fourth", &ask("email").await);
    table.row("fifth", &ask("email").await);
    table.row("sixth", &ask("email").await);
    assert_snapshot!(table, @r#"
    phone: 200 {"CodeDeliveryDetails":{"Destination":"+*******1212","DeliveryMedium":"SMS","AttributeName":"phone_number"}}
    name: 400 InvalidParameterException "Attribute name must be email or phone_number."
    third: 200 {"CodeDeliveryDetails":{"Destination":"p***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    fourth: 200 {"CodeDeliveryDetails":{"Destination":"p***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    fifth: 200 {"CodeDeliveryDetails":{"Destination":"p***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}
    sixth: 400 LimitExceededException "Attempt limit exceeded, please try after some time."
    "#);
}

#[tokio::test]
async fn the_pools_template_is_what_the_mail_says() {
    let server = TestServer::start().await;
    let template = json!({
        "EmailSubject": "Hello from us",
        "EmailMessage": "<b>{####}</b> is your code",
        "SmsMessage": "{####}!",
    });
    let pool = server.pool(json!({ "VerificationMessageTemplate": template })).await;
    pool.user("paul", &[("email", "paul@example.com"), ("phone_number", "+14325551212")]).await;
    let token = pool.tokens("paul").await.access;
    for name in ["email", "phone_number"] {
        let body = json!({ "AccessToken": token, "AttributeName": name });
        server.cognito().call("GetUserAttributeVerificationCode", &body).await;
        server.clock.advance(std::time::Duration::from_secs(1));
    }
    let shown: Vec<_> = server
        .engine
        .outbox(9)
        .await
        .unwrap()
        .iter()
        .map(|sent| {
            let code = sent.code.as_ref().unwrap().expose();
            format!("{}: {}", sent.subject, sent.body.expose().replace(code, "[code]"))
        })
        .collect();
    assert_snapshot!(shown.join("\n"), @"
    Hello from us: [code]!
    Hello from us: <b>[code]</b> is your code
    ");
}

#[tokio::test]
async fn without_the_address_there_is_none() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("paul", &[]).await;
    let token = pool.tokens("paul").await.access;
    let body = json!({ "AccessToken": token, "AttributeName": "email" });
    let answer = server.cognito().call("GetUserAttributeVerificationCode", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "User does not have the attribute email""#);
}
