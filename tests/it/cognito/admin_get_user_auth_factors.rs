use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::FirstFactor;
use serde_json::json;

async fn get(server: &TestServer, username: &str) -> Answer {
    let body = json!({ "UserPoolId": POOL, "Username": username });
    server.cognito().admin("AdminGetUserAuthFactors", &body).await
}

/// What the pool allows and the user has a proven address for. A code does not stand in a password's place
/// where a second factor is due.
#[tokio::test]
async fn what_a_sign_in_can_begin_with() {
    let server = TestServer::start().await;
    let alice = server.user("alice@example.com", &[]).await;
    server.email_mfa_user("emma@example.com", &[]).await;
    let factors = async |username: &str| {
        let answer = get(&server, username).await.json();
        answer["ConfiguredUserAuthFactors"].to_string()
    };
    assert_snapshot!(factors("alice@example.com").await, @r#"["PASSWORD"]"#);
    let mut pool = server.engine.pool(&operator(), &POOL.into()).await.unwrap();
    pool.rules.first_factors = vec![FirstFactor::EmailOtp, FirstFactor::SmsOtp];
    server.engine.replace_pool(&operator(), pool).await.unwrap();
    assert_snapshot!(factors("alice@example.com").await, @r#"["PASSWORD"]"#);
    let alice = server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    assert_snapshot!(factors("alice@example.com").await, @r#"["PASSWORD","EMAIL_OTP"]"#);
    assert_snapshot!(factors("emma@example.com").await, @r#"["PASSWORD"]"#);
    server
        .edit(&alice, |user| {
            user.attributes.set("phone_number", "+14325551212");
            user.attributes.set("phone_number_verified", "true");
            user.password = None;
        })
        .await;
    let answer = get(&server, "alice@example.com").await;
    let answer = answer.line().replace(alice.username.as_str(), "[username]");
    assert_snapshot!(answer, @r#"200 {"Username":"[username]","ConfiguredUserAuthFactors":["EMAIL_OTP","SMS_OTP"]}"#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown user", &get(&server, "nobody@example.com").await);
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere", "Username": "x" });
    table.row("unknown pool", &server.cognito().admin("AdminGetUserAuthFactors", &body).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
}
