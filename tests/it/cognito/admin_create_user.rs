use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "alice@example.com";

async fn create(server: &TestServer, name: &str, more: Value) -> Answer {
    let mut body = json!({ "UserPoolId": POOL, "Username": name });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().admin("AdminCreateUser", &body).await
}

/// Creates a user with these attributes.
async fn with(server: &TestServer, name: &str, attributes: &[(&str, &str)]) -> Answer {
    let attributes: Vec<_> =
        attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    create(server, name, json!({ "UserAttributes": attributes })).await
}

async fn pool(server: &TestServer, settings: Value) -> String {
    let mut body = json!({ "PoolName": "p" });
    body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    server.cognito().admin("CreateUserPool", &body).await.get("/UserPool/Id")
}

#[tokio::test]
async fn the_address_takes_the_usernames_place() {
    let server = TestServer::start().await;
    let attributes = [("name", "Alice"), ("email_verified", "true")];
    let answer = with(&server, ALICE, &attributes).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "User": {
        "Attributes": [
          {
            "Name": "sub",
            "Value": "06db803c-fa31-44de-9d6d-37451c67e937"
          },
          {
            "Name": "email",
            "Value": "alice@example.com"
          },
          {
            "Name": "email_verified",
            "Value": "true"
          },
          {
            "Name": "name",
            "Value": "Alice"
          }
        ],
        "Enabled": true,
        "UserCreateDate": 1767323045,
        "UserLastModifiedDate": 1767323045,
        "UserStatus": "FORCE_CHANGE_PASSWORD",
        "Username": "06db803c-fa31-44de-9d6d-37451c67e937"
      }
    }
    "#);
    let sub = answer.get("/User/Attributes/0/Value");
    assert_eq!(answer.get("/User/Username"), sub);
}

#[tokio::test]
async fn a_plain_pool_keeps_the_username() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let body = json!({ "UserPoolId": pool, "MessageAction": "SUPPRESS" });
    let answer = create(&server, "Alice", body).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "User": {
        "Attributes": [
          {
            "Name": "sub",
            "Value": "be501645-0e8a-447e-a646-3e7f89ed6d83"
          }
        ],
        "Enabled": true,
        "UserCreateDate": 1767323045,
        "UserLastModifiedDate": 1767323045,
        "UserStatus": "FORCE_CHANGE_PASSWORD",
        "Username": "Alice"
      }
    }
    "#);
}

