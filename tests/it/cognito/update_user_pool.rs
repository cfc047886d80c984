use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// A pool with these settings: its id, and how it is described.
async fn create(server: &TestServer, settings: &Value) -> (String, Value) {
    let answer = server.cognito().admin("CreateUserPool", settings).await;
    (answer.get("/UserPool/Id"), answer.json()["UserPool"].clone())
}

async fn describe(server: &TestServer, pool: &str) -> Value {
    let body = json!({ "UserPoolId": pool });
    server.cognito().admin("DescribeUserPool", &body).await.json()["UserPool"].clone()
}

async fn update(server: &TestServer, pool: &str, settings: &Value) -> Answer {
    let mut body = settings.clone();
    body["UserPoolId"] = pool.into();
    server.cognito().admin("UpdateUserPool", &body).await
}

/// The members that differ, each as it is now.
fn changed(before: &Value, after: &Value) -> String {
    let names = before.as_object().unwrap().keys().chain(after.as_object().unwrap().keys());
    let mut lines: Vec<_> = names
        .filter(|name| before.get(name) != after.get(name))
        .map(|name| format!("{name}: {}", after.get(name).unwrap_or(&Value::Null)))
        .collect();
    lines.sort();
    lines.dedup();
    lines.join("\n")
}

fn full() -> Value {
    json!({
        "PoolName": "full",
        "Policies": { "PasswordPolicy": { "MinimumLength": 12, "RequireNumbers": true } },
        "DeletionProtection": "ACTIVE",
        "AutoVerifiedAttributes": ["email"],
        "VerificationMessageTemplate": { "EmailSubject": "Prove it", "EmailMessage": "{####}" },
        "SmsAuthenticationMessage": "in with {####}",
        "UserAttributeUpdateSettings": {
            "AttributesRequireVerificationBeforeUpdate": ["email"],
        },
        "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true },
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        "UserPoolTags": { "team": "a" },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": true,
            "InviteMessageTemplate": { "EmailMessage": "{username} {####}" },
        },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }],
        },
        "UserPoolTier": "LITE",
    })
}

fn made_with_more() -> Value {
    let mut settings = full();
    settings["UsernameAttributes"] = json!(["email"]);
    settings["UsernameConfiguration"] = json!({ "CaseSensitive": false });
    settings["Schema"] = json!([{ "Name": "tier", "AttributeDataType": "String" }]);
    settings
}

/// What tools that keep pools as they are written down rely on: applying the same settings again
/// changes nothing.
#[tokio::test]
async fn the_same_settings_again_change_nothing() {
    let server = TestServer::start().await;
    for (made, kept) in [
        (json!({ "PoolName": "plain" }), json!({ "PoolName": "plain" })),
        (made_with_more(), full()),
    ] {
        let (pool, created) = create(&server, &made).await;
        server.clock.advance(std::time::Duration::from_mins(1));
        let named = json!({ "UserPoolId": pool });
        let before = server.cognito().admin("GetUserPoolMfaConfig", &named).await;
        let answer = update(&server, &pool, &kept).await;
        assert_eq!(answer.line(), "200 {}");
        let after = describe(&server, &pool).await;
        let changed = changed(&created, &after);
        let names: Vec<_> = changed.lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(names, ["LastModifiedDate"], "{changed}");
        let now = server.cognito().admin("GetUserPoolMfaConfig", &named).await;
        assert_eq!(now.json(), before.json());
    }
}

/// Field by field as people have measured it at Amazon, against what its page says of all of them.
#[tokio::test]
async fn what_is_left_out_goes_back_to_the_default_or_stays() {
    let server = TestServer::start().await;
    let (pool, created) = create(&server, &made_with_more()).await;
    assert_snapshot!(update(&server, &pool, &json!({})).await.line(), @r#"400 InvalidParameterException "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes""#);
    let updates = json!({ "AttributesRequireVerificationBeforeUpdate": [] });
    let given = json!({ "UserAttributeUpdateSettings": updates });
    assert_eq!(update(&server, &pool, &given).await.line(), "200 {}");
    assert_snapshot!(changed(&created, &describe(&server, &pool).await), @r#"
    AdminCreateUserConfig: {"AllowAdminCreateUserOnly":false,"UnusedAccountValidityDays":7}
    AutoVerifiedAttributes: null
    DeviceConfiguration: null
    SmsAuthenticationMessage: null
    UserAttributeUpdateSettings: {"AttributesRequireVerificationBeforeUpdate":[]}
    "#);
}

/// Each policy stays by itself, and so does a pool's asking for a second factor.
#[tokio::test]
async fn one_policy_leaves_the_other() {
    let server = TestServer::start().await;
    let policies = json!({
        "PasswordPolicy": { "MinimumLength": 20 },
        "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] },
    });
    let (pool, created) =
        create(&server, &json!({ "PoolName": "strict", "Policies": policies })).await;
    let mut lines = Vec::new();
    for given in [
        json!({ "Policies": { "PasswordPolicy": { "MinimumLength": 12 } } }),
        json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] } } }),
        json!({ "UserPoolTags": {} }),
        json!({ "MfaConfiguration": "ON" }),
    ] {
        let told = update(&server, &pool, &given).await.line();
        let policies = &describe(&server, &pool).await["Policies"];
        let length = &policies["PasswordPolicy"]["MinimumLength"];
        let factors = &policies["SignInPolicy"]["AllowedFirstAuthFactors"];
        lines.push(format!("{told}: {length} {factors}"));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    200 {}: 12 ["PASSWORD","EMAIL_OTP"]
    200 {}: 12 ["PASSWORD"]
    200 {}: 12 ["PASSWORD"]
    400 InvalidParameterException "MfaConfiguration cannot go from OFF to ON here. Use SetUserPoolMfaConfig.": 12 ["PASSWORD"]
    "#);
    assert_eq!(describe(&server, &pool).await["MfaConfiguration"], created["MfaConfiguration"]);
}

