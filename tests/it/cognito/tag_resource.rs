use crate::support::{Answer, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ARN: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_TestPool1";

async fn call(server: &TestServer, arn: &str) -> Answer {
    let mut body = json!({ "Tags": { "team": "blue" } });
    body["ResourceArn"] = arn.into();
    server.cognito().admin("TagResource", &body).await
}

#[tokio::test]
async fn adds_and_replaces() {
    let server = TestServer::start().await;
    let tag = async |tags: serde_json::Value| {
        let body = json!({ "ResourceArn": ARN, "Tags": tags });
        server.cognito().admin("TagResource", &body).await
    };
    assert_snapshot!(tag(json!({ "team": "red", "cost": "7" })).await.show(), @"
    200 OK
    {}
    ");
    assert_eq!(tag(json!({ "team": "blue" })).await.status, 200);
    let listed =
        server.cognito().admin("ListTagsForResource", &json!({ "ResourceArn": ARN })).await;
    assert_snapshot!(listed.line(), @r#"200 {"Tags":{"cost":"7","team":"blue"}}"#);
    let pool = json!({ "UserPoolId": crate::support::POOL });
    let pool = server.cognito().admin("DescribeUserPool", &pool).await.json();
    assert_eq!(pool["UserPool"]["UserPoolTags"], listed.json()["Tags"]);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown pool", &call(&server, &ARN.replace("TestPool1", "Nowhere")).await);
    table.row("other account", &call(&server, &ARN.replace("123456789012", "210987654321")).await);
    let many: serde_json::Map<_, _> =
        (0..51).map(|number| (format!("t{number}"), json!("x"))).collect();
    let many = json!({ "ResourceArn": ARN, "Tags": many });
    table.row("too many", &server.cognito().admin("TagResource", &many).await);
    table.row("no ARN", &call(&server, "eu-west-1_TestPool1").await);
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    other account: 400 ResourceNotFoundException "The resource does not exist."
    too many: 400 InvalidParameterException "A user pool can have at most 50 tags."
    no ARN: 400 InvalidParameterException "2 validation errors detected: Value 'eu-west-1_TestPool1' at 'resourceArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value 'eu-west-1_TestPool1' at 'resourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:[\\w+=/,.@-]+:[\\w+=/,.@-]+:([\\w+=/,.@-]*)?:[0-9]+:[\\w+=/,.@-]+(:[\\w+=/,.@-]+)?(:[\\w+=/,.@-]+)?"
    "#);
}
