use crate::support::{Answer, PASSWORD, POOL, PUBLIC_CLIENT, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::CodeMfa;
use serde_json::{Value, json};

async fn set(server: &TestServer, config: &Value) -> Answer {
    let mut body = config.clone();
    body["UserPoolId"] = POOL.into();
    server.cognito().admin("SetUserPoolMfaConfig", &body).await
}

async fn get(server: &TestServer) -> Value {
    server.cognito().admin("GetUserPoolMfaConfig", &json!({ "UserPoolId": POOL })).await.json()
}

/// The challenge that a sign-in comes to, or the names of what it answers.
async fn asked(server: &TestServer, username: &str) -> String {
    let answer = server.cognito().sign_in(username, PASSWORD).await.json();
    match answer.get("ChallengeName") {
        Some(name) => name.as_str().unwrap().to_owned(),
        None => answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "),
    }
}

fn apps(mode: &str) -> Value {
    json!({ "MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": { "Enabled": true } })
}

fn mails(mode: &str) -> Value {
    json!({ "MfaConfiguration": mode, "EmailMfaConfiguration": {} })
}

#[tokio::test]
async fn what_was_set_is_shown_and_what_was_not_is_off() {
    let server = TestServer::start().await;
    let role = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x" });
    let all = json!({
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Message": "in: {####}", "Subject": "In" },
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "in: {####}",
            "SmsConfiguration": role,
        },
    });
    let mut shown = all.clone();
    shown["WebAuthnConfiguration"] = json!({ "FactorConfiguration": "SINGLE_FACTOR" });
    assert_eq!(set(&server, &all).await.json(), shown);
    assert_eq!(get(&server).await, shown);
    let body = json!({ "UserPoolId": POOL });
    let pool = server.cognito().admin("DescribeUserPool", &body).await.json()["UserPool"].clone();
    assert_eq!(pool["SmsConfiguration"], role);
    assert_eq!(pool["SmsAuthenticationMessage"], "in: {####}");
    assert_snapshot!(set(&server, &apps("ON")).await.show(), @r#"
    200 OK
    {
      "MfaConfiguration": "ON",
      "SoftwareTokenMfaConfiguration": {
        "Enabled": true
      },
      "WebAuthnConfiguration": {
        "FactorConfiguration": "SINGLE_FACTOR"
      }
    }
    "#);
    assert_snapshot!(set(&server, &json!({})).await.line(), @r#"200 {"MfaConfiguration":"OFF"}"#);
    assert_snapshot!(get(&server).await, @r#"{"MfaConfiguration":"OFF"}"#);
}

/// Nobody can have a passkey yet, but programs that set them up are not stopped by it.
#[tokio::test]
async fn how_passkeys_are_set_up_is_kept() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    let passkeys = json!({ "RelyingPartyId": "example.com", "UserVerification": "required" });
    let off = json!({ "MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys });
    assert_snapshot!(set(&server, &off).await.show(), @r#"
    200 OK
    {
      "MfaConfiguration": "OFF",
      "WebAuthnConfiguration": {
        "FactorConfiguration": "SINGLE_FACTOR",
        "RelyingPartyId": "example.com",
        "UserVerification": "required"
      }
    }
    "#);
    let factors = json!(["PASSWORD", "WEB_AUTHN", "EMAIL_OTP"]);
    let policies = json!({ "SignInPolicy": { "AllowedFirstAuthFactors": factors } });
    let update = json!({ "UserPoolId": POOL, "Policies": policies });
    assert_eq!(server.cognito().admin("UpdateUserPool", &update).await.status, 200);
    let pool = json!({ "UserPoolId": POOL });
    let shown = server.cognito().admin("DescribeUserPool", &pool).await.json();
    assert_eq!(shown["UserPool"]["Policies"]["SignInPolicy"], policies["SignInPolicy"]);
    let client = json!({
        "UserPoolId": POOL, "ClientId": PUBLIC_CLIENT, "ExplicitAuthFlows": ["ALLOW_USER_AUTH"],
    });
    assert_eq!(server.cognito().admin("UpdateUserPoolClient", &client).await.status, 200);
    let start = json!({
        "ClientId": PUBLIC_CLIENT,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice@example.com", "PREFERRED_CHALLENGE": "WEB_AUTHN" },
    });
    assert_snapshot!(server.cognito().call("InitiateAuth", &start).await.show(), @r#"
    200 OK
    {
      "AvailableChallenges": [
        "PASSWORD_SRP",
        "PASSWORD",
        "EMAIL_OTP"
      ],
      "ChallengeName": "SELECT_CHALLENGE",
      "ChallengeParameters": {
        "USERNAME": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]"
    }
    "#);
    let mut table = Table::default();
    table.row("mandatory MFA", &set(&server, &apps("ON")).await);
    let both = "MULTI_FACTOR_WITH_USER_VERIFICATION";
    let mut on = apps("ON");
    on["WebAuthnConfiguration"] = json!({ "FactorConfiguration": both });
    table.row("two factors in one", &set(&server, &on).await);
    on["WebAuthnConfiguration"] = json!({ "FactorConfiguration": "SINGLE_FACTOR" });
    table.row("one factor again", &set(&server, &on).await);
    let without = json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] } });
    for (case, policies) in [("passwords alone", without), ("passkeys again", policies)] {
        if case == "passkeys again" {
            assert_eq!(set(&server, &on).await.status, 200);
        }
        let update = json!({ "UserPoolId": POOL, "Policies": policies });
        table.row(case, &server.cognito().admin("UpdateUserPool", &update).await);
    }
    assert_snapshot!(table, @r#"
    mandatory MFA: 400 InvalidParameterException "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor"
    two factors in one: 200 {"SoftwareTokenMfaConfiguration":{"Enabled":true},"MfaConfiguration":"ON","WebAuthnConfiguration":{"FactorConfiguration":"MULTI_FACTOR_WITH_USER_VERIFICATION"}}
    one factor again: 400 InvalidParameterException "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor"
    passwords alone: 200 {}
    passkeys again: 400 InvalidParameterException "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA."
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let before = get(&server).await;
    let mut table = Table::default();
    let cases = [
        ("off, with a factor", apps("OFF")),
        ("optional, without any", json!({ "MfaConfiguration": "OPTIONAL" })),
        (
            "on, without any",
            json!({
                "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": false },
            }),
        ),
        ("off by default, with a factor", json!({ "EmailMfaConfiguration": {} })),
        (
            "off, with a factor that is off",
            json!({ "SoftwareTokenMfaConfiguration": { "Enabled": false } }),
        ),
        (
            "text messages without a way",
            json!({
                "MfaConfiguration": "ON", "SmsMfaConfiguration": { "SmsAuthenticationMessage": "{####}" },
            }),
        ),
        ("a bad mode", json!({ "MfaConfiguration": "MAYBE" })),
        ("a message without a code", json!({ "EmailMfaConfiguration": { "Message": "in" } })),
    ];
    for (case, config) in cases {
        table.row(case, &set(&server, &config).await);
    }
    let unknown = json!({ "UserPoolId": "eu-west-1_Nowhere", "MfaConfiguration": "OFF" });
    table.row("unknown pool", &server.cognito().admin("SetUserPoolMfaConfig", &unknown).await);
    assert_snapshot!(table, @r#"
    off, with a factor: 400 InvalidParameterException "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
    optional, without any: 400 InvalidParameterException "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
    on, without any: 400 InvalidParameterException "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
    off by default, with a factor: 400 InvalidParameterException "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
    off, with a factor that is off: 400 InvalidParameterException "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
    text messages without a way: 400 InvalidParameterException "SMS MFA needs an SmsConfiguration."
    a bad mode: 400 InvalidParameterException "1 validation error detected: Value 'MAYBE' at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    a message without a code: 400 InvalidParameterException "2 validation errors detected: Value 'in' at 'emailMfaConfiguration.message' failed to satisfy constraint: Member must have length greater than or equal to 6; Value 'in' at 'emailMfaConfiguration.message' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*\\{####\\}[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\s*]*"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(get(&server).await, before);
}

#[tokio::test]
async fn sign_ins_ask_for_what_the_pool_offers() {
    let server = TestServer::start().await;
    let (tina, emma) = ("tina@example.com", "emma@example.com");
    server.totp_user(tina, &[]).await;
    server.email_mfa_user(emma, &[]).await;
    server.user("alice@example.com", &[]).await;
    let both = server.totp_user("both@example.com", &[]).await;
    server.edit(&both, |user| user.mfa.email = Some(CodeMfa { preferred: false })).await;
    let mut lines = Vec::new();
    for config in [apps("OPTIONAL"), mails("OPTIONAL"), apps("ON"), mails("ON")] {
        assert_eq!(set(&server, &config).await.status, 200);
        for user in [tina, emma, "both@example.com", "alice@example.com"] {
            lines.push(format!("{config} {user}: {}", asked(&server, user).await));
        }
    }
    assert_snapshot!(lines.join("\n"), @r#"
    {"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}} tina@example.com: SOFTWARE_TOKEN_MFA
    {"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}} emma@example.com: AuthenticationResult ChallengeParameters
    {"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}} both@example.com: SOFTWARE_TOKEN_MFA
    {"MfaConfiguration":"OPTIONAL","SoftwareTokenMfaConfiguration":{"Enabled":true}} alice@example.com: AuthenticationResult ChallengeParameters
    {"EmailMfaConfiguration":{},"MfaConfiguration":"OPTIONAL"} tina@example.com: AuthenticationResult ChallengeParameters
    {"EmailMfaConfiguration":{},"MfaConfiguration":"OPTIONAL"} emma@example.com: EMAIL_OTP
    {"EmailMfaConfiguration":{},"MfaConfiguration":"OPTIONAL"} both@example.com: EMAIL_OTP
    {"EmailMfaConfiguration":{},"MfaConfiguration":"OPTIONAL"} alice@example.com: AuthenticationResult ChallengeParameters
    {"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}} tina@example.com: SOFTWARE_TOKEN_MFA
    {"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}} emma@example.com: MFA_SETUP
    {"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}} both@example.com: SOFTWARE_TOKEN_MFA
    {"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":true}} alice@example.com: MFA_SETUP
    {"EmailMfaConfiguration":{},"MfaConfiguration":"ON"} tina@example.com: SELECT_MFA_TYPE
    {"EmailMfaConfiguration":{},"MfaConfiguration":"ON"} emma@example.com: EMAIL_OTP
    {"EmailMfaConfiguration":{},"MfaConfiguration":"ON"} both@example.com: EMAIL_OTP
    {"EmailMfaConfiguration":{},"MfaConfiguration":"ON"} alice@example.com: EMAIL_OTP
    "#);
}

/// Where codes by e-mail are all there is, a user who has not asked for them gets them.
#[tokio::test]
async fn a_code_by_mail_without_setting_up() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    assert_eq!(set(&server, &mails("ON")).await.status, 200);
    let cognito = server.cognito();
    let asked = cognito.sign_in("alice@example.com", PASSWORD).await;
    let code = server.engine.outbox(1).await.unwrap().remove(0).code.unwrap();
    let answer = json!({ "USERNAME": "alice@example.com", "EMAIL_OTP_CODE": code.expose() });
    let answer = cognito.respond("EMAIL_OTP", &asked.get("/Session"), answer).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
}

#[tokio::test]
async fn factors_that_are_off_cannot_be_set_up_or_preferred() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    server.totp_user("tina@example.com", &[]).await;
    let alice = server.cognito().tokens("alice@example.com").await.access;
    let cognito = server.cognito();
    assert_eq!(set(&server, &apps("ON")).await.status, 200);
    server.user("new@example.com", &[]).await;
    let setup = cognito.sign_in("new@example.com", PASSWORD).await.get("/Session");
    let key = cognito.call("AssociateSoftwareToken", &json!({ "Session": setup })).await;
    assert_eq!(set(&server, &mails("OPTIONAL")).await.status, 200);
    let mut table = Table::default();
    let own = json!({ "AccessToken": alice });
    table.row("associate", &cognito.call("AssociateSoftwareToken", &own).await);
    let verify = json!({ "AccessToken": alice, "UserCode": "123456" });
    table.row("verify", &cognito.call("VerifySoftwareToken", &verify).await);
    let session = json!({ "Session": setup });
    table.row("associate by session", &cognito.call("AssociateSoftwareToken", &session).await);
    let verify = json!({ "Session": key.get("/Session"), "UserCode": "123456" });
    table.row("verify by session", &cognito.call("VerifySoftwareToken", &verify).await);
    let prefer = json!({
        "UserPoolId": POOL,
        "Username": "tina@example.com",
        "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true },
    });
    table.row("prefer an app", &cognito.admin("AdminSetUserMFAPreference", &prefer).await);
    assert_eq!(set(&server, &apps("OPTIONAL")).await.status, 200);
    let prefer = json!({ "AccessToken": alice, "EmailMfaSettings": { "Enabled": true } });
    table.row("codes by e-mail", &cognito.call("SetUserMFAPreference", &prefer).await);
    assert_snapshot!(table, @r#"
    associate: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    verify: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    associate by session: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    verify by session: 400 SoftwareTokenMFANotFoundException "Software Token MFA has not been enabled by the userPool"
    prefer an app: 400 InvalidParameterException "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"
    codes by e-mail: 400 InvalidParameterException "User does not have delivery config set to turn on EMAIL_OTP"
    "#);
}
