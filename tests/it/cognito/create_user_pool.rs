use crate::support::{Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn defaults() {
    let server = TestServer::start().await;
    let answer = server.cognito().admin("CreateUserPool", &json!({ "PoolName": "plain" })).await;
    let mut pool = answer.json()["UserPool"].clone();
    let id = pool["Id"].as_str().unwrap().to_owned();
    let random = id.strip_prefix("eu-west-1_").unwrap();
    assert!(random.len() == 9 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    let arn = format!("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{id}");
    assert_eq!(pool["Arn"], arn.as_str());
    pool.as_object_mut().unwrap().retain(|name, _| !["Id", "Arn"].contains(&name.as_str()));
    let schema = pool.as_object_mut().unwrap().remove("SchemaAttributes").unwrap();
    assert_snapshot!(format!("{pool:#}"), @r#"
    {
      "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": false,
        "UnusedAccountValidityDays": 7
      },
      "CreationDate": 1767323045,
      "DeletionProtection": "INACTIVE",
      "EmailConfiguration": {
        "EmailSendingAccount": "COGNITO_DEFAULT"
      },
      "EstimatedNumberOfUsers": 0,
      "LambdaConfig": {},
      "LastModifiedDate": 1767323045,
      "MfaConfiguration": "OFF",
      "Name": "plain",
      "Policies": {
        "PasswordPolicy": {
          "MinimumLength": 8,
          "RequireLowercase": true,
          "RequireNumbers": true,
          "RequireSymbols": true,
          "RequireUppercase": true,
          "TemporaryPasswordValidityDays": 7
        },
        "SignInPolicy": {
          "AllowedFirstAuthFactors": [
            "PASSWORD"
          ]
        }
      },
      "UserPoolTags": {},
      "UserPoolTier": "ESSENTIALS",
      "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE"
      }
    }
    "#);
    let lines = schema.as_array().unwrap().iter().map(|attribute| format!("{attribute}\n"));
    assert_snapshot!(lines.collect::<String>(), @r#"
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Name":"sub","Required":true,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"1"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"name","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"given_name","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"family_name","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"middle_name","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"nickname","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"preferred_username","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"profile","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"picture","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"website","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"email","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"email_verified","Required":false}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"gender","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"birthdate","Required":false,"StringAttributeConstraints":{"MaxLength":"10","MinLength":"10"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"zoneinfo","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"locale","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"phone_number","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"phone_number_verified","Required":false}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"address","Required":false,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"updated_at","NumberAttributeConstraints":{"MinValue":"0"},"Required":false}
    "#);
}

#[tokio::test]
async fn what_was_set_is_described() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let body = json!({
        "PoolName": "full",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireUppercase": false,
                "RequireLowercase": true,
                "RequireNumbers": true,
                "RequireSymbols": false,
                "TemporaryPasswordValidityDays": 1,
            },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] },
        },
        "DeletionProtection": "ACTIVE",
        "AutoVerifiedAttributes": ["email"],
        "AliasAttributes": ["email", "preferred_username"],
        "MfaConfiguration": "OPTIONAL",
        "EmailConfiguration": { "EmailSendingAccount": "COGNITO_DEFAULT" },
        "UserPoolTags": { "team": "a" },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": true,
        },
        "UsernameConfiguration": { "CaseSensitive": false },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Priority": 1, "Name": "verified_email" }],
        },
        "UserPoolTier": "LITE",
    });
    let created = cognito.admin("CreateUserPool", &body).await.json()["UserPool"].clone();
    let described =
        cognito.admin("DescribeUserPool", &json!({ "UserPoolId": created["Id"] })).await;
    assert_eq!(described.json()["UserPool"], created);
    let shown = |name: &str| match name {
        "PoolName" => created["Name"].clone(),
        // Cognito fills in how long invitations work.
        "AdminCreateUserConfig" => {
            let mut config = created[name].clone();
            config.as_object_mut().unwrap().remove("UnusedAccountValidityDays");
            config
        }
        name => created[name].clone(),
    };
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(shown(name), *value, "{name}");
    }
}

