use super::admin_link_provider_for_user::{at, identities, link};
use crate::support::{Answer, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

async fn disable(server: &TestServer, source: Value) -> Answer {
    let body = json!({ "UserPoolId": POOL, "User": source });
    server.cognito().admin("AdminDisableProviderForUser", &body).await
}

#[tokio::test]
async fn the_link_is_gone_and_can_be_made_again() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let google = || at("Google", "Cognito_Subject", "123");
    let okta = || at("Okta", "email", ALICE);
    assert_eq!(link(&server, ALICE, google()).await.status, 200);
    assert_eq!(link(&server, ALICE, okta()).await.status, 200);
    assert_snapshot!(disable(&server, google()).await.show(), @"
    200 OK
    {}
    ");
    assert_snapshot!(identities(&server, ALICE).await, @r#"[{"userId":"alice@example.com","providerName":"Okta","issuer":null,"primary":false,"dateCreated":"1767323045000"}]"#);
    assert_eq!(link(&server, "bob@example.com", google()).await.status, 200);
    assert_eq!(disable(&server, okta()).await.status, 200);
    assert_eq!(identities(&server, ALICE).await, "none");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    assert_eq!(link(&server, ALICE, at("Google", "Cognito_Subject", "123")).await.status, 200);
    let mut table = Table::default();
    let cases = [
        ("unknown profile", at("Google", "Cognito_Subject", "124")),
        ("by another attribute", at("Google", "email", "123")),
        ("of another provider", at("Facebook", "Cognito_Subject", "123")),
        ("of the pool itself", at("Cognito", "Cognito_Subject", ALICE)),
        ("no name", json!({ "ProviderName": "Google", "ProviderAttributeValue": "123" })),
    ];
    for (case, source) in cases {
        table.row(case, &disable(&server, source).await);
    }
    let body = json!({
        "UserPoolId": "eu-west-1_Nowhere",
        "User": at("Google", "Cognito_Subject", "123"),
    });
    let cognito = server.cognito();
    table.row("unknown pool", &cognito.admin("AdminDisableProviderForUser", &body).await);
    assert_snapshot!(table, @r#"
    unknown profile: 400 UserNotFoundException "User does not exist."
    by another attribute: 400 UserNotFoundException "User does not exist."
    of another provider: 400 UserNotFoundException "User does not exist."
    of the pool itself: 400 InvalidParameterException "Disabling the provider Cognito is not supported by this release of Poolkeeper."
    no name: 400 InvalidParameterException "Missing required parameter ProviderAttributeName"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_ne!(identities(&server, ALICE).await, "none");
}
