use crate::support::{Answer, OTHER_POOL, PASSWORD, POOL, Table, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.com";

/// Attributes as the protocol lists them.
fn list(given: &[(&str, &str)]) -> Value {
    given.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

async fn update(server: &TestServer, pool: &str, name: &str, given: &[(&str, &str)]) -> Answer {
    let body = json!({ "UserPoolId": pool, "Username": name, "UserAttributes": list(given) });
    server.cognito().admin("AdminUpdateUserAttributes", &body).await
}

/// A user's attributes without `sub`, as `name=value`.
pub(super) async fn shown(server: &TestServer, pool: &str, name: &str) -> String {
    let body = json!({ "UserPoolId": pool, "Username": name });
    let answer = server.cognito().admin("AdminGetUser", &body).await;
    let Some(attributes) = answer.json().get("UserAttributes").cloned() else {
        return answer.line();
    };
    let text = |attribute: &Value, name: &str| attribute[name].as_str().unwrap().to_owned();
    let pairs = attributes.as_array().unwrap().iter().filter(|pair| pair["Name"] != "sub");
    let pairs = pairs.map(|pair| format!("{}={}", text(pair, "Name"), text(pair, "Value")));
    pairs.collect::<Vec<_>>().join(" ")
}

/// A pool with one immutable and one required attribute and a custom number.
pub(super) async fn pool(server: &TestServer, more: Value) -> String {
    let mut body = json!({
        "PoolName": "strict",
        "Schema": [
            { "Name": "given_name", "AttributeDataType": "String", "Mutable": false },
            { "Name": "name", "AttributeDataType": "String", "Required": true },
            { "Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": { "MaxValue": "9" } },
            { "Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": true },
        ],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().admin("CreateUserPool", &body).await.get("/UserPool/Id")
}

pub(super) async fn create(server: &TestServer, pool: &str, name: &str, given: &[(&str, &str)]) {
    let body = json!({
        "UserPoolId": pool,
        "Username": name,
        "UserAttributes": list(given),
        "TemporaryPassword": PASSWORD,
        "MessageAction": "SUPPRESS",
    });
    assert_eq!(server.cognito().admin("AdminCreateUser", &body).await.status, 200);
}

#[tokio::test]
async fn sets_replaces_and_removes() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    create(&server, &pool, "alice", &[("given_name", "Al"), ("name", "A"), ("nickname", "N")])
        .await;
    let given = [
        ("name", "Alice"),
        ("nickname", ""),
        ("custom:level", "7"),
        ("dev:custom:note", "seen"),
        ("email", ALICE),
        ("email_verified", "true"),
    ];
    assert_snapshot!(update(&server, &pool, "alice", &given).await.show(), @"
    200 OK
    {}
    ");
    assert_snapshot!(shown(&server, &pool, "alice").await, @"custom:level=7 dev:custom:note=seen email=alice@example.com email_verified=true given_name=Al name=Alice");
}

#[tokio::test]
async fn a_new_address_is_not_verified_unless_said_so() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    create(&server, &pool, "alice", &[("name", "A")]).await;
    let mut rows = Vec::new();
    for given in [
        &[("email", "a@example.com"), ("email_verified", "true")][..],
        &[("email", "a@example.com")],
        &[("email", "b@example.com")],
        &[("email_verified", "true")],
        &[("email_verified", "false"), ("email", "c@example.com")],
        &[("phone_number", "+14325551212")],
        &[("phone_number_verified", "true")],
        &[("phone_number", "")],
        &[("email_verified", "")],
        &[("email", ""), ("email_verified", "")],
    ] {
        assert_eq!(update(&server, &pool, "alice", given).await.text, "{}");
        rows.push(shown(&server, &pool, "alice").await);
    }
    assert_snapshot!(rows.join("\n"), @"
    email=a@example.com email_verified=true name=A
    email=a@example.com email_verified=true name=A
    email=b@example.com email_verified=false name=A
    email=b@example.com email_verified=true name=A
    email=c@example.com email_verified=false name=A
    email=c@example.com email_verified=false name=A phone_number=+14325551212 phone_number_verified=false
    email=c@example.com email_verified=false name=A phone_number=+14325551212 phone_number_verified=true
    email=c@example.com email_verified=false name=A
    email=c@example.com name=A
    name=A
    ");
}

#[tokio::test]
async fn the_sign_in_name_moves_with_the_address() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    server.user("bob@example.com", &[]).await;
    let tokens = server.cognito().tokens(ALICE).await;
    let mut table = Table::default();
    table.row("taken", &update(&server, POOL, ALICE, &[("email", "BOB@example.com")]).await);
    table.row("free", &update(&server, POOL, ALICE, &[("email", "new@example.com")]).await);
    table.row("old name", &update(&server, POOL, ALICE, &[("name", "A")]).await);
    table.row("old name's password", &server.cognito().sign_in(ALICE, PASSWORD).await);
    assert_snapshot!(table, @r#"
    taken: 400 AliasExistsException "An account with the given email already exists."
    free: 200 {}
    old name: 400 UserNotFoundException "User does not exist."
    old name's password: 400 NotAuthorizedException "Incorrect username or password."
    "#);
    assert_eq!(server.cognito().sign_in("NEW@example.com", PASSWORD).await.status, 200);
    assert_eq!(server.cognito().get_user(&tokens.access).await.status, 200);
    assert_eq!(shown(&server, POOL, "bob@example.com").await, "email=bob@example.com");
    // What was left is free for another.
    assert_eq!(update(&server, POOL, "bob@example.com", &[("email", ALICE)]).await.status, 200);
    assert_eq!(shown(&server, POOL, ALICE).await, format!("email={ALICE} email_verified=false"));
}

#[tokio::test]
async fn an_alias_leads_to_the_user_while_it_is_verified() {
    let server = TestServer::start().await;
    let aliases = json!({ "AliasAttributes": ["email", "preferred_username"] });
    let pool = pool(&server, aliases).await;
    create(&server, &pool, "alice", &[("name", "alice"), ("email", ALICE)]).await;
    create(&server, &pool, "bob", &[("name", "bob"), ("email", ALICE)]).await;
    let verify = [("email_verified", "true")];
    let mut table = Table::default();
    let mut step = async |name: &str, given: &[(&str, &str)]| {
        table.row(&format!("{name} {given:?}"), &update(&server, &pool, name, given).await);
        shown(&server, &pool, ALICE).await
    };
    let mut leads = vec![
        step("alice", &verify).await,
        step("bob", &verify).await,
        step("alice", &[("email", "alice@example.org")]).await,
        step("bob", &verify).await,
        step("bob", &[("email_verified", "false")]).await,
        step("alice", &[("preferred_username", "queen")]).await,
        step("bob", &[("preferred_username", "queen")]).await,
        step("alice", &[("preferred_username", "")]).await,
        step("bob", &[("preferred_username", "queen")]).await,
    ];
    leads.push(format!("queen: {}", shown(&server, &pool, "queen").await));
    assert_snapshot!(format!("{table}{}", leads.join("\n")), @r#"
    alice [("email_verified", "true")]: 200 {}
    bob [("email_verified", "true")]: 400 AliasExistsException "An account with the given email already exists."
    alice [("email", "alice@example.org")]: 200 {}
    bob [("email_verified", "true")]: 200 {}
    bob [("email_verified", "false")]: 200 {}
    alice [("preferred_username", "queen")]: 200 {}
    bob [("preferred_username", "queen")]: 400 AliasExistsException "An account with the given preferred_username already exists."
    alice [("preferred_username", "")]: 200 {}
    bob [("preferred_username", "queen")]: 200 {}
    email=alice@example.com email_verified=true name=alice
    email=alice@example.com email_verified=true name=alice
    400 UserNotFoundException "User does not exist."
    email=alice@example.com email_verified=true name=bob
    400 UserNotFoundException "User does not exist."
    400 UserNotFoundException "User does not exist."
    400 UserNotFoundException "User does not exist."
    400 UserNotFoundException "User does not exist."
    400 UserNotFoundException "User does not exist."
    queen: email=alice@example.com email_verified=false name=bob preferred_username=queen
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    server.user(ALICE, &[]).await;
    let pool = pool(&server, json!({})).await;
    create(&server, &pool, "alice", &[("given_name", "Al"), ("name", "A")]).await;
    let cases = [
        &[("sub", "x")][..],
        &[("given_name", "Bo")],
        &[("given_name", "")],
        &[("name", "")],
        &[("custom:none", "x"), ("cognito:user_status", "CONFIRMED")],
        &[("custom:none", "")],
        &[("identities", "[]")],
        &[("custom:level", "10")],
        &[("email", "nowhere")],
        &[("phone_number", "123")],
        &[("email_verified", "perhaps"), ("email", ALICE)],
        &[("email_verified", "true")],
        &[("phone_number_verified", "false")],
        &[("email", ""), ("email_verified", "true")],
        &[("name", "A"), ("name", "B")],
    ];
    let mut table = Table::default();
    for given in cases {
        table.row(&format!("{given:?}"), &update(&server, &pool, "alice", given).await);
    }
    let name = [("name", "B")];
    table.row("unknown user", &update(&server, &pool, "nobody", &name).await);
    table.row("other pool", &update(&server, OTHER_POOL, ALICE, &name).await);
    table.row("unknown pool", &update(&server, "eu-west-1_Nowhere", ALICE, &name).await);
    assert_snapshot!(table, @r#"
    [("sub", "x")]: 400 InvalidParameterException "user.sub: Attribute cannot be updated.\n"
    [("given_name", "Bo")]: 400 InvalidParameterException "user.given_name: Attribute cannot be updated.\n"
    [("given_name", "")]: 400 InvalidParameterException "user.given_name: Attribute cannot be updated.\n"
    [("name", "")]: 400 InvalidParameterException "Attributes did not conform to the schema: name: The attribute is required\n"
    [("custom:none", "x"), ("cognito:user_status", "CONFIRMED")]: 400 InvalidParameterException "Attributes did not conform to the schema: cognito:user_status: Attribute does not exist in the schema.\ncustom:none: Attribute does not exist in the schema.\n"
    [("custom:none", "")]: 400 InvalidParameterException "Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\n"
    [("identities", "[]")]: 400 InvalidParameterException "Attributes did not conform to the schema: identities: Attribute does not exist in the schema.\n"
    [("custom:level", "10")]: 400 InvalidParameterException "Attributes did not conform to the schema: custom:level: Attribute value must be a number within the bounds.\n"
    [("email", "nowhere")]: 400 InvalidParameterException "Invalid email address format."
    [("phone_number", "123")]: 400 InvalidParameterException "Invalid phone number format."
    [("email_verified", "perhaps"), ("email", "alice@example.com")]: 400 InvalidParameterException "Attributes did not conform to the schema: email_verified: Attribute value must be true or false.\n"
    [("email_verified", "true")]: 400 InvalidParameterException "Email is required to verify/un-verify an email"
    [("phone_number_verified", "false")]: 400 InvalidParameterException "Phone number is required to verify/un-verify a phone number"
    [("email", ""), ("email_verified", "true")]: 400 InvalidParameterException "Email is required to verify/un-verify an email"
    [("name", "A"), ("name", "B")]: 400 InvalidParameterException "Duplicate attributes are not allowed."
    unknown user: 400 UserNotFoundException "User does not exist."
    other pool: 400 UserNotFoundException "User does not exist."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    "#);
    assert_eq!(shown(&server, &pool, "alice").await, "given_name=Al name=A");
}
