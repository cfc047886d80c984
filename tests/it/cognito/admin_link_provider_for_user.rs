use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer, claims};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

/// A profile at a provider.
pub(super) fn at(provider: &str, attribute: &str, value: &str) -> Value {
    json!({
        "ProviderName": provider,
        "ProviderAttributeName": attribute,
        "ProviderAttributeValue": value,
    })
}

pub(super) async fn link(server: &TestServer, username: &str, source: Value) -> Answer {
    let body = json!({
        "UserPoolId": POOL,
        "DestinationUser": { "ProviderName": "Cognito", "ProviderAttributeValue": username },
        "SourceUser": source,
    });
    server.cognito().admin("AdminLinkProviderForUser", &body).await
}

/// The attribute `identities` of a user.
pub(super) async fn identities(server: &TestServer, username: &str) -> String {
    let body = json!({ "UserPoolId": POOL, "Username": username });
    let user = server.cognito().admin("AdminGetUser", &body).await.json();
    let attributes = user["UserAttributes"].as_array().unwrap().clone();
    let found = attributes.iter().find(|attribute| attribute["Name"] == "identities");
    found.map_or_else(|| "none".to_owned(), |found| found["Value"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn links_are_shown_as_identities() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let answer = link(&server, ALICE, at("Google", "Cognito_Subject", "123")).await;
    assert_snapshot!(answer.show(), @"
    200 OK
    {}
    ");
    assert_eq!(link(&server, ALICE, at("Okta", "email", ALICE)).await.status, 200);
    assert_snapshot!(identities(&server, ALICE).await, @r#"[{"userId":"123","providerName":"Google","providerType":"Google","issuer":null,"primary":false,"dateCreated":"1767323045000"},{"userId":"alice@example.com","providerName":"Okta","issuer":null,"primary":false,"dateCreated":"1767323045000"}]"#);
    let tokens = server.cognito().tokens(ALICE).await;
    assert_eq!(claims(&tokens.id)["identities"][0]["userId"], "123");
}

#[tokio::test]
async fn one_profile_is_one_user() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let google = || at("Google", "Cognito_Subject", "123");
    assert_eq!(link(&server, ALICE, google()).await.status, 200);
    let mut table = Table::default();
    table.row("again", &link(&server, ALICE, google()).await);
    table.row("to another user", &link(&server, "bob@example.com", google()).await);
    for number in 0..4 {
        let source = at("Google", "Cognito_Subject", &number.to_string());
        assert_eq!(link(&server, ALICE, source).await.status, 200);
    }
    table.row("a sixth", &link(&server, ALICE, at("Google", "Cognito_Subject", "x")).await);
    assert_snapshot!(table, @r#"
    again: 400 InvalidParameterException "SourceUser is already linked to DestinationUser"
    to another user: 400 InvalidParameterException "SourceUser is already linked to another user"
    a sixth: 400 LimitExceededException "A user can have at most 5 linked identities."
    "#);
    assert_eq!(identities(&server, "bob@example.com").await, "none");
    let delete = json!({ "UserPoolId": POOL, "Username": ALICE });
    server.cognito().admin("AdminDeleteUser", &delete).await;
    assert_eq!(link(&server, "bob@example.com", google()).await.status, 200);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let mut table = Table::default();
    let google = || at("Google", "Cognito_Subject", "123");
    table.row("unknown user", &link(&server, "nobody@example.com", google()).await);
    table.row("to the pool itself", &link(&server, ALICE, at("Cognito", "x", "y")).await);
    table.row("no value", &link(&server, ALICE, at("Google", "Cognito_Subject", "")).await);
    let cognito = server.cognito();
    let mut body = json!({
        "UserPoolId": OTHER_POOL,
        "DestinationUser": { "ProviderName": "Cognito", "ProviderAttributeValue": ALICE },
        "SourceUser": google(),
    });
    table.row("another pool", &cognito.admin("AdminLinkProviderForUser", &body).await);
    body["DestinationUser"]["ProviderName"] = json!("Google");
    table.row("to a foreign user", &cognito.admin("AdminLinkProviderForUser", &body).await);
    body["DestinationUser"] = json!({ "ProviderName": "Cognito" });
    table.row("nobody", &cognito.admin("AdminLinkProviderForUser", &body).await);
    body["UserPoolId"] = json!("eu-west-1_Nowhere");
    body["DestinationUser"]["ProviderAttributeValue"] = json!(ALICE);
    table.row("unknown pool", &cognito.admin("AdminLinkProviderForUser", &body).await);
    assert_snapshot!(table, @r#"
    unknown user: 400 UserNotFoundException "User does not exist."
    to the pool itself: 400 InvalidParameterException "The SourceUser's ProviderName must be that of an identity provider."
    no value: 400 InvalidParameterException "Missing required parameter ProviderAttributeValue"
    another pool: 400 UserNotFoundException "User does not exist."
    to a foreign user: 400 InvalidParameterException "The DestinationUser's ProviderName must be Cognito."
    nobody: 400 InvalidParameterException "Missing required parameter ProviderAttributeValue"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(identities(&server, ALICE).await, "none");
}

/// Nobody can say of himself who he is elsewhere.
#[tokio::test]
async fn identities_cannot_be_written() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let body = json!({
        "UserPoolId": POOL,
        "Username": ALICE,
        "UserAttributes": [{ "Name": "identities", "Value": "[]" }],
    });
    let answer = server.cognito().admin("AdminUpdateUserAttributes", &body).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidParameterException "Attributes did not conform to the schema: identities: Attribute does not exist in the schema.\n""#);
}
