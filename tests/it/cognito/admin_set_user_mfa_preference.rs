use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{Kind, User};
use serde_json::{Value, json};

const TINA: &str = "tina@example.com";

async fn set(server: &TestServer, pool: &str, name: &str, blocks: Value) -> Answer {
    let mut body = json!({ "UserPoolId": pool, "Username": name });
    body.as_object_mut().unwrap().extend(blocks.as_object().unwrap().clone());
    server.cognito().admin("AdminSetUserMFAPreference", &body).await
}

fn totp(enabled: bool, preferred: bool) -> Value {
    json!({ "SoftwareTokenMfaSettings": { "Enabled": enabled, "PreferredMfa": preferred } })
}

fn email(enabled: bool, preferred: bool) -> Value {
    json!({ "EmailMfaSettings": { "Enabled": enabled, "PreferredMfa": preferred } })
}

/// What `AdminGetUser` says of the factors.
async fn shown(server: &TestServer, name: &str) -> String {
    let body = json!({ "UserPoolId": POOL, "Username": name });
    let user = server.cognito().admin("AdminGetUser", &body).await.json();
    format!("{} {}", user["UserMFASettingList"], user["PreferredMfaSetting"])
}

#[tokio::test]
async fn by_any_name() {
    let server = TestServer::start().await;
    let tina = server.totp_user(TINA, &[]).await;
    let answer = set(&server, POOL, TINA, email(true, true)).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    assert_snapshot!(shown(&server, TINA).await, @r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "EMAIL_OTP""#);
    assert_eq!(set(&server, POOL, tina.sub.as_str(), totp(true, true)).await.status, 200);
    assert_snapshot!(shown(&server, TINA).await, @r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "SOFTWARE_TOKEN_MFA""#);
    assert_eq!(set(&server, POOL, TINA, totp(false, false)).await.status, 200);
    assert_snapshot!(shown(&server, TINA).await, @r#"["EMAIL_OTP"] null"#);
}

/// Unlike the user, who could not in a pool that insists; the next sign-in has one set up.
#[tokio::test]
async fn an_administrator_may_take_the_last_factor_away() {
    let server = TestServer::start().await;
    let pool = json!({ "PoolName": "strict", "MfaConfiguration": "ON" });
    let pool = server.cognito().admin("CreateUserPool", &pool).await.get("/UserPool/Id");
    let user = json!({
        "UserPoolId": pool,
        "Username": "mia",
        "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": "mia@example.com" }],
    });
    server.cognito().admin("AdminCreateUser", &user).await;
    for enabled in [true, false] {
        assert_eq!(set(&server, &pool, "mia", email(enabled, enabled)).await.status, 200);
        let mia = server.engine.get_user(&operator(), &pool.as_str().into(), "mia").await.unwrap();
        assert_eq!(mia.mfa.email.is_some(), enabled);
    }
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.totp_user(TINA, &[]).await;
    server.user("alice@example.com", &[]).await;
    server.machine("machine", &[]).await;
    let mut table = Table::default();
    let alice = "alice@example.com";
    table.row("no app", &set(&server, POOL, alice, totp(true, true)).await);
    table.row("not enabled", &set(&server, POOL, TINA, totp(false, true)).await);
    let sms = json!({ "SMSMfaSettings": { "Enabled": true } });
    table.row("text messages", &set(&server, POOL, TINA, sms).await);
    table.row("no address", &set(&server, POOL, "machine", email(true, false)).await);
    let machine = server.engine.get_user(&operator(), &POOL.into(), "machine").await.unwrap();
    assert_eq!(machine.kind, Kind::Service);
    let address = |user: &mut User| user.attributes.set("email", "ops@example.com");
    server.edit(&machine, address).await;
    table.row("a machine", &set(&server, POOL, "machine", email(true, false)).await);
    table.row("unknown user", &set(&server, POOL, "nobody", totp(true, true)).await);
    table.row("other pool", &set(&server, OTHER_POOL, TINA, totp(true, true)).await);
    table.row("unknown pool", &set(&server, "eu-west-1_Nowhere", TINA, totp(true, true)).await);
    assert_snapshot!(table, @r#"
    no app: 400 InvalidParameterException "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    not enabled: 400 InvalidParameterException "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    text messages: 400 InvalidParameterException "User does not have a phone_number set to turn on SMS MFA"
    no address: 400 InvalidParameterException "User does not have an email set to turn on EMAIL MFA"
    a machine: 400 InvalidParameterException "User does not have delivery config set to turn on EMAIL_OTP"
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_snapshot!(shown(&server, TINA).await, @r#"["SOFTWARE_TOKEN_MFA"] "SOFTWARE_TOKEN_MFA""#);
}

/// Settings that no sign-in would act on are not taken.
#[tokio::test]
async fn a_pool_without_second_factors() {
    let server = TestServer::start().await;
    let pool = server.cognito().admin("CreateUserPool", &json!({ "PoolName": "plain" })).await;
    let pool = pool.get("/UserPool/Id");
    let user = json!({
        "UserPoolId": pool,
        "Username": "mia",
        "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": "mia@example.com" }],
    });
    server.cognito().admin("AdminCreateUser", &user).await;
    let mut table = Table::default();
    table.row("on", &set(&server, &pool, "mia", email(true, false)).await);
    table.row("off", &set(&server, &pool, "mia", email(false, false)).await);
    assert_snapshot!(table, @r#"
    on: 400 InvalidParameterException "User does not have delivery config set to turn on EMAIL_OTP"
    off: 200 {}
    "#);
}
