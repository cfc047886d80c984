//! (A15, D12, K4, K5) A name leads to its owner: neither a second name in the form of somebody's
//! address, nor an address that nobody has proven, leads anywhere else.

use crate::support::{Answer, PASSWORD, TestPool, TestServer};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{AliasKey, SignInName};
use poolkeeper_pool::ids::{PoolId, Sub};
use poolkeeper_pool::ports::Store as _;
use serde_json::{Value, json};
use std::time::Duration;

const ANN: &str = "ann@example.com";
const EVE: &str = "eve@example.com";

fn kind(answer: &Answer) -> String {
    if answer.status.is_success() { "success".to_owned() } else { answer.get("/__type") }
}

fn attribute(name: &str, value: &str) -> Value {
    json!([{ "Name": name, "Value": value }])
}

/// Whose account a name leads administrators to.
async fn owner(pool: &TestPool<'_>, name: &str) -> String {
    let user = pool.admin("AdminGetUser", json!({ "Username": name })).await;
    if user.status.is_success() { user.get("/Username") } else { kind(&user) }
}

async fn update(pool: &TestPool<'_>, token: &str, name: &str, value: &str) -> Answer {
    let body = json!({ "AccessToken": token, "UserAttributes": attribute(name, value) });
    pool.server.clock.advance(Duration::from_secs(1));
    pool.server.cognito().call("UpdateUserAttributes", &body).await
}

async fn verify(pool: &TestPool<'_>, token: &str, name: &str) -> Answer {
    pool.server.clock.advance(Duration::from_secs(1));
    let which = json!({ "AccessToken": token, "AttributeName": name });
    pool.server.cognito().call("GetUserAttributeVerificationCode", &which).await;
    let code = pool.server.newest_code().await.0;
    let body = json!({ "AccessToken": token, "AttributeName": name, "Code": code });
    pool.server.cognito().call("VerifyUserAttribute", &body).await
}

#[tokio::test]
async fn no_second_name_looks_like_an_address_or_an_id() {
    let server = TestServer::start().await;
    let schema =
        json!([{ "Name": "preferred_username", "AttributeDataType": "String", "Required": true }]);
    for aliases in
        [json!(["preferred_username"]), json!(["preferred_username", "email", "phone_number"])]
    {
        let settings = json!({ "AliasAttributes": aliases });
        let pool = server.pool(settings.clone()).await;
        pool.user("ann", &[("email", ANN)]).await;
        pool.user("eve", &[]).await;
        let sub = pool.attribute("ann", "sub").await.unwrap();
        let token = pool.tokens("eve").await.access;
        let strict = json!({ "AliasAttributes": aliases, "Schema": schema });
        let strict = server.pool(strict).await;
        let address = r#"400 InvalidParameterException "Preferred username cannot have the form of an email address.""#;
        let number = r#"400 InvalidParameterException "Preferred username cannot have the form of a phone number.""#;
        let id =
            r#"400 InvalidParameterException "Preferred username cannot have the form of a UUID.""#;
        for (value, told) in [
            (ANN, address),
            ("ann\u{ff20}example.com", address),
            ("+14325551212", number),
            (sub.as_str(), id),
            ("0B0E9D2C111142228333444455556666", id),
        ] {
            let own = attribute("preferred_username", value);
            let by_user = update(&pool, &token, "preferred_username", value).await;
            let body = json!({ "Username": "eve", "UserAttributes": own });
            let by_administrator = pool.admin("AdminUpdateUserAttributes", body).await;
            let body = json!({ "Username": "new", "UserAttributes": own });
            let created = pool.admin("AdminCreateUser", body.clone()).await;
            let mut body = body;
            body["Password"] = json!(PASSWORD);
            let signed_up = strict.call("SignUp", body).await;
            for answer in [by_user, by_administrator, created, signed_up] {
                assert_eq!(answer.line(), told, "{value}");
            }
        }
        assert_eq!(owner(&pool, &sub).await, "ann");
    }
    // Where it is no name, it is an attribute like any.
    let pool = server.pool(json!({ "UsernameAttributes": ["email"] })).await;
    pool.user(EVE, &[("preferred_username", ANN)]).await;
    assert_eq!(owner(&pool, ANN).await, "UserNotFoundException");
}