#[tokio::test]
async fn name_and_tags_change_if_given() {
    let server = TestServer::start().await;
    let (pool, created) = create(&server, &json!({ "PoolName": "plain" })).await;
    let given = json!({ "PoolName": "renamed", "UserPoolTags": { "team": "b" } });
    assert_eq!(update(&server, &pool, &given).await.status, 200);
    assert_snapshot!(changed(&created, &describe(&server, &pool).await), @r#"
    Name: "renamed"
    UserPoolTags: {"team":"b"}
    "#);
}

/// Second factors have an operation of their own, which this one does not undo.
#[tokio::test]
async fn second_factors_stay() {
    let server = TestServer::start().await;
    let (pool, _) = create(&server, &json!({ "PoolName": "plain" })).await;
    let body = json!({
        "UserPoolId": pool,
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": false },
        "EmailMfaConfiguration": { "Message": "in: {####}", "Subject": "In" },
    });
    let set = server.cognito().admin("SetUserPoolMfaConfig", &body).await;
    assert_eq!(
        update(&server, &pool, &json!({ "MfaConfiguration": "OPTIONAL" })).await.status,
        200
    );
    let got = server.cognito().admin("GetUserPoolMfaConfig", &json!({ "UserPoolId": pool })).await;
    let mut expected = set.json();
    expected["MfaConfiguration"] = json!("OPTIONAL");
    assert_eq!(got.json(), expected);
}

/// The older name of how long a temporary password works, where it is given alone.
#[tokio::test]
async fn unused_account_validity_days() {
    let server = TestServer::start().await;
    let (pool, _) = create(&server, &json!({ "PoolName": "plain" })).await;
    let given = json!({ "AdminCreateUserConfig": { "UnusedAccountValidityDays": 3 } });
    assert_eq!(update(&server, &pool, &given).await.status, 200);
    let shown = describe(&server, &pool).await;
    assert_eq!(shown["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"], 3);
    assert_eq!(shown["AdminCreateUserConfig"]["UnusedAccountValidityDays"], 3);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let before = describe(&server, POOL).await;
    let tags: serde_json::Map<_, _> =
        (0..51).map(|number| (format!("t{number}"), json!("x"))).collect();
    let cases = [
        (
            "a trigger",
            json!({ "LambdaConfig": {
            "PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        } }),
        ),
        ("threat protection", json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "AUDIT" } })),
        (
            "a link",
            json!({ "VerificationMessageTemplate": {
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
        } }),
        ),
        (
            "two names for one thing",
            json!({
                "Policies": { "PasswordPolicy": { "TemporaryPasswordValidityDays": 7 } },
                "AdminCreateUserConfig": { "UnusedAccountValidityDays": 7 },
            }),
        ),
        (
            "what is not verified",
            json!({ "UserAttributeUpdateSettings": {
            "AttributesRequireVerificationBeforeUpdate": ["email"],
        } }),
        ),
        ("too many tags", json!({ "UserPoolTags": tags })),
        ("a bad mode", json!({ "MfaConfiguration": "SOMETIMES" })),
    ];
    let mut table = Table::default();
    for (case, settings) in cases {
        table.row(case, &update(&server, POOL, &settings).await);
    }
    table.row("unknown pool", &update(&server, "eu-west-1_Nowhere", &json!({})).await);
    assert_snapshot!(table, @r#"
    a trigger: 400 InvalidParameterException "LambdaConfig is not supported by this release of Poolkeeper."
    threat protection: 400 InvalidParameterException "AdvancedSecurityMode is not supported by this release of Poolkeeper."
    a link: 400 InvalidParameterException "CONFIRM_WITH_LINK is not supported by this release of Poolkeeper."
    two names for one thing: 400 InvalidParameterException "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
    what is not verified: 400 InvalidParameterException "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
    too many tags: 400 InvalidParameterException "A user pool can have at most 50 tags."
    a bad mode: 400 InvalidParameterException "1 validation error detected: Value 'SOMETIMES' at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(describe(&server, POOL).await, before);
}
