use crate::support::{Answer, PASSWORD, Table, TestServer, Tokens};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Totp;
use serde_json::{Value, json};
use std::fmt::Write as _;

const ALICE: &str = "alice@example.com";

/// Alice's tokens, and a server on which she has an app that is verified and no more.
async fn start() -> (TestServer, Tokens) {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let secret = server.engine.seal_totp_key(&alice, &Secret::from(crate::support::TOTP_KEY));
    let totp = Totp { secret, enabled: false, preferred: false, friendly_name: None };
    server.edit(&alice, |user| user.mfa.totp = Some(totp.clone())).await;
    (server, tokens)
}

async fn set(server: &TestServer, access_token: &str, blocks: Value) -> Answer {
    let mut body = json!({ "AccessToken": access_token });
    body.as_object_mut().unwrap().extend(blocks.as_object().unwrap().clone());
    server.cognito().call("SetUserMFAPreference", &body).await
}

fn totp(enabled: bool, preferred: bool) -> Value {
    json!({ "SoftwareTokenMfaSettings": { "Enabled": enabled, "PreferredMfa": preferred } })
}

fn email(enabled: bool, preferred: bool) -> Value {
    json!({ "EmailMfaSettings": { "Enabled": enabled, "PreferredMfa": preferred } })
}

/// What `GetUser` says of the factors.
async fn shown(server: &TestServer, access_token: &str) -> String {
    let user = server.cognito().get_user(access_token).await.json();
    format!("{} {}", user["UserMFASettingList"], user["PreferredMfaSetting"])
}

#[tokio::test]
async fn the_next_sign_in_asks_for_what_was_enabled() {
    let (server, tokens) = start().await;
    let answer = set(&server, &tokens.access, totp(true, false)).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    assert_eq!(shown(&server, &tokens.access).await, r#"["SOFTWARE_TOKEN_MFA"] null"#);
    let asked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "SOFTWARE_TOKEN_MFA");
    set(&server, &tokens.access, totp(false, false)).await;
    server.cognito().tokens(ALICE).await;
}

#[tokio::test]
async fn each_block_is_about_its_factor_and_one_is_preferred_at_most() {
    let (server, tokens) = start().await;
    let both = |app: Value, mail: Value| {
        let mut both = app;
        both.as_object_mut().unwrap().extend(mail.as_object().unwrap().clone());
        both
    };
    let steps = [
        ("app", totp(true, false)),
        ("mail, preferred", email(true, true)),
        ("app, preferred in its place", totp(true, true)),
        ("app, no longer preferred", json!({ "SoftwareTokenMfaSettings": { "Enabled": true } })),
        ("mail, preferred again", email(true, true)),
        ("mail off, and with it the preference", email(false, false)),
        ("nothing", json!({})),
        ("both at once", both(totp(true, false), email(true, true))),
        ("the preference moved at once", both(totp(true, true), email(true, false))),
        ("both off", both(totp(false, false), json!({ "EmailMfaSettings": {} }))),
    ];
    let mut lines = String::new();
    for (step, blocks) in steps {
        let answer = set(&server, &tokens.access, blocks).await;
        let shown = shown(&server, &tokens.access).await;
        writeln!(lines, "{step}: {} {shown}", answer.line()).unwrap();
    }
    assert_snapshot!(lines, @r#"
    app: 200 {} ["SOFTWARE_TOKEN_MFA"] null
    mail, preferred: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "EMAIL_OTP"
    app, preferred in its place: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "SOFTWARE_TOKEN_MFA"
    app, no longer preferred: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] null
    mail, preferred again: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "EMAIL_OTP"
    mail off, and with it the preference: 200 {} ["SOFTWARE_TOKEN_MFA"] null
    nothing: 200 {} ["SOFTWARE_TOKEN_MFA"] null
    both at once: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "EMAIL_OTP"
    the preference moved at once: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "SOFTWARE_TOKEN_MFA"
    both off: 200 {} null null
    "#);
}

