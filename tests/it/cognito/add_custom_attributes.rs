use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn add(server: &TestServer, attributes: Value) -> Answer {
    let body = json!({ "UserPoolId": POOL, "CustomAttributes": attributes });
    server.cognito().admin("AddCustomAttributes", &body).await
}

/// The attributes after the twenty standard ones, a line each.
async fn custom(server: &TestServer) -> String {
    let body = json!({ "UserPoolId": POOL });
    let pool = server.cognito().admin("DescribeUserPool", &body).await.json();
    let schema = pool["UserPool"]["SchemaAttributes"].as_array().unwrap()[20..].to_vec();
    let lines: Vec<_> = schema.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn text(name: &str) -> Value {
    json!({ "Name": name, "AttributeDataType": "String" })
}

#[tokio::test]
async fn custom_attributes_are_added_and_can_be_written() {
    let server = TestServer::start().await;
    let user = server.user("alice@example.com", &[]).await;
    let lengths = json!({ "MinLength": "1", "MaxLength": "9" });
    let answer = add(
        &server,
        json!([
            { "Name": "tier", "AttributeDataType": "String", "StringAttributeConstraints": lengths },
            { "Name": "email", "AttributeDataType": "String" },
            { "Name": "inner", "AttributeDataType": "Number", "DeveloperOnlyAttribute": true },
        ]),
    )
    .await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    assert_eq!(
        add(&server, json!([{ "Name": "late", "AttributeDataType": "String", "Mutable": false }]))
            .await
            .status,
        200
    );
    assert_snapshot!(custom(&server).await, @r#"
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:tier","Required":false,"StringAttributeConstraints":{"MaxLength":"9","MinLength":"1"}}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":true,"Name":"custom:email","Required":false,"StringAttributeConstraints":{}}
    {"AttributeDataType":"Number","DeveloperOnlyAttribute":true,"Mutable":true,"Name":"dev:custom:inner","NumberAttributeConstraints":{},"Required":false}
    {"AttributeDataType":"String","DeveloperOnlyAttribute":false,"Mutable":false,"Name":"custom:late","Required":false,"StringAttributeConstraints":{}}
    "#);
    let body = json!({
        "UserPoolId": POOL,
        "Username": user.username,
        "UserAttributes": [{ "Name": "custom:tier", "Value": "gold" }],
    });
    let written = server.cognito().admin("AdminUpdateUserAttributes", &body).await;
    assert_eq!(written.line(), "200 {}");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    assert_eq!(add(&server, json!([text("tier")])).await.status, 200);
    let before = custom(&server).await;
    let mut table = Table::default();
    let cases = [
        ("there already", json!([text("new"), text("tier")])),
        ("twice", json!([text("new"), text("new")])),
        ("required", json!([{ "Name": "new", "Required": true }])),
        ("no name", json!([{ "AttributeDataType": "String" }])),
        ("long name", json!([{ "Name": "abcdefghijklmnopqrstu" }])),
        ("no type", json!([{ "Name": "new" }])),
        ("none", json!([])),
    ];
    for (case, attributes) in cases {
        table.row(case, &add(&server, attributes).await);
    }
    let elsewhere =
        json!({ "UserPoolId": "eu-west-1_Nowhere", "CustomAttributes": [{ "Name": "x" }] });
    table.row("unknown pool", &server.cognito().admin("AddCustomAttributes", &elsewhere).await);
    assert_snapshot!(table, @r#"
    there already: 400 InvalidParameterException "custom:tier: Existing attribute already has name custom:tier."
    twice: 400 InvalidParameterException "custom:new: Existing attribute already has name custom:new."
    required: 400 InvalidParameterException "Required custom attributes are not supported currently."
    no name: 400 InvalidParameterException "Missing required parameter Name"
    long name: 400 InvalidParameterException "1 validation error detected: Value 'abcdefghijklmnopqrstu' at 'customAttributes.1.member.name' failed to satisfy constraint: Member must have length less than or equal to 20"
    no type: 400 InvalidParameterException "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
    none: 400 InvalidParameterException "1 validation error detected: Value '[]' at 'customAttributes' failed to satisfy constraint: Member must have length greater than or equal to 1"
    unknown pool: 400 InvalidParameterException "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
    "#);
    assert_eq!(custom(&server).await, before);
}

#[tokio::test]
async fn fifty_is_all_there_can_be() {
    let server = TestServer::start().await;
    let some =
        |from: u32| (from..from + 25).map(|number| text(&format!("a{number}"))).collect::<Value>();
    assert_eq!(add(&server, some(0)).await.status, 200);
    assert_eq!(add(&server, some(25)).await.status, 200);
    assert_snapshot!(add(&server, json!([text("more")])).await.line(), @r#"400 InvalidParameterException "A user pool can have at most 50 custom attributes.""#);
}