#[tokio::test]
async fn the_invitation() {
    let server = TestServer::start().await;
    create(&server, ALICE, json!({})).await;
    let mails = server.engine.outbox(10).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    let password = mail.code.as_ref().unwrap().expose().to_owned();
    assert!(password.len() >= 12, "{password}");
    let body = mail.body.expose().replace(&password, "[password]");
    let shown = format!("{:?} to {}: {} / {body}", mail.channel, mail.to, mail.subject);
    assert_snapshot!(shown, @"Email to alice@example.com: Your temporary password / Your username is alice@example.com and temporary password is [password].");
    let asked = server.cognito().sign_in(ALICE, &password).await;
    assert_eq!(asked.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
}

#[tokio::test]
async fn the_invitation_names_a_given_password() {
    let server = TestServer::start().await;
    create(&server, ALICE, json!({ "TemporaryPassword": PASSWORD })).await;
    let mail = server.engine.outbox(1).await.unwrap().pop().unwrap();
    assert!(mail.body.expose().contains(PASSWORD));
}

#[tokio::test]
async fn suppressed() {
    let server = TestServer::start().await;
    let more = json!({ "MessageAction": "SUPPRESS", "TemporaryPassword": PASSWORD });
    assert_eq!(create(&server, ALICE, more).await.status, 200);
    assert!(server.engine.outbox(10).await.unwrap().is_empty());
    let asked = server.cognito().sign_in(ALICE, PASSWORD).await;
    assert_eq!(asked.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
}

#[tokio::test]
async fn resend_makes_a_new_password_and_a_new_period() {
    let server = TestServer::start().await;
    create(&server, ALICE, json!({})).await;
    let first = server.engine.outbox(1).await.unwrap().pop().unwrap().code.unwrap();
    server.clock.advance(Duration::from_hours(8 * 24));
    let answer = create(&server, ALICE, json!({ "MessageAction": "RESEND" })).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "User": {
        "Attributes": [
          {
            "Name": "sub",
            "Value": "06db803c-fa31-44de-9d6d-37451c67e937"
          },
          {
            "Name": "email",
            "Value": "alice@example.com"
          }
        ],
        "Enabled": true,
        "UserCreateDate": 1767323045,
        "UserLastModifiedDate": 1768014245,
        "UserStatus": "FORCE_CHANGE_PASSWORD",
        "Username": "06db803c-fa31-44de-9d6d-37451c67e937"
      }
    }
    "#);
    let second = server.engine.outbox(1).await.unwrap().pop().unwrap().code.unwrap();
    assert_eq!(server.cognito().sign_in(ALICE, first.expose()).await.status, 400);
    let asked = server.cognito().sign_in(ALICE, second.expose()).await;
    assert_eq!(asked.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
}

#[tokio::test]
async fn resend_refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.new_user("new@example.com", &[]).await;
    let resend = json!({ "MessageAction": "RESEND" });
    let mut table = Table::default();
    table.row("confirmed", &create(&server, ALICE, resend.clone()).await);
    table.row("unknown", &create(&server, "nobody@example.com", resend).await);
    let weak = json!({ "MessageAction": "RESEND", "TemporaryPassword": "weak" });
    table.row("weak password", &create(&server, "new@example.com", weak).await);
    assert_snapshot!(table, @r#"
    confirmed: 400 UnsupportedUserStateException "The user's status does not allow this."
    unknown: 400 UserNotFoundException "User does not exist."
    weak password: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    "#);
    assert!(server.engine.outbox(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn names_that_are_taken() {
    let server = TestServer::start().await;
    let alice = server.user(ALICE, &[]).await;
    let mut table = Table::default();
    for name in [ALICE, "ALICE@Example.com", alice.sub.as_str()] {
        table.row(
            if name == alice.sub.as_str() { "sub" } else { name },
            &create(&server, name, json!({})).await,
        );
    }
    assert_snapshot!(table, @r#"
    alice@example.com: 400 UsernameExistsException "User account already exists"
    ALICE@Example.com: 400 UsernameExistsException "User account already exists"
    sub: 400 InvalidParameterException "Username should be an email."
    "#);
    let elsewhere = create(&server, ALICE, json!({ "UserPoolId": OTHER_POOL })).await;
    assert_eq!(elsewhere.status, 200, "another pool's names are its own");
}

#[tokio::test]
async fn names_that_are_no_addresses() {
    let server = TestServer::start().await;
    let names = [
        "alice",
        "alice@",
        "alice@example",
        "alice@@example.com",
        "a@b.co@example.com",
        "\"alice\"@example.com",
        "alice@example.com,bob@example.com",
        "<alice@example.com>",
        "\u{430}lice@example.com",
        "alice@ex\u{430}mple.com",
        "alice\u{ff20}example.com",
        "alice@example.com\u{200b}",
        "+491234567",
    ];
    let mut table = Table::default();
    for name in names {
        table.row(&spelt_out(name), &create(&server, name, json!({})).await);
    }
    assert_snapshot!(table, @r#"
    alice: 400 InvalidParameterException "Username should be an email."
    alice@: 400 InvalidParameterException "Username should be an email."
    alice@example: 400 InvalidParameterException "Username should be an email."
    alice@@example.com: 400 InvalidParameterException "Username should be an email."
    a@b.co@example.com: 400 InvalidParameterException "Username should be an email."
    "alice"@example.com: 400 InvalidParameterException "Username should be an email."
    alice@example.com,bob@example.com: 400 InvalidParameterException "Username should be an email."
    <alice@example.com>: 400 InvalidParameterException "Username should be an email."
    \u{430}lice@example.com: 400 InvalidParameterException "Username should be an email."
    alice@ex\u{430}mple.com: 400 InvalidParameterException "Username should be an email."
    alice\u{ff20}example.com: 400 InvalidParameterException "Username should be an email."
    alice@example.com\u{200b}: 400 InvalidParameterException "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"
    +491234567: 400 InvalidParameterException "Username should be an email."
    "#);
}

/// The text with everything that could be mistaken for something else spelt out.
fn spelt_out(text: &str) -> String {
    let letter =
        |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    text.chars().map(letter).collect()
}

#[tokio::test]
async fn other_kinds_of_pools_ask_for_other_names() {
    let server = TestServer::start().await;
    let cases = [
        (json!({ "UsernameAttributes": ["phone_number"] }), ALICE),
        (json!({ "UsernameAttributes": ["phone_number", "email"] }), "alice"),
        (json!({ "AliasAttributes": ["email"] }), ALICE),
        (json!({ "AliasAttributes": ["phone_number"] }), "+491234567"),
    ];
    let mut table = Table::default();
    for (settings, name) in cases {
        let pool = pool(&server, settings.clone()).await;
        table.row(
            &format!("{settings} {name}"),
            &create(&server, name, json!({ "UserPoolId": pool })).await,
        );
    }
    assert_snapshot!(table, @r#"
    {"UsernameAttributes":["phone_number"]} alice@example.com: 400 InvalidParameterException "Username should be a phone number."
    {"UsernameAttributes":["phone_number","email"]} alice: 400 InvalidParameterException "Username should be either an email or a phone number."
    {"AliasAttributes":["email"]} alice@example.com: 400 InvalidParameterException "Username cannot be of email format, since user pool is configured for email alias."
    {"AliasAttributes":["phone_number"]} +491234567: 400 InvalidParameterException "Username cannot be of phone format, since user pool is configured for phone alias."
    "#);
}

#[tokio::test]
async fn attributes_that_break_the_schema() {
    let server = TestServer::start().await;
    let long = "x".repeat(2049);
    let cases: [(&str, &[(&str, &str)]); 11] = [
        ("unknown", &[("custom:none", "x"), ("nonsense", "x")]),
        ("sub", &[("sub", "x")]),
        ("too long", &[("name", &long)]),
        ("control character", &[("name", "a\r\nb")]),
        ("birthdate", &[("birthdate", "1.1.2000")]),
        ("flag", &[("email_verified", "yes")]),
        ("number", &[("updated_at", "now")]),
        ("phone number", &[("phone_number", "0123456")]),
        ("other address", &[("email", "bob@example.com")]),
        ("twice", &[("name", "A"), ("name", "B")]),
        ("twice the same", &[("name", "A"), ("name", "A")]),
    ];
    let mut table = Table::default();
    for (case, attributes) in cases {
        table.row(case, &with(&server, ALICE, attributes).await);
    }
    assert_snapshot!(table, @r#"
    unknown: 400 InvalidParameterException "Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\nnonsense: Attribute does not exist in the schema.\n"
    sub: 400 InvalidParameterException "Attributes did not conform to the schema: sub: Attribute does not exist in the schema.\n"
    too long: 400 InvalidParameterException "1 validation error detected: Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048"
    control character: 400 InvalidParameterException "Attributes did not conform to the schema: name: Attribute value is invalid.\n"
    birthdate: 400 InvalidParameterException "Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters\n"
    flag: 400 InvalidParameterException "Attributes did not conform to the schema: email_verified: Attribute value must be true or false.\n"
    number: 400 InvalidParameterException "Attributes did not conform to the schema: updated_at: Attribute value must be a number within the bounds.\n"
    phone number: 400 InvalidParameterException "Invalid phone number format."
    other address: 400 InvalidParameterException "User email should be empty or same as username, since username attribute is email."
    twice: 400 InvalidParameterException "Duplicate attributes are not allowed."
    twice the same: 400 InvalidParameterException "Duplicate attributes are not allowed."
    "#);
    let users = server.cognito().admin("ListUsers", &json!({ "UserPoolId": POOL })).await;
    assert_eq!(users.text, r#"{"Users":[]}"#);
}

#[tokio::test]
async fn bounds_of_custom_attributes() {
    let server = TestServer::start().await;
    let pool = pool(
        &server,
        json!({
            "Schema": [
                {
                    "Name": "tier",
                    "AttributeDataType": "String",
                    "StringAttributeConstraints": { "MinLength": "2", "MaxLength": "3" },
                },
                {
                    "Name": "stars",
                    "AttributeDataType": "Number",
                    "NumberAttributeConstraints": { "MinValue": "1", "MaxValue": "5" },
                },
            ],
        }),
    )
    .await;
    let mut table = Table::default();
    for (name, value) in
        [("tier", "a"), ("tier", "abcd"), ("stars", "0"), ("stars", "6"), ("stars", "x")]
    {
        let attribute = json!({ "Name": format!("custom:{name}"), "Value": value });
        let more = json!({ "UserPoolId": pool, "UserAttributes": [attribute] });
        table.row(&format!("{name} {value}"), &create(&server, "alice", more).await);
    }
    assert_snapshot!(table, @r#"
    tier a: 400 InvalidParameterException "Attributes did not conform to the schema: custom:tier: String must be no shorter than 2 characters\n"
    tier abcd: 400 InvalidParameterException "Attributes did not conform to the schema: custom:tier: String must be no longer than 3 characters\n"
    stars 0: 400 InvalidParameterException "Attributes did not conform to the schema: custom:stars: Attribute value must be a number within the bounds.\n"
    stars 6: 400 InvalidParameterException "Attributes did not conform to the schema: custom:stars: Attribute value must be a number within the bounds.\n"
    stars x: 400 InvalidParameterException "Attributes did not conform to the schema: custom:stars: Attribute value must be a number within the bounds.\n"
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let mut table = Table::default();
    let unknown = json!({ "UserPoolId": "eu-west-1_Nowhere" });
    table.row("unknown pool", &create(&server, ALICE, unknown).await);
    let weak = json!({ "TemporaryPassword": "weak" });
    table.row("weak password", &create(&server, ALICE, weak).await);
    assert_snapshot!(table, @r#"
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    weak password: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    "#);
}

/// Whether an invitation can be sent decides nothing about the user.
#[tokio::test]
async fn a_username_is_enough() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let drawn = pool.admin("AdminCreateUser", json!({ "Username": "kim" })).await;
    let body = json!({ "Username": "mia", "TemporaryPassword": PASSWORD });
    let chosen = pool.admin("AdminCreateUser", body).await;
    for created in [drawn, chosen] {
        assert_eq!(created.get("/User/UserStatus"), "FORCE_CHANGE_PASSWORD");
    }
    assert!(server.engine.outbox(9).await.unwrap().is_empty());
    assert_eq!(pool.sign_in("mia", PASSWORD).await.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
    let again = json!({ "Username": "kim", "MessageAction": "RESEND" });
    assert_snapshot!(pool.admin("AdminCreateUser", again).await.line(), @r#"400 InvalidParameterException "User has no email or phone number to send the invitation to.""#);
}

/// Many applications give their users UUIDs for names. A name leads to one user all the same: one that
/// is somebody's `sub` is taken, and people who choose names do not sign in by their `sub`.
#[tokio::test]
async fn a_uuid_for_a_name() {
    let server = TestServer::start().await;
    let name = "0b0e9d2c-1111-4222-8333-444455556666";
    let pool = server.pool(json!({ "AliasAttributes": ["email"] })).await;
    let body = json!({ "Username": name, "TemporaryPassword": PASSWORD });
    let created = pool.admin("AdminCreateUser", body).await;
    assert_eq!(created.get("/User/Username"), name);
    let sub = created.json()["User"]["Attributes"][0]["Value"].as_str().unwrap().to_owned();
    assert_eq!(pool.sign_in(name, PASSWORD).await.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
    let mut table = Table::default();
    table.row("by the sub", &pool.sign_in(&sub, PASSWORD).await);
    let taken = json!({ "Username": sub, "TemporaryPassword": PASSWORD });
    table.row("the sub as a name", &pool.admin("AdminCreateUser", taken).await);
    let taken = json!({ "Username": sub, "Password": PASSWORD });
    table.row("at a sign-up", &pool.call("SignUp", taken).await);
    for spelled in [sub.to_uppercase(), sub.replace('-', "")] {
        let taken = json!({ "Username": spelled, "TemporaryPassword": PASSWORD });
        table.row("spelled otherwise", &pool.admin("AdminCreateUser", taken).await);
        let taken = json!({ "Username": spelled, "Password": PASSWORD });
        table.row("at a sign-up", &pool.call("SignUp", taken).await);
    }
    let other = "7d1f3a52-0b6c-4d8e-9f10-112233445566";
    let body = json!({ "Username": other, "Password": PASSWORD });
    assert_eq!(pool.call("SignUp", body).await.status, 200);
    let found = pool.admin("AdminGetUser", json!({ "Username": sub })).await;
    assert_eq!(found.get("/Username"), name, "administrators name users by either");
    assert_snapshot!(table, @r#"
    by the sub: 400 UserNotFoundException "User does not exist."
    the sub as a name: 400 UsernameExistsException "User account already exists"
    at a sign-up: 400 UsernameExistsException "User already exists"
    spelled otherwise: 400 UsernameExistsException "User account already exists"
    at a sign-up: 400 UsernameExistsException "User already exists"
    spelled otherwise: 400 UsernameExistsException "User account already exists"
    at a sign-up: 400 UsernameExistsException "User already exists"
    "#);
}

/// boto3 programs write a Python `True`.
#[tokio::test]
async fn booleans_in_any_case() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let own = [("email", "kim@example.com"), ("email_verified", "True")];
    let attributes: Vec<_> =
        own.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let body = json!({ "Username": "kim", "UserAttributes": attributes });
    let created = pool.admin("AdminCreateUser", body).await;
    let flag = |attributes: &Value| {
        let mut all = attributes.as_array().unwrap().iter();
        all.find(|one| one["Name"] == "email_verified").unwrap()["Value"].clone()
    };
    assert_eq!(flag(&created.json()["User"]["Attributes"]), "true");
    let unverified = json!([{ "Name": "email_verified", "Value": "FALSE" }]);
    let body = json!({ "Username": "kim", "UserAttributes": unverified });
    assert_eq!(pool.admin("AdminUpdateUserAttributes", body).await.status, 200);
    let shown = pool.admin("AdminGetUser", json!({ "Username": "kim" })).await;
    assert_eq!(flag(&shown.json()["UserAttributes"]), "false");
}

#[tokio::test]
async fn in_an_alias_pool_only_a_verified_address_signs_in_and_has_one_owner() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({ "AliasAttributes": ["email"] })).await;
    let make = async |name: &str, verified: &str| {
        let attributes = json!([
            { "Name": "email", "Value": ALICE },
            { "Name": "email_verified", "Value": verified },
        ]);
        let more = json!({
            "UserPoolId": pool,
            "UserAttributes": attributes,
            "MessageAction": "SUPPRESS",
        });
        create(&server, name, more).await
    };
    let find = async || {
        let body = json!({ "UserPoolId": pool, "Username": ALICE });
        server.cognito().admin("AdminGetUser", &body).await
    };
    assert_eq!(make("first", "false").await.status, 200);
    assert_eq!(find().await.get("/__type"), "UserNotFoundException");
    assert_eq!(make("second", "true").await.status, 200);
    assert_eq!(find().await.get("/Username"), "second");
    assert_snapshot!(make("third", "true").await.line(), @r#"400 AliasExistsException "An account with the given email already exists.""#);
    assert_eq!(find().await.get("/Username"), "second");
}

/// Who can sign in by a code alone needs no password, and there is none to be told.
#[tokio::test]
async fn without_a_password() {
    let server = TestServer::start().await;
    let factors = json!({ "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] });
    let pool = server.pool(json!({ "Policies": { "SignInPolicy": factors } })).await;
    let create = async |name: &str, more: Value| {
        let mut body = json!({ "Username": name });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let created = pool.admin("AdminCreateUser", body).await;
        assert_eq!(created.status, 200, "{}", created.text);
        created.get("/User/UserStatus")
    };
    let own = json!([
        { "Name": "email", "Value": "kim@example.com" },
        { "Name": "email_verified", "Value": "true" },
    ]);
    let told = [
        create("kim", json!({ "UserAttributes": own })).await,
        create("given", json!({ "UserAttributes": own, "TemporaryPassword": PASSWORD })).await,
        create("none", json!({ "MessageAction": "SUPPRESS" })).await,
    ];
    assert_eq!(told, ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "FORCE_CHANGE_PASSWORD"]);
    // The only message is the temporary password's.
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), 1);
    server.clock.advance(Duration::from_secs(1));
    let mailed = json!({ "USERNAME": "kim", "PREFERRED_CHALLENGE": "EMAIL_OTP" });
    let asked = pool.initiate("USER_AUTH", mailed).await;
    let code = json!({ "USERNAME": "kim", "EMAIL_OTP_CODE": server.newest_code().await.0 });
    let done = pool.respond("EMAIL_OTP", &asked.get("/Session"), code).await;
    assert!(done.json()["AuthenticationResult"]["AccessToken"].is_string(), "{}", done.text);
    let again = json!({ "Username": "kim", "MessageAction": "RESEND" });
    assert_snapshot!(pool.admin("AdminCreateUser", again).await.line(), @r#"400 UnsupportedUserStateException "The user's status does not allow this.""#);
    let strict = json!({ "Policies": { "SignInPolicy": factors }, "MfaConfiguration": "ON" });
    let strict = server.pool(strict).await;
    let body = json!({ "Username": "kim", "UserAttributes": own });
    let created = strict.admin("AdminCreateUser", body).await;
    assert_eq!(created.get("/User/UserStatus"), "FORCE_CHANGE_PASSWORD");
}

/// Cognito sends text messages unless told otherwise.
#[tokio::test]
async fn where_the_invitation_goes() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let mut lines = Vec::new();
    let cases = [json!(null), json!(["EMAIL"]), json!(["SMS"]), json!(["SMS", "EMAIL"])];
    for (number, mediums) in cases.iter().enumerate() {
        let own = [format!("kim{number}@example.com"), format!("+1432555121{number}")];
        let attributes = json!([
            { "Name": "email", "Value": own[0] }, { "Name": "phone_number", "Value": own[1] },
        ]);
        let body = json!({
            "Username": format!("kim{number}"),
            "UserAttributes": attributes,
            "DesiredDeliveryMediums": mediums,
        });
        assert_eq!(pool.admin("AdminCreateUser", body).await.status, 200);
        let sent = server.engine.outbox(9).await.unwrap();
        let mut to: Vec<_> = sent.iter().map(|message| &message.to).collect();
        to.retain(|to| own.contains(to));
        to.sort();
        lines.push(format!("{mediums}: {to:?}"));
    }
    assert_snapshot!(lines.join("\n"), @r#"
    null: ["kim0@example.com"]
    ["EMAIL"]: ["kim1@example.com"]
    ["SMS"]: ["+14325551212"]
    ["SMS","EMAIL"]: ["+14325551213", "kim3@example.com"]
    "#);
}
