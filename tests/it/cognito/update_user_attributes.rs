use crate::support::{Answer, Table, TestPool, TestServer};
use insta::assert_snapshot;
use poolkeeper_pool::entity::MessagePurpose;
use serde_json::{Value, json};

const NINA: &str = "nina";
const OLD: &str = "old@example.com";
const NEW: &str = "new@example.com";

async fn update(pool: &TestPool<'_>, token: &str, attributes: Value) -> Answer {
    let attributes: Vec<_> = attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    let body = json!({ "AccessToken": token, "UserAttributes": attributes });
    pool.server.cognito().call("UpdateUserAttributes", &body).await
}

async fn nina(pool: &TestPool<'_>) -> String {
    pool.user(NINA, &[("email", OLD), ("email_verified", "true")]).await;
    pool.tokens(NINA).await.access
}

async fn email(pool: &TestPool<'_>) -> [Option<String>; 2] {
    [pool.attribute(NINA, "email").await, pool.attribute(NINA, "email_verified").await]
}

fn is(value: &str, verified: &str) -> [Option<String>; 2] {
    [Some(value.to_owned()), Some(verified.to_owned())]
}

#[tokio::test]
async fn what_needs_no_proof_is_changed_at_once() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let token = nina(&pool).await;
    let answer = update(&pool, &token, json!({ "name": "Nina", "nickname": "N" })).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetailsList": []
    }
    "#);
    assert_eq!(pool.attribute(NINA, "name").await.as_deref(), Some("Nina"));
    update(&pool, &token, json!({ "name": "", "nickname": "N" })).await;
    assert_eq!(pool.attribute(NINA, "name").await, None);
    assert_eq!(email(&pool).await, is(OLD, "true"));
}

#[tokio::test]
async fn a_new_address_is_unverified_and_sent_a_code() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let token = nina(&pool).await;
    let answer = update(&pool, &token, json!({ "email": NEW })).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetailsList": [
        {
          "AttributeName": "email",
          "DeliveryMedium": "EMAIL",
          "Destination": "n***@e***"
        }
      ]
    }
    "#);
    assert_eq!(email(&pool).await, is(NEW, "false"));
    assert_eq!(server.newest_code().await.1, NEW);
}

#[tokio::test]
async fn an_address_that_the_pool_does_not_verify_gets_no_message() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let token = nina(&pool).await;
    let answer =
        update(&pool, &token, json!({ "email": NEW, "phone_number": "+14325551212" })).await;
    assert_eq!(answer.line(), r#"200 {"CodeDeliveryDetailsList":[]}"#);
    assert_eq!(email(&pool).await, is(NEW, "false"));
    let sent = server.engine.outbox(9).await.unwrap();
    let sent: Vec<_> = sent.iter().map(|entry| (entry.purpose, entry.to.as_str())).collect();
    assert_eq!(sent, [(MessagePurpose::AccountChanged, OLD)]);
}

#[tokio::test]
async fn the_same_address_again_stays_verified() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let token = nina(&pool).await;
    let answer = update(&pool, &token, json!({ "email": OLD })).await;
    assert_eq!(answer.line(), r#"200 {"CodeDeliveryDetailsList":[]}"#);
    assert_eq!(email(&pool).await, is(OLD, "true"));
}

#[tokio::test]
async fn both_addresses_are_verified_each_by_its_own_code() {
    let server = TestServer::start().await;
    let both = json!({ "AutoVerifiedAttributes": ["phone_number", "email"] });
    let pool = server.pool(both).await;
    let token = nina(&pool).await;
    let new = json!({ "email": NEW, "phone_number": "+14325551212" });
    assert_snapshot!(update(&pool, &token, new).await.show(), @r#"
    200 OK
    {
      "CodeDeliveryDetailsList": [
        {
          "AttributeName": "email",
          "DeliveryMedium": "EMAIL",
          "Destination": "n***@e***"
        },
        {
          "AttributeName": "phone_number",
          "DeliveryMedium": "SMS",
          "Destination": "+*******1212"
        }
      ]
    }
    "#);
}

const HELD: &str = "AttributesRequireVerificationBeforeUpdate";

async fn holding_pool(server: &TestServer) -> TestPool<'_> {
    let settings = json!({
        "AutoVerifiedAttributes": ["email"],
        "UserAttributeUpdateSettings": { HELD: ["email"] },
    });
    server.pool(settings).await
}