#[tokio::test]
async fn custom_attributes_come_after_the_standard_ones() {
    let server = TestServer::start().await;
    let text = json!({ "MinLength": "1", "MaxLength": "20" });
    let number = json!({ "MinValue": "1", "MaxValue": "5" });
    let body = json!({
        "PoolName": "schema",
        "Schema": [
            { "Name": "tier", "AttributeDataType": "String", "StringAttributeConstraints": text },
            { "Name": "stars", "AttributeDataType": "Number", "NumberAttributeConstraints": number },
            { "Name": "born", "AttributeDataType": "DateTime", "Mutable": false },
            { "Name": "vip", "AttributeDataType": "Boolean" },
            { "Name": "free", "AttributeDataType": "String" },
            { "Name": "inner", "AttributeDataType": "String", "DeveloperOnlyAttribute": true },
            { "Name": "custom:x", "AttributeDataType": "String" },
            { "Name": "name", "Required": true, "Mutable": false },
        ],
    });
    let answer = server.cognito().admin("CreateUserPool", &body).await;
    let pool = answer.json()["UserPool"].clone();
    let schema = pool["SchemaAttributes"].as_array().unwrap().clone();
    let changed = schema.iter().filter(|a| a["Name"] == "name").chain(&schema[20..]);
    let lines = changed.map(|attribute| format!("{attribute}\n"));
    assert_snapshot!(lines.collect::<String>(), @r#"
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Name":"name","Required":true,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:tier","Required":false,"StringAttributeConstraints":{"MaxLength":"20","MinLength":"1"}}
    {"AttributeDataType":"Number","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:stars","NumberAttributeConstraints":{"MaxValue":"5","MinValue":"1"},"Required":false}
    {"AttributeDataType":"DateTime","DeveloperOnlyAttribute":false,"Mutable":false,"Name":"custom:born","Required":false}
    {"AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:vip","Required":false}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:free","Required":false,"StringAttributeConstraints":{}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":true,"Mutable":true,"Name":"dev:custom:inner","Required":false,"StringAttributeConstraints":{}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:custom:x","Required":false,"StringAttributeConstraints":{}}
    "#);
    let described =
        server.cognito().admin("DescribeUserPool", &json!({ "UserPoolId": pool["Id"] })).await;
    assert_eq!(described.json()["UserPool"], pool);
}

