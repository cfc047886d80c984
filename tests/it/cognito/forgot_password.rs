use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const LIMIT: &str =
    r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#;

const MAIL: &str = "xena@example.com";
const NUMBER: &str = "+14325551212";

async fn forgot(pool: &TestPool<'_>, username: &str) -> Answer {
    pool.call("ForgotPassword", json!({ "Username": username })).await
}

async fn pool(server: &TestServer, mut settings: Value) -> TestPool<'_> {
    settings["AutoVerifiedAttributes"] = json!(["email"]);
    server.pool(settings).await
}

#[tokio::test]
async fn a_code_goes_to_the_verified_address() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    pool.user("xena", &[("email", MAIL), ("email_verified", "true")]).await;
    assert_snapshot!(forgot(&pool, "xena").await.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetails": {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "x***@e***"
      }
    }
    "#);
    let mails = server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    let code = mail.code.as_ref().unwrap().expose();
    let body = mail.body.expose().replace(code, "[code]");
    assert_snapshot!(format!("{} / {} / {body}", mail.to, mail.subject), @"xena@example.com / Your password reset code / Your password reset code is [code].");
    // The old password works on until the new one is set.
    pool.tokens("xena").await;
}

async fn medium_with(server: &TestServer, ways: Value) -> String {
    let settings = match ways {
        Value::Null => json!({}),
        ways => json!({ "AccountRecoverySetting": { "RecoveryMechanisms": ways } }),
    };
    let pool = pool(server, settings).await;
    let verified = [("email_verified", "true"), ("phone_number_verified", "true")];
    let own = [("email", MAIL), ("phone_number", NUMBER)];
    pool.user("xena", &[verified, own].concat()).await;
    let answer = forgot(&pool, "xena").await.json();
    answer["CodeDeliveryDetails"]["DeliveryMedium"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_ways_back_in_their_order() {
    let server = TestServer::start().await;
    let way = |priority: i32, name: &str| json!({ "Priority": priority, "Name": name });
    let mail_first = json!([way(2, "verified_phone_number"), way(1, "verified_email")]);
    assert_eq!(medium_with(&server, mail_first).await, "EMAIL");
    let phone_first = json!([way(1, "verified_phone_number"), way(2, "verified_email")]);
    assert_eq!(medium_with(&server, phone_first).await, "SMS");
    assert_eq!(medium_with(&server, json!([way(1, "verified_email")])).await, "EMAIL");
    assert_eq!(medium_with(&server, Value::Null).await, "SMS");
    assert_eq!(medium_with(&server, json!([way(1, "admin_only")])).await, "");
}

#[tokio::test]
async fn not_the_mailbox_that_second_factors_go_to() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({ "MfaConfiguration": "OPTIONAL" })).await;
    pool.user("xena", &[("email", MAIL), ("email_verified", "true")]).await;
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "Username": "xena", "EmailMfaSettings": block });
    assert_eq!(pool.admin("AdminSetUserMFAPreference", preference).await.status, 200);
    assert_snapshot!(forgot(&pool, "xena").await.line(), @r#"400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number""#);
}

/// Users who cannot be sent a code, each for a reason.
async fn hopeless(pool: &TestPool<'_>) -> [&'static str; 5] {
    pool.user("unverified", &[("email", MAIL)]).await;
    pool.user("no-address", &[]).await;
    pool.user("disabled", &[("email", MAIL), ("email_verified", "true")]).await;
    pool.admin("AdminDisableUser", json!({ "Username": "disabled" })).await;
    let verified = json!([
        { "Name": "email", "Value": MAIL },
        { "Name": "email_verified", "Value": "true" },
    ]);
    let invited =
        json!({ "Username": "invited", "MessageAction": "SUPPRESS", "UserAttributes": verified });
    assert_eq!(pool.admin("AdminCreateUser", invited).await.status, 200);
    ["unverified", "no-address", "disabled", "invited", "nobody"]
}

#[tokio::test]
async fn who_cannot_be_sent_one() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let mut table = Table::default();
    for name in hopeless(&pool).await {
        table.row(name, &forgot(&pool, name).await);
    }
    assert_snapshot!(table, @r#"
    unverified: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    no-address: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    disabled: 400 NotAuthorizedException "User is disabled."
    invited: 400 NotAuthorizedException "User password cannot be reset in the current state."
    nobody: 400 UserNotFoundException "Username/client id combination not found."
    "#);
    assert!(server.engine.outbox(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn through_clients_that_hide_users_nobody_can_tell() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let hiding = pool.hiding_client().await;
    for name in hopeless(&pool).await {
        let first = forgot(&hiding, name).await;
        let details = first.json()["CodeDeliveryDetails"].clone();
        assert_eq!(details["DeliveryMedium"], "EMAIL", "{name}");
        assert_eq!(details["AttributeName"], "email");
        let destination = details["Destination"].as_str().unwrap();
        assert_eq!(&destination[1..5], "***@", "{details}");
        assert_eq!(&destination[6..], "***", "{details}");
        assert_eq!(forgot(&hiding, name).await.text, first.text, "{name}");
    }
    let address = forgot(&hiding, "somebody@example.com").await;
    assert_eq!(address.get("/CodeDeliveryDetails/Destination"), "s***@e***");
    assert!(server.engine.outbox(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn five_times_an_hour() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let hiding = pool.hiding_client().await;
    pool.user("xena", &[("email", MAIL), ("email_verified", "true")]).await;
    for name in ["xena", "nobody"] {
        for _ in 0..5 {
            assert_eq!(forgot(&hiding, name).await.status, 200);
        }
        assert_eq!(forgot(&hiding, name).await.line(), LIMIT);
    }
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), 5);
    server.clock.advance(Duration::from_hours(1));
    assert_eq!(forgot(&hiding, "xena").await.status, 200);
}

/// Who signed up has yet to show to be the one who did.
#[tokio::test]
async fn an_unconfirmed_user_has_nothing_to_reset() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let email = json!([{ "Name": "email", "Value": MAIL }]);
    let body = json!({ "Username": "xena", "Password": PASSWORD, "UserAttributes": email });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    let verified = json!([{ "Name": "email_verified", "Value": "true" }]);
    let verified = json!({ "Username": "xena", "UserAttributes": verified });
    assert_eq!(pool.admin("AdminUpdateUserAttributes", verified).await.status, 200);
    let mut table = Table::default();
    table.row("by the user", &forgot(&pool, "xena").await);
    let reset = json!({ "Username": "xena" });
    table.row("by an administrator", &pool.admin("AdminResetUserPassword", reset).await);
    assert_snapshot!(table, @r#"
    by the user: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    by an administrator: 400 NotAuthorizedException "User password cannot be reset in the current state."
    "#);
    // Nobody can tell through a client that hides users.
    let hiding = pool.hiding_client().await;
    let before = server.engine.outbox(9).await.unwrap().len();
    assert_eq!(forgot(&hiding, "xena").await.status, 200);
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), before);
}
