use crate::support::{Answer, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const ARN: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_TestPool1";

async fn call(server: &TestServer, arn: &str) -> Answer {
    let mut body = json!({});
    body["ResourceArn"] = arn.into();
    server.cognito().admin("ListTagsForResource", &body).await
}

#[tokio::test]
async fn of_a_new_pool() {
    let server = TestServer::start().await;
    let pool = json!({ "PoolName": "tagged", "UserPoolTags": { "team": "blue" } });
    let tagged = server.cognito().admin("CreateUserPool", &pool).await.get("/UserPool/Arn");
    let mut table = Table::default();
    table.row("tagged", &call(&server, &tagged).await);
    table.row("untagged", &call(&server, ARN).await);
    assert_snapshot!(table, @r#"
    tagged: 200 {"Tags":{"team":"blue"}}
    untagged: 200 {"Tags":{}}
    "#);
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
