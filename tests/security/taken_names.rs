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

/// One name in the spellings that nobody can tell apart: its owner's in each, to take in none.
#[tokio::test]
async fn names_that_look_the_same_are_one() {
    let server = TestServer::start().await;
    let spellings = [
        ("ren\u{e9}", "rene\u{301}"),   // composed, decomposed
        ("admin", "\u{ff41}dmin"),      // full width
        ("kim", "\u{212a}im"),          // the sign for kelvin, which is a capital
        ("gro\u{df}", "GROSS"),         // sharp s
        ("izmir", "\u{131}zm\u{131}r"), // the dotless i
        ("tim", "ti\u{307}m"),          // a dot on the dot
        ("joe", "j\u{fe0f}oe"),         // a selector that nobody sees
        ("max", "max\u{2800}"),         // braille without dots
    ];
    for case_sensitive in [false, true] {
        let rule = json!({ "CaseSensitive": case_sensitive });
        let aliases = json!(["preferred_username"]);
        let settings = json!({ "UsernameConfiguration": rule, "AliasAttributes": aliases });
        let pool = server.pool(settings).await;
        for (name, other) in spellings {
            let differs_in_case = matches!(name, "kim" | "gro\u{df}" | "izmir");
            if case_sensitive && differs_in_case {
                continue;
            }
            pool.user(name, &[]).await;
            let told = kind(&create(&pool, other, &[]).await);
            assert_eq!(told, "UsernameExistsException", "{name} {case_sensitive}");
            let body = json!({ "Username": other, "Password": PASSWORD });
            let told = kind(&pool.call("SignUp", body).await);
            assert_eq!(told, "UsernameExistsException", "{name} {case_sensitive}");
            let second = create(&pool, "x", &[("preferred_username", other)]).await;
            assert_eq!(kind(&second), "AliasExistsException", "{name} {case_sensitive}");
            assert_eq!(name_of(&pool, other).await, name);
            pool.tokens(other).await;
        }
    }
}

/// A name is kept as it is looked up, and one that cannot be seen is none.
#[tokio::test]
async fn names_are_kept_in_one_form() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let created = create(&pool, "\u{ff32}ene\u{301}", &[]).await;
    assert_eq!(created.get("/User/Username"), "Ren\u{e9}");
    let named = server.pool(json!({ "AliasAttributes": ["preferred_username"] })).await;
    for unseen in ["\u{3164}\u{fe0f}", "\u{2800}", "\u{34f}", "\u{115f}\u{ffa0}", "\u{301}\u{20dd}"]
    {
        let told = r#"400 InvalidParameterException "Username has no visible characters.""#;
        assert_eq!(create(&pool, unseen, &[]).await.line(), told);
        let body = json!({ "Username": unseen, "Password": PASSWORD });
        assert_eq!(pool.call("SignUp", body).await.line(), told);
        let told =
            r#"400 InvalidParameterException "Preferred username has no visible characters.""#;
        let second = create(&named, "x", &[("preferred_username", unseen)]).await;
        assert_eq!(second.line(), told);
    }
    for spaced in [" admin", "admin ", "\u{2003}admin", "admin \u{3164}"] {
        let told = r#"400 InvalidParameterException "Preferred username cannot begin or end with a space.""#;
        let second = create(&named, "x", &[("preferred_username", spaced)]).await;
        assert_eq!(second.line(), told, "{spaced:?}");
    }
    for unseen in ["\u{2800}", "admin\u{2800}", "\u{3164}", "\u{301}"] {
        let told = pool.admin("CreateGroup", json!({ "GroupName": unseen })).await;
        assert_eq!(kind(&told), "InvalidParameterException", "{unseen:?}");
    }
    // What would be refused does not pass in full width.
    let pool = server.pool(json!({ "AliasAttributes": ["email"] })).await;
    let address = create(&pool, "ann\u{ff20}example.com", &[]).await;
    assert!(address.get("/message").starts_with("Username cannot be of email format"));
}

/// Nor does another spelling tell whether there is somebody.
#[tokio::test]
async fn spellings_tell_nobody_from_somebody() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["email"] })).await;
    pool.user(ANN, &[("email_verified", "true")]).await;
    let hiding = pool.hiding_client().await;
    let mut told = Vec::new();
    for name in ["\u{ff41}nn@example.com", "\u{ff41}ndrea@example.com"] {
        let answer = hiding.call("ForgotPassword", json!({ "Username": name })).await;
        told.push(answer.text);
    }
    assert_eq!(told[0], told[1]);
}

/// Who has a token may not ask about all names there are. (S4)
#[tokio::test]
async fn who_asks_for_taken_names_is_limited() {
    let server = TestServer::start().await;
    let cases =
        [("UsernameAttributes", "email", ANN), ("AliasAttributes", "preferred_username", "ann")];
    for (setting, attribute, taken) in cases {
        let pool = server.pool(json!({ setting: [attribute] })).await;
        pool.user(taken, &[]).await;
        pool.user("eve@example.com", &[]).await;
        let token = pool.tokens("eve@example.com").await.access;
        let ask = async |value: &str| {
            let attributes = json!([{ "Name": attribute, "Value": value }]);
            let body = json!({ "AccessToken": token, "UserAttributes": attributes });
            kind(&server.cognito().call("UpdateUserAttributes", &body).await)
        };
        for _ in 0..5 {
            assert_eq!(ask(taken).await, "AliasExistsException", "{attribute}");
        }
        assert_eq!(ask(taken).await, "LimitExceededException", "{attribute}");
    }
}