#[tokio::test]
async fn a_policy_counts_what_it_leaves_out_as_not_required() {
    let server = TestServer::start().await;
    let body = json!({
        "PoolName": "lax",
        "Policies": { "PasswordPolicy": { "MinimumLength": 6, "RequireNumbers": true } },
    });
    let answer = server.cognito().admin("CreateUserPool", &body).await;
    let policies = answer.json()["UserPool"]["Policies"].clone();
    assert_snapshot!(format!("{policies:#}"), @r#"
    {
      "PasswordPolicy": {
        "MinimumLength": 6,
        "RequireLowercase": false,
        "RequireNumbers": true,
        "RequireSymbols": false,
        "RequireUppercase": false,
        "TemporaryPasswordValidityDays": 7
      },
      "SignInPolicy": {
        "AllowedFirstAuthFactors": [
          "PASSWORD"
        ]
      }
    }
    "#);
}

/// Amazon's words where people have seen them; the last two are said of it by others alone.
#[tokio::test]
async fn attributes_that_a_schema_cannot_have() {
    let server = TestServer::start().await;
    let lengths = |least: &str, most: &str| {
        let lengths = json!({ "MinLength": least, "MaxLength": most });
        json!({ "Name": "x", "AttributeDataType": "String", "StringAttributeConstraints": lengths })
    };
    let values = json!({ "MinValue": "5", "MaxValue": "1" });
    let cases = [
        json!({ "Name": "family_name", "AttributeDataType": "Number" }),
        json!({ "Name": "birthdate", "DeveloperOnlyAttribute": true }),
        json!({ "Name": "phone_number_verified", "AttributeDataType": "Boolean" }),
        lengths("9", "1"),
        json!({ "Name": "n", "AttributeDataType": "Number", "NumberAttributeConstraints": values }),
        lengths("0", "2049"),
        lengths("one", "2"),
        lengths("-1", "2"),
    ];
    let mut table = Table::default();
    for case in cases {
        let body = json!({ "PoolName": "a", "Schema": [case] });
        table.row(&case.to_string(), &server.cognito().admin("CreateUserPool", &body).await);
    }
    assert_snapshot!(table, @r#"
    {"AttributeDataType":"Number","Name":"family_name"}: 400 InvalidParameterException "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute family_name"
    {"DeveloperOnlyAttribute":true,"Name":"birthdate"}: 400 InvalidParameterException "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute birthdate"
    {"AttributeDataType":"Boolean","Name":"phone_number_verified"}: 400 InvalidParameterException "1 validation error detected: Value 'phone_number_verified' at 'schema.1.member.name' failed to satisfy constraint: Member must have length less than or equal to 20"
    {"AttributeDataType":"String","Name":"x","StringAttributeConstraints":{"MaxLength":"1","MinLength":"9"}}: 400 InvalidParameterException "Attribute custom:x cannot have a max length shorter than it's min length"
    {"AttributeDataType":"Number","Name":"n","NumberAttributeConstraints":{"MaxValue":"1","MinValue":"5"}}: 400 InvalidParameterException "Attribute custom:n cannot have a max value smaller than it's min value"
    {"AttributeDataType":"String","Name":"x","StringAttributeConstraints":{"MaxLength":"2049","MinLength":"0"}}: 400 InvalidParameterException "custom:x: String attributes cannot have a length of more than 2048"
    {"AttributeDataType":"String","Name":"x","StringAttributeConstraints":{"MaxLength":"2","MinLength":"one"}}: 400 InvalidParameterException "Invalid StringAttributeConstraints for schema attribute custom:x"
    {"AttributeDataType":"String","Name":"x","StringAttributeConstraints":{"MaxLength":"2","MinLength":"-1"}}: 400 InvalidParameterException "Invalid StringAttributeConstraints for schema attribute custom:x"
    "#);
    let flag = json!({ "Name": "email_verified", "AttributeDataType": "Boolean" });
    let body = json!({ "PoolName": "a", "Schema": [flag, { "Name": "email", "Required": true }] });
    let pool = server.cognito().admin("CreateUserPool", &body).await.json()["UserPool"].clone();
    let schema = pool["SchemaAttributes"].as_array().unwrap();
    let shown = schema.iter().filter(|shown| shown["Name"].as_str().unwrap().contains("email"));
    let shown: Vec<_> = shown.map(Value::to_string).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"email","Required":true,"StringAttributeConstraints":{"MaxLength":"2048","MinLength":"0"}}
    {"AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"email_verified","Required":false}
    {"AttributeDataType":"Boolean","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:email_verified","Required":false}
    "#);
}

#[tokio::test]
async fn unsupported_settings_are_refused() {
    let server = TestServer::start().await;
    let text = json!({ "Name": "x", "AttributeDataType": "String" });
    let lambda = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    let cases = [
        json!({ "LambdaConfig": { "PreSignUp": lambda } }),
        json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "ENFORCED" } }),
        json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "AUDIT" } }),
        json!({ "UsernameAttributes": ["email"], "AliasAttributes": ["email"] }),
        json!({ "Schema": [{ "Name": "x", "Required": true }] }),
        json!({ "Schema": [{ "AttributeDataType": "String" }] }),
        json!({ "Schema": [{ "Name": "x" }] }),
        json!({ "Schema": [text, text] }),
        json!({ "Schema": [{ "Name": "email" }, { "Name": "email" }] }),
    ];
    let mut table = Table::default();
    for case in cases {
        let mut body = case.clone();
        body["PoolName"] = json!("a");
        table.row(&case.to_string(), &server.cognito().admin("CreateUserPool", &body).await);
    }
    assert_snapshot!(table, @r#"
    {"LambdaConfig":{"PreSignUp":"arn:aws:lambda:eu-west-1:123456789012:function:f"}}: 400 InvalidParameterException "LambdaConfig is not supported by this release of Poolkeeper."
    {"UserPoolAddOns":{"AdvancedSecurityMode":"ENFORCED"}}: 400 InvalidParameterException "AdvancedSecurityMode is not supported by this release of Poolkeeper."
    {"UserPoolAddOns":{"AdvancedSecurityMode":"AUDIT"}}: 400 InvalidParameterException "AdvancedSecurityMode is not supported by this release of Poolkeeper."
    {"AliasAttributes":["email"],"UsernameAttributes":["email"]}: 400 InvalidParameterException "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
    {"Schema":[{"Name":"x","Required":true}]}: 400 InvalidParameterException "Required custom attributes are not supported currently."
    {"Schema":[{"AttributeDataType":"String"}]}: 400 InvalidParameterException "Missing required parameter Name"
    {"Schema":[{"Name":"x"}]}: 400 InvalidParameterException "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
    {"Schema":[{"AttributeDataType":"String","Name":"x"},{"AttributeDataType":"String","Name":"x"}]}: 400 InvalidParameterException "Duplicate custom attribute names custom:x are not allowed in a user pool schema."
    {"Schema":[{"Name":"email"},{"Name":"email"}]}: 400 InvalidParameterException "Duplicate custom attribute names email are not allowed in a user pool schema."
    "#);
}

#[tokio::test]
async fn settings_that_ask_for_nothing_unsupported_pass() {
    let server = TestServer::start().await;
    let cases = [
        json!({ "LambdaConfig": {} }),
        json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "OFF" } }),
        json!({ "Policies": { "PasswordPolicy": { "PasswordHistorySize": 0 } } }),
    ];
    for case in cases {
        let mut body: Value = case.clone();
        body["PoolName"] = json!("a");
        let answer = server.cognito().admin("CreateUserPool", &body).await;
        assert_eq!(answer.status, 200, "{case}: {}", answer.text);
    }
}

#[tokio::test]
async fn names_in_a_case_sensitive_pool_differ_by_case() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let pool = cognito.admin("CreateUserPool", &json!({ "PoolName": "plain" })).await;
    let pool = pool.get("/UserPool/Id");
    for name in ["bob", "Bob"] {
        let user = json!({ "UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS" });
        assert_eq!(cognito.admin("AdminCreateUser", &user).await.status, 200, "{name}");
    }
    let user = json!({ "UserPoolId": pool, "Username": "BOB" });
    assert_eq!(cognito.admin("AdminGetUser", &user).await.get("/__type"), "UserNotFoundException");
}
