//! Names and attributes that nobody may take: not by force, not at a sign-up.

use crate::support::{Answer, PASSWORD, TestPool, TestServer};
use serde_json::json;

const ANN: &str = "ann@example.com";

fn kind(answer: &Answer) -> String {
    if answer.status.is_success() { "success".to_owned() } else { answer.get("/__type") }
}

async fn create(pool: &TestPool<'_>, name: &str, attributes: &[(&str, &str)]) -> Answer {
    let attribute = |(name, value): &(&str, &str)| json!({ "Name": name, "Value": value });
    let attributes: Vec<_> = attributes.iter().map(attribute).collect();
    let body = json!({
        "Username": name,
        "MessageAction": "SUPPRESS",
        "ForceAliasCreation": true,
        "UserAttributes": attributes,
    });
    pool.admin("AdminCreateUser", body).await
}

async fn name_of(pool: &TestPool<'_>, name: &str) -> String {
    let user = pool.admin("AdminGetUser", json!({ "Username": name })).await;
    if user.status.is_success() { user.get("/Username") } else { kind(&user) }
}

/// What is taken by force is an alias beside a username, never what stands in its place.
#[tokio::test]
async fn no_force_takes_an_address_that_is_somebodys_username() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email"] })).await;
    pool.user(ANN, &[]).await;
    let ann = name_of(&pool, ANN).await;
    assert_eq!(kind(&create(&pool, ANN, &[]).await), "UsernameExistsException");
    assert_eq!(name_of(&pool, ANN).await, ann);
}

/// Cognito's force is about addresses and numbers.
#[tokio::test]
async fn no_force_takes_a_chosen_name_or_the_place_of_a_username() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AliasAttributes": ["preferred_username"] })).await;
    pool.user("otto", &[("preferred_username", "big-o")]).await;
    let told = [
        kind(&create(&pool, "big-o", &[]).await),
        kind(&create(&pool, "eve", &[("preferred_username", "big-o")]).await),
        kind(&create(&pool, "eve", &[("preferred_username", "otto")]).await),
    ];
    assert_eq!(name_of(&pool, "big-o").await, "otto");
    assert_eq!(name_of(&pool, "otto").await, "otto");
    assert_eq!(told, ["AliasExistsException"; 3]);
}

#[tokio::test]
async fn two_aliases_are_taken_from_one_user_at_once() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AliasAttributes": ["email", "phone_number"] })).await;
    let both = [
        ("email", ANN),
        ("email_verified", "true"),
        ("phone_number", "+14325551212"),
        ("phone_number_verified", "true"),
    ];
    pool.user("ann", &both).await;
    let taken = create(&pool, "eve", &both).await;
    assert_eq!(kind(&taken), "success");
    assert_eq!(name_of(&pool, ANN).await, "eve");
    for flag in ["email_verified", "phone_number_verified"] {
        assert_eq!(pool.attribute("ann", flag).await.as_deref(), Some("false"));
    }
}

/// Attributes for the operator alone are not a client's to give, listed or not.
#[tokio::test]
async fn nobody_signs_up_with_what_is_for_developers_alone() {
    let server = TestServer::start().await;
    let schema = json!([{
        "Name": "tier", "AttributeDataType": "String", "DeveloperOnlyAttribute": true,
    }]);
    let pool = server.pool(json!({ "Schema": schema })).await;
    let client = json!({ "ClientName": "c", "WriteAttributes": ["dev:custom:tier"] });
    let client = pool.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let listed = TestPool { server: &server, id: pool.id.clone(), client };
    let gold = json!([{ "Name": "dev:custom:tier", "Value": "gold" }]);
    let body = json!({ "Username": "ann", "Password": PASSWORD, "UserAttributes": gold });
    let told = listed.call("SignUp", body).await;
    assert_eq!(kind(&told), "NotAuthorizedException");
}