#[tokio::test]
async fn factors_that_cannot_be_had() {
    let (server, tokens) = start().await;
    let access = &tokens.access;
    let mut table = Table::default();
    let mut both = totp(true, true);
    both["EmailMfaSettings"] = email(true, true)["EmailMfaSettings"].clone();
    table.row("both preferred", &set(&server, access, both).await);
    table.row("preferred, not enabled", &set(&server, access, totp(false, true)).await);
    table.row("mail preferred, not enabled", &set(&server, access, email(false, true)).await);
    let sms = |enabled: bool, preferred: bool| json!({ "SMSMfaSettings": { "Enabled": enabled, "PreferredMfa": preferred } });
    table.row("text messages", &set(&server, access, sms(true, false)).await);
    table.row("text messages preferred", &set(&server, access, sms(false, true)).await);
    table.row("text messages off, no number", &set(&server, access, sms(false, false)).await);
    let key = |enabled: bool| json!({ "WebAuthnMfaSettings": { "Enabled": enabled } });
    table.row("a passkey", &set(&server, access, key(true)).await);
    table.row("no passkey", &set(&server, access, key(false)).await);
    assert_snapshot!(table, @r#"
    both preferred: 400 InvalidParameterException "Only one factor can be set as preferred."
    preferred, not enabled: 400 InvalidParameterException "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    mail preferred, not enabled: 400 InvalidParameterException "User does not have delivery config set to turn on EMAIL_OTP"
    text messages: 400 InvalidParameterException "User does not have a phone_number set to turn on SMS MFA"
    text messages preferred: 400 InvalidParameterException "User does not have a phone_number set to turn on SMS MFA"
    text messages off, no number: 200 {}
    a passkey: 400 InvalidParameterException "WebAuthnMfaSettings is not supported by this release of Poolkeeper."
    no passkey: 200 {}
    "#);
    assert_eq!(shown(&server, access).await, "null null");
}

#[tokio::test]
async fn users_who_lack_what_a_factor_needs() {
    let (server, tokens) = start().await;
    let alice =
        server.engine.get_user(&operator(), &crate::support::POOL.into(), ALICE).await.unwrap();
    let access = &tokens.access;
    let mut table = Table::default();
    server.edit(&alice, |user| user.attributes.set("phone_number", "+14325551212")).await;
    let sms = json!({ "SMSMfaSettings": { "Enabled": false } });
    table.row("text messages off", &set(&server, access, sms).await);
    server.edit(&alice, |user| user.attributes = [("name", "Alice")].into_iter().collect()).await;
    table.row("mail without an address", &set(&server, access, email(true, false)).await);
    server
        .edit(&alice, |user| user.mfa.pending_totp = user.mfa.totp.take().map(|t| t.secret))
        .await;
    table.row("an app that is not verified", &set(&server, access, totp(true, true)).await);
    server.edit(&alice, |user| user.mfa.pending_totp = None).await;
    table.row("no app", &set(&server, access, totp(true, true)).await);
    table.row("no app, off", &set(&server, access, totp(false, false)).await);
    assert_snapshot!(table, @r#"
    text messages off: 200 {}
    mail without an address: 400 InvalidParameterException "User does not have an email set to turn on EMAIL MFA"
    an app that is not verified: 400 InvalidParameterException "User has not verified software token mfa"
    no app: 400 InvalidParameterException "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    no app, off: 200 {}
    "#);
}

/// One setting that cannot be had leaves all of them as they are.
#[tokio::test]
async fn all_or_nothing() {
    let (server, tokens) = start().await;
    let mut blocks = totp(true, true);
    blocks["EmailMfaSettings"] = email(false, true)["EmailMfaSettings"].clone();
    assert_eq!(set(&server, &tokens.access, blocks).await.status, 400);
    assert_eq!(shown(&server, &tokens.access).await, "null null");
}

/// A pool that insists on a second factor, and in it mia with an app, and her access token.
async fn strict(server: &TestServer) -> String {
    let cognito = server.cognito();
    let pool = json!({ "PoolName": "strict", "MfaConfiguration": "ON" });
    let pool = cognito.admin("CreateUserPool", &pool).await.get("/UserPool/Id");
    let client = json!({
        "UserPoolId": pool,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let user = json!({
        "UserPoolId": pool,
        "Username": "mia",
        "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": "mia@example.com" }],
    });
    cognito.admin("AdminCreateUser", &user).await;
    let body = json!({
        "UserPoolId": pool, "Username": "mia", "Password": PASSWORD, "Permanent": true,
    });
    cognito.admin("AdminSetUserPassword", &body).await;
    let mia = server.engine.get_user(&operator(), &pool.as_str().into(), "mia").await.unwrap();
    let secret = server.engine.seal_totp_key(&mia, &Secret::from(crate::support::TOTP_KEY));
    let totp = Totp { secret, enabled: true, preferred: true, friendly_name: None };
    server.edit(&mia, |user| user.mfa.totp = Some(totp.clone())).await;
    let parameters = json!({ "USERNAME": "mia", "PASSWORD": PASSWORD });
    let asked = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let body = json!({
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "ClientId": client,
        "Session": asked.get("/Session"),
        "ChallengeResponses": {
            "USERNAME": "mia",
            "SOFTWARE_TOKEN_MFA_CODE": server.totp_code(),
        },
    });
    Tokens::of(&cognito.call("RespondToAuthChallenge", &body).await).access
}

#[tokio::test]
async fn where_the_pool_insists_the_last_factor_stays() {
    let server = TestServer::start().await;
    let access = strict(&server).await;
    let mut lines = String::new();
    let steps = [
        ("the only one off", totp(false, false)),
        ("not preferred", totp(true, false)),
        ("another one", email(true, true)),
        ("the first one off", totp(false, false)),
        ("the last one off", email(false, false)),
    ];
    for (step, blocks) in steps {
        let answer = set(&server, &access, blocks).await;
        let shown = shown(&server, &access).await;
        writeln!(lines, "{step}: {} {shown}", answer.line()).unwrap();
    }
    assert_snapshot!(lines, @r#"
    the only one off: 400 InvalidParameterException "MFA is required by the user pool and cannot be turned off." ["SOFTWARE_TOKEN_MFA"] "SOFTWARE_TOKEN_MFA"
    not preferred: 200 {} ["SOFTWARE_TOKEN_MFA"] null
    another one: 200 {} ["SOFTWARE_TOKEN_MFA","EMAIL_OTP"] "EMAIL_OTP"
    the first one off: 200 {} ["EMAIL_OTP"] "EMAIL_OTP"
    the last one off: 400 InvalidParameterException "MFA is required by the user pool and cannot be turned off." ["EMAIL_OTP"] "EMAIL_OTP"
    "#);
}

#[tokio::test]
async fn whose_factors() {
    let (server, tokens) = start().await;
    let mut table = Table::default();
    table.row("no token", &set(&server, "whatever", totp(true, true)).await);
    table.row("an ID token", &set(&server, &tokens.id, totp(true, true)).await);
    let nobody = json!({ "SoftwareTokenMfaSettings": { "Enabled": true } });
    table.row("nobody", &server.cognito().call("SetUserMFAPreference", &nobody).await);
    server.cognito().call("GlobalSignOut", &json!({ "AccessToken": tokens.access })).await;
    table.row("revoked", &set(&server, &tokens.access, totp(true, true)).await);
    assert_snapshot!(table, @r#"
    no token: 400 NotAuthorizedException "Invalid Access Token"
    an ID token: 400 NotAuthorizedException "Invalid Access Token"
    nobody: 400 InvalidParameterException "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null"
    revoked: 400 NotAuthorizedException "Access Token has been revoked"
    "#);
}