#[tokio::test]
async fn where_the_pool_says_so_the_old_address_stays_until_the_new_one_is_proven() {
    let server = TestServer::start().await;
    let pool = holding_pool(&server).await;
    let token = nina(&pool).await;
    let answer = update(&pool, &token, json!({ "email": NEW, "name": "Nina" })).await;
    assert_eq!(answer.get("/CodeDeliveryDetailsList/0/Destination"), "n***@e***");
    assert_eq!(email(&pool).await, is(OLD, "true"));
    assert_eq!(pool.attribute(NINA, "name").await.as_deref(), Some("Nina"));
    let (code, to) = server.newest_code().await;
    assert_eq!(to, NEW);
    let body = json!({ "AccessToken": token, "AttributeName": "email", "Code": code });
    server.cognito().call("VerifyUserAttribute", &body).await;
    assert_eq!(email(&pool).await, is(NEW, "true"));
}

#[tokio::test]
async fn codes_of_sign_ins_do_not_follow_an_unproven_address() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "OPTIONAL" })).await;
    let token = nina(&pool).await;
    let preference = json!({
        "Username": NINA,
        "EmailMfaSettings": { "Enabled": true, "PreferredMfa": true },
    });
    assert_eq!(pool.admin("AdminSetUserMFAPreference", preference).await.status, 200);
    update(&pool, &token, json!({ "email": NEW })).await;
    assert_eq!(email(&pool).await, is(OLD, "true"));
    server.clock.advance(std::time::Duration::from_secs(1));
    let asked = pool.sign_in(NINA, crate::support::PASSWORD).await;
    assert_eq!(asked.get("/ChallengeParameters/CODE_DELIVERY_DESTINATION"), "o***@e***");
    assert_eq!(server.newest_code().await.1, OLD);
}

#[tokio::test]
async fn refusals_change_nothing() {
    let server = TestServer::start().await;
    let settings = json!({
        "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "Schema": [
            { "Name": "tier", "AttributeDataType": "String" },
            { "Name": "given_name", "AttributeDataType": "String", "Required": true },
            { "Name": "birthdate", "AttributeDataType": "String", "Mutable": false },
        ],
    });
    let pool = server.pool(settings).await;
    pool.user(OLD, &[("given_name", "Nina")]).await;
    pool.user("taken@example.com", &[("given_name", "Otto")]).await;
    let token = pool.tokens(OLD).await.access;
    let mut table = Table::default();
    for attributes in [
        json!({ "email_verified": "true" }),
        json!({ "sub": "x" }),
        json!({ "email_verified": "true" }),
        json!({ "unknown": "x" }),
        json!({ "birthdate": "2000-01-01" }),
        json!({ "given_name": "" }),
        json!({ "email": "nobody" }),
        json!({ "phone_number": "123" }),
        json!({ "email": "taken@example.com" }),
    ] {
        table.row(&attributes.to_string(), &update(&pool, &token, attributes).await);
    }
    table.row("no token", &update(&pool, "eyJ.x.y", json!({ "name": "x" })).await);
    assert_snapshot!(table, @r#"
    {"email_verified":"true"}: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    {"sub":"x"}: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    {"email_verified":"true"}: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    {"unknown":"x"}: 400 InvalidParameterException "Attributes did not conform to the schema: unknown: Attribute does not exist in the schema.\n"
    {"birthdate":"2000-01-01"}: 400 InvalidParameterException "user.birthdate: Attribute cannot be updated.\n"
    {"given_name":""}: 400 InvalidParameterException "Attributes did not conform to the schema: given_name: The attribute is required\n"
    {"email":"nobody"}: 400 InvalidParameterException "Invalid email address format."
    {"phone_number":"123"}: 400 InvalidParameterException "Invalid phone number format."
    {"email":"taken@example.com"}: 400 AliasExistsException "An account with the given email already exists."
    no token: 400 NotAuthorizedException "Invalid Access Token"
    "#);
    let taken = json!({ "name": "x", "email": "taken@example.com" });
    update(&pool, &token, taken).await;
    assert_eq!(pool.attribute(OLD, "name").await, None);
    assert!(server.engine.outbox(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn codes_are_sent_five_times_an_hour() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let token = nina(&pool).await;
    for round in 0..5 {
        let new = json!({ "email": format!("n{round}@example.com") });
        assert_eq!(update(&pool, &token, new).await.status, 200);
    }
    let sixth = update(&pool, &token, json!({ "email": NEW })).await;
    assert_snapshot!(sixth.line(), @r#"400 LimitExceededException "Attempt limit exceeded, please try after some time.""#);
    assert_eq!(email(&pool).await, is("n4@example.com", "false"));
    server.clock.advance(std::time::Duration::from_hours(1));
    let token = pool.tokens(NINA).await.access;
    assert_eq!(update(&pool, &token, json!({ "email": NEW })).await.status, 200);
}
