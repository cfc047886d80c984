use crate::support::{POOL, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_configured_pool_with_its_number_of_users() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &[]).await;
    server.user("bob@example.com", &[]).await;
    let answer = server.cognito().admin("DescribeUserPool", &json!({ "UserPoolId": POOL })).await;
    let mut pool = answer.json()["UserPool"].clone();
    pool.as_object_mut().unwrap().remove("SchemaAttributes").unwrap();
    assert_snapshot!(format!("{pool:#}"), @r#"
    {
      "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": false,
        "UnusedAccountValidityDays": 7
      },
      "Arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_TestPool1",
      "CreationDate": 1767323045,
      "DeletionProtection": "INACTIVE",
      "EmailConfiguration": {
        "EmailSendingAccount": "COGNITO_DEFAULT"
      },
      "EstimatedNumberOfUsers": 2,
      "Id": "eu-west-1_TestPool1",
      "LambdaConfig": {},
      "LastModifiedDate": 1767323045,
      "MfaConfiguration": "OPTIONAL",
      "Name": "test",
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
      "UsernameAttributes": [
        "email"
      ],
      "UsernameConfiguration": {
        "CaseSensitive": false
      },
      "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE"
      }
    }
    "#);
}

#[tokio::test]
async fn unknown_pool() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere" });
    let answer = server.cognito().admin("DescribeUserPool", &body).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "__type": "ResourceNotFoundException",
      "message": "User pool eu-west-1_Nowhere does not exist."
    }
    "#);
}