/// A name that was kept before such forms were refused leads nowhere.
#[tokio::test]
async fn a_second_name_that_was_kept_before_leads_nowhere() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AliasAttributes": ["preferred_username", "email"] })).await;
    pool.user("eve", &[]).await;
    let sub = Sub::new(pool.attribute("eve", "sub").await.unwrap());
    let key = AliasKey::sign_in(SignInName::PreferredUsername, ANN);
    let add = Change::AddAlias { pool: PoolId::from(pool.id.as_str()), sub, key };
    server.store.commit(vec![add]).await.unwrap();
    assert_eq!(owner(&pool, ANN).await, "UserNotFoundException");
    assert_eq!(kind(&pool.sign_in(ANN, PASSWORD).await), "UserNotFoundException");
}

/// Where the address stands in the username's place, a new one is a name once it is proven. Until
/// then the old one is.
#[tokio::test]
async fn an_address_is_a_name_once_it_is_proven() {
    let server = TestServer::start().await;
    let kinds = json!(["email", "phone_number"]);
    let settings = json!({ "UsernameAttributes": kinds, "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    pool.user(EVE, &[]).await;
    let eve = owner(&pool, EVE).await;
    let token = pool.tokens(EVE).await.access;
    // Eve claims what may become the address of somebody else.
    for (name, value) in [("email", ANN), ("phone_number", "+14325551212")] {
        assert_eq!(kind(&update(&pool, &token, name, value).await), "success");
        assert_eq!(owner(&pool, value).await, "UserNotFoundException");
        assert_eq!(kind(&pool.sign_in(value, PASSWORD).await), "UserNotFoundException");
        pool.admin("CreateGroup", json!({ "GroupName": "admin" })).await;
        let promote = json!({ "Username": value, "GroupName": "admin" });
        let told = pool.admin("AdminAddUserToGroup", promote).await;
        assert_eq!(kind(&told), "UserNotFoundException");
    }
    // The old one goes on to lead to her, in a sign-in's answers as well.
    assert_eq!(owner(&pool, EVE).await, eve);
    pool.tokens(EVE).await;
    // Nobody else is kept from it, and whoever proves it has it.
    pool.user(ANN, &[("email_verified", "true")]).await;
    let ann = owner(&pool, ANN).await;
    assert_ne!(ann, eve);
    assert_eq!(kind(&verify(&pool, &token, "email").await), "AliasExistsException");
    assert_eq!(owner(&pool, ANN).await, ann);
    assert_eq!(owner(&pool, EVE).await, eve);
    // What is somebody's is not even taken down.
    let others = pool.tokens(ANN).await.access;
    for (token, address) in [(&token, ANN), (&others, EVE)] {
        let told = update(&pool, token, "email", address).await;
        assert_eq!(kind(&told), "AliasExistsException");
    }
    // A proven one takes the place of the old one.
    assert_eq!(kind(&update(&pool, &token, "email", "eva@example.com").await), "success");
    assert_eq!(kind(&verify(&pool, &token, "email").await), "success");
    assert_eq!(owner(&pool, "eva@example.com").await, eve);
    assert_eq!(owner(&pool, EVE).await, "UserNotFoundException");
}

/// An address beside the one that somebody signs up with is no name before it is proven.
#[tokio::test]
async fn a_sign_up_takes_no_other_address_than_its_own() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email", "phone_number"] })).await;
    let number = "+14325551212";
    let body = json!({
        "Username": EVE,
        "Password": PASSWORD,
        "UserAttributes": attribute("phone_number", number),
    });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    assert_eq!(owner(&pool, number).await, "UserNotFoundException");
    assert_ne!(owner(&pool, EVE).await, "UserNotFoundException");
    let body = json!({ "Username": number, "Password": PASSWORD });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
}

/// In a pool that verifies one kind of address, a name of the other kind is proven, too: by the code
/// of the sign-up, and by one that is sent again. Nobody is told anything else of nobody.
#[tokio::test]
async fn a_sign_up_proves_the_address_it_goes_by() {
    let server = TestServer::start().await;
    let kinds = json!(["email", "phone_number"]);
    for (listed, own, name, other) in [
        ("email", "phone_number", "+14325551212", EVE),
        ("phone_number", "email", EVE, "+14325551212"),
    ] {
        let settings = json!({ "UsernameAttributes": kinds, "AutoVerifiedAttributes": [listed] });
        let pool = server.pool(settings).await;
        let hiding = pool.hiding_client().await;
        let body = json!({
            "Username": name, "Password": PASSWORD, "UserAttributes": attribute(listed, other),
        });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
        assert_eq!(server.newest_code().await.1, name);
        let sub = owner(&pool, name).await;
        // Whatever the user is called, and whether or not there is one.
        let nobody = if own == "email" { "eva@example.com" } else { "+14325551213" };
        let no_sub = "0b0e9d2c-1111-4222-8333-444455556666";
        for name in [name, sub.as_str(), nobody, no_sub] {
            for client in [&pool, &hiding] {
                server.clock.advance(Duration::from_secs(1));
                let body = json!({ "Username": name });
                let told = client.call("ResendConfirmationCode", body).await;
                if told.status == 200 {
                    let to = told.get("/CodeDeliveryDetails/AttributeName");
                    // Nobody's username may go by either.
                    assert!(to == own || (name == no_sub && to == listed), "{name}: {}", told.text);
                } else {
                    assert_eq!(kind(&told), "UserNotFoundException");
                }
            }
        }
        let (code, to) = server.newest_code().await;
        assert_eq!(to, name);
        server.clock.advance(Duration::from_secs(1));
        let body = json!({ "Username": name, "ConfirmationCode": code });
        assert_eq!(pool.call("ConfirmSignUp", body).await.status, 200);
        let flag = |kind: &str| format!("{kind}_verified");
        assert_eq!(pool.attribute(name, &flag(own)).await.as_deref(), Some("true"));
        assert_ne!(pool.attribute(name, &flag(listed)).await.as_deref(), Some("true"));
        assert_eq!(owner(&pool, other).await, "UserNotFoundException");
        // A user who is confirmed is told the same place.
        let again = hiding.call("ResendConfirmationCode", json!({ "Username": name })).await;
        assert_eq!(again.get("/CodeDeliveryDetails/AttributeName"), own);
    }
}

/// Nor is one that a temporary password's user gives along with the new password.
#[tokio::test]
async fn an_address_given_with_a_new_password_is_no_name() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email", "phone_number"] })).await;
    let new = json!({
        "Username": EVE, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS",
    });
    assert_eq!(pool.admin("AdminCreateUser", new).await.status, 200);
    let asked = pool.sign_in(EVE, PASSWORD).await;
    let answer = json!({
        "USERNAME": EVE,
        "NEW_PASSWORD": "N3w-Password!",
        "userAttributes.phone_number": "+14325551212",
    });
    let done = pool.respond("NEW_PASSWORD_REQUIRED", &asked.get("/Session"), answer).await;
    assert!(done.json()["AuthenticationResult"]["AccessToken"].is_string(), "{}", done.text);
    assert_eq!(owner(&pool, "+14325551212").await, "UserNotFoundException");
}

/// An administrator's word is enough for the address that stands in the username's place.
#[tokio::test]
async fn an_administrator_names_a_user_anew() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email"] })).await;
    pool.user(EVE, &[]).await;
    let eve = owner(&pool, EVE).await;
    let body = json!({ "Username": EVE, "UserAttributes": attribute("email", ANN) });
    assert_eq!(pool.admin("AdminUpdateUserAttributes", body).await.status, 200);
    assert_eq!(owner(&pool, ANN).await, eve);
    assert_eq!(owner(&pool, EVE).await, "UserNotFoundException");
}
