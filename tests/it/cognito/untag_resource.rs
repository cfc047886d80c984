use crate::support::{Answer, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ARN: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_TestPool1";

async fn call(server: &TestServer, arn: &str) -> Answer {
    let mut body = json!({ "TagKeys": ["team"] });
    body["ResourceArn"] = arn.into();
    server.cognito().admin("UntagResource", &body).await
}

#[tokio::test]
async fn removes_those_named() {
    let server = TestServer::start().await;
    let body = json!({ "ResourceArn": ARN, "Tags": { "team": "red", "cost": "7" } });
    assert_eq!(server.cognito().admin("TagResource", &body).await.status, 200);
    let body = json!({ "ResourceArn": ARN, "TagKeys": ["team", "none"] });
    assert_snapshot!(server.cognito().admin("UntagResource", &body).await.show(), @"
    200 OK
    {}
    ");
    let listed =
        server.cognito().admin("ListTagsForResource", &json!({ "ResourceArn": ARN })).await;
    assert_snapshot!(listed.line(), @r#"200 {"Tags":{"cost":"7"}}"#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    table.row("unknown pool", &call(&server, &ARN.replace("TestPool1", "Nowhere")).await);
    table.row("other account", &call(&server, &ARN.replace("123456789012", "210987654321")).await);
    table.row("no ARN", &call(&server, "eu-west-1_TestPool1").await);
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    other account: 400 ResourceNotFoundException "The resource does not exist."
    no ARN: 400 InvalidParameterException "2 validation errors detected: Value 'eu-west-1_TestPool1' at 'resourceArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value 'eu-west-1_TestPool1' at 'resourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:[\\w+=/,.@-]+:[\\w+=/,.@-]+:([\\w+=/,.@-]*)?:[0-9]+:[\\w+=/,.@-]+(:[\\w+=/,.@-]+)?(:[\\w+=/,.@-]+)?"
    "#);
}
