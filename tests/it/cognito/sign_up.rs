use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::DefaultWrite;
use poolkeeper_pool::ids::PoolId;
use serde_json::{Value, json};

const MAIL: &str = "una@example.com";

async fn sign_up(pool: &TestPool<'_>, username: &str, attributes: Value) -> Answer {
    let attributes: Vec<_> = attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    let body = json!({ "Username": username, "Password": PASSWORD, "UserAttributes": attributes });
    pool.call("SignUp", body).await
}

#[tokio::test]
async fn a_code_goes_to_the_address_that_the_pool_verifies() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let answer = sign_up(&pool, "una", json!({ "email": MAIL, "name": "Una" })).await;
    let shown = answer.show().replace(&answer.get("/UserSub"), "[sub]");
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "CodeDeliveryDetails": {
        "AttributeName": "email",
        "DeliveryMedium": "EMAIL",
        "Destination": "u***@e***"
      },
      "Session": "[sealed]",
      "UserConfirmed": false,
      "UserSub": "[sub]"
    }
    "#);
    let mails = server.engine.outbox(9).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    let code = mail.code.as_ref().unwrap().expose();
    let body = mail.body.expose().replace(code, "[code]");
    assert_snapshot!(format!("{} / {} / {body}", mail.to, mail.subject), @"una@example.com / Your verification code / Your confirmation code is [code].");
    let user = pool.admin("AdminGetUser", json!({ "Username": "una" })).await.json();
    assert_eq!(user["UserStatus"], "UNCONFIRMED");
    assert_eq!(pool.attribute("una", "email_verified").await.as_deref(), Some("false"));
    let mut table = Table::default();
    table.row("right password", &pool.sign_in("una", PASSWORD).await);
    table.row("wrong password", &pool.sign_in("una", "wrong").await);
    assert_snapshot!(table, @r#"
    right password: 400 UserNotConfirmedException "User is not confirmed."
    wrong password: 400 UserNotConfirmedException "User is not confirmed."
    "#);
    let hidden = json!({
        "ClientId": pool.client,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
    });
    pool.admin("UpdateUserPoolClient", hidden).await;
    let mut table = Table::default();
    table.row("right password", &pool.sign_in("una", PASSWORD).await);
    table.row("wrong password", &pool.sign_in("una", "wrong").await);
    assert_snapshot!(table, @r#"
    right password: 400 UserNotConfirmedException "User is not confirmed."
    wrong password: 400 NotAuthorizedException "Incorrect username or password."
    "#);
}

#[tokio::test]
async fn of_two_addresses_the_phone_number_gets_the_code() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email", "phone_number"] })).await;
    let both = json!({ "email": MAIL, "phone_number": "+14325551212" });
    let answer = sign_up(&pool, "una", both).await;
    assert_eq!(answer.get("/CodeDeliveryDetails/DeliveryMedium"), "SMS");
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), 1);
}

/// Or else somebody could come in under an address that nobody has proven (S5).
#[tokio::test]
async fn an_address_in_the_usernames_place_gets_the_code_before_another() {
    let server = TestServer::start().await;
    let both = json!(["email", "phone_number"]);
    // Whether or not its kind is listed.
    for listed in [both.clone(), json!(["email"]), json!(["phone_number"])] {
        let settings = json!({ "UsernameAttributes": both, "AutoVerifiedAttributes": listed });
        let pool = server.pool(settings).await;
        let answer = sign_up(&pool, MAIL, json!({ "phone_number": "+14325551212" })).await;
        assert_eq!(answer.get("/CodeDeliveryDetails/DeliveryMedium"), "EMAIL", "{listed}");
        let answer = sign_up(&pool, "+14325551213", json!({ "email": "b@example.com" })).await;
        assert_eq!(answer.get("/CodeDeliveryDetails/DeliveryMedium"), "SMS", "{listed}");
    }
    // Where nothing is verified, neither is a name.
    let pool = server.pool(json!({ "UsernameAttributes": both })).await;
    let sent = server.engine.outbox(99).await.unwrap().len();
    let answer = sign_up(&pool, MAIL, json!({})).await.json();
    assert_eq!(answer["CodeDeliveryDetails"], Value::Null);
    assert_eq!(server.engine.outbox(99).await.unwrap().len(), sent);
}

#[tokio::test]
async fn nothing_to_verify_nothing_sent() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["phone_number"] })).await;
    let answer = sign_up(&pool, "una", json!({ "email": MAIL })).await.json();
    assert_eq!(answer["CodeDeliveryDetails"], Value::Null);
    assert!(server.engine.outbox(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn where_the_address_is_the_username() {
    let server = TestServer::start().await;
    let settings = json!({ "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    let answer = sign_up(&pool, MAIL, json!({})).await;
    let sub = answer.get("/UserSub");
    assert_eq!(pool.attribute(&sub, "email").await.as_deref(), Some(MAIL));
    let user = pool.admin("AdminGetUser", json!({ "Username": MAIL })).await;
    assert_eq!(user.get("/Username"), sub);
    let mut table = Table::default();
    table.row("again", &sign_up(&pool, MAIL, json!({})).await);
    let capitals = sign_up(&pool, "UNA@example.com", json!({})).await;
    table.row("in capitals", &capitals);
    table.row("no address", &sign_up(&pool, "una", json!({})).await);
    table.row("two", &sign_up(&pool, "a@example.com", json!({ "email": MAIL })).await);
    let shown = table.to_string().replace(&capitals.get("/Session"), "[sealed]");
    assert_snapshot!(shown.replace(&capitals.get("/UserSub"), "[sub]"), @r#"
    again: 400 UsernameExistsException "An account with the given email already exists."
    in capitals: 200 {"UserConfirmed":false,"CodeDeliveryDetails":{"Destination":"U***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"},"UserSub":"[sub]","Session":"[sealed]"}
    no address: 400 InvalidParameterException "Username should be an email."
    two: 400 InvalidParameterException "User email should be empty or same as username, since username attribute is email."
    "#);
}

#[tokio::test]
async fn names_that_are_taken_or_may_not_be() {
    let server = TestServer::start().await;
    let aliases = ["email", "phone_number", "preferred_username"];
    let pool = server.pool(json!({ "AliasAttributes": aliases })).await;
    pool.user("una", &[("email", MAIL), ("email_verified", "true")]).await;
    pool.user("otto", &[("preferred_username", "big-o")]).await;
    let second = json!([{ "Name": "preferred_username", "Value": "una" }]);
    let second = json!({ "Username": "otto", "UserAttributes": second });
    let mut table = Table::default();
    for name in ["una", "una@example.org", "+14325551212", "big-o"] {
        table.row(name, &sign_up(&pool, name, json!({})).await);
    }
    let chosen = json!({ "preferred_username": "free" });
    table.row("a second name", &sign_up(&pool, "eve", chosen).await);
    let told = pool.admin("AdminUpdateUserAttributes", second).await;
    table.row("somebody's username as second name", &told);
    // Whose address it is shows at the confirmation.
    for (name, attributes) in [("new", json!({})), ("twin", json!({ "email": MAIL }))] {
        let free = sign_up(&pool, name, attributes).await;
        assert_eq!(free.status, 200, "{}", free.text);
    }
    assert_snapshot!(table, @r#"
    una: 400 UsernameExistsException "User already exists"
    una@example.org: 400 InvalidParameterException "Username cannot be of email format, since user pool is configured for email alias."
    +14325551212: 400 InvalidParameterException "Username cannot be of phone format, since user pool is configured for phone alias."
    big-o: 400 UsernameExistsException "User already exists"
    a second name: 400 InvalidParameterException "Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred username alias."
    somebody's username as second name: 400 AliasExistsException "An account with the given preferred_username already exists."
    "#);
}

/// People have seen that clients without a list let users write custom attributes
/// (<https://github.com/aws/aws-cdk/issues/21835>). Amazon's page says that they do not: an operator
/// can have that.
#[tokio::test]
async fn custom_attributes_through_a_client_without_a_list() {
    let server = TestServer::start().await;
    let schema = json!([
        { "Name": "tier", "AttributeDataType": "String" },
        { "Name": "inner", "AttributeDataType": "String", "DeveloperOnlyAttribute": true },
    ]);
    let pool = server.pool(json!({ "Schema": schema })).await;
    let listed = async |names: Value| {
        let update = json!({ "ClientId": pool.client, "WriteAttributes": names });
        let shown = pool.admin("UpdateUserPoolClient", update).await.json();
        shown["UserPoolClient"].get("WriteAttributes").cloned()
    };
    let standard_only = async || {
        let mut record =
            server.engine.pool(&operator(), &PoolId::from(pool.id.as_str())).await.unwrap();
        record.rules.default_write = DefaultWrite::Standard;
        server.engine.replace_pool(&operator(), record).await.unwrap();
    };
    let mut lines = Vec::new();
    for (case, list) in [
        ("no list", None),
        ("an empty list", Some(json!([]))),
        ("a list", Some(json!(["name"]))),
        ("an empty list, standard attributes", Some(json!([]))),
    ] {
        if let Some(list) = list {
            lines.push(format!("{case}: {:?}", listed(list).await));
        }
        if case.ends_with("standard attributes") {
            standard_only().await;
        }
        for name in ["name", "custom:tier", "dev:custom:inner"] {
            let username = format!("{case} {name}").replace(' ', "-");
            let answer = sign_up(&pool, &username, json!({ name: "gold" })).await;
            lines.push(format!("{case}, {name}: {}", answer.status));
        }
    }
    assert_snapshot!(lines.join("\n"), @r#"
    no list, name: 200 OK
    no list, custom:tier: 200 OK
    no list, dev:custom:inner: 400 Bad Request
    an empty list: None
    an empty list, name: 200 OK
    an empty list, custom:tier: 200 OK
    an empty list, dev:custom:inner: 400 Bad Request
    a list: Some(Array [String("name")])
    a list, name: 200 OK
    a list, custom:tier: 400 Bad Request
    a list, dev:custom:inner: 400 Bad Request
    an empty list, standard attributes: None
    an empty list, standard attributes, name: 200 OK
    an empty list, standard attributes, custom:tier: 400 Bad Request
    an empty list, standard attributes, dev:custom:inner: 400 Bad Request
    "#);
}

#[tokio::test]
async fn what_is_refused() {
    let server = TestServer::start().await;
    let schema = json!([
        { "Name": "given_name", "AttributeDataType": "String", "Required": true },
        { "Name": "tier", "AttributeDataType": "String" },
    ]);
    let pool = server.pool(json!({ "Schema": schema })).await;
    let mut table = Table::default();
    let with = |name: &str, value: &str| json!({ "given_name": "U", name: value });
    table.row("a required one missing", &sign_up(&pool, "una", json!({})).await);
    table.row("verified at once", &sign_up(&pool, "una", with("email_verified", "true")).await);
    let name = json!({ "ClientId": pool.client, "WriteAttributes": ["given_name", "email"] });
    pool.admin("UpdateUserPoolClient", name).await;
    table.row("not writable", &sign_up(&pool, "una", with("custom:tier", "gold")).await);
    table.row("unknown", &sign_up(&pool, "una", with("nonsense", "x")).await);
    table.row("sub", &sign_up(&pool, "una", with("sub", "x")).await);
    table.row("no address", &sign_up(&pool, "una", with("email", "una")).await);
    let given = json!([{ "Name": "given_name", "Value": "U" }]);
    let weak = json!({ "Username": "una", "Password": "weak", "UserAttributes": given });
    table.row("a weak password", &pool.call("SignUp", weak).await);
    let none = json!({ "Username": "una", "UserAttributes": given });
    table.row("no password", &pool.call("SignUp", none).await);
    let body = json!({ "ClientId": "unknown", "Username": "una", "Password": PASSWORD });
    table.row("no client", &server.cognito().call("SignUp", &body).await);
    assert_snapshot!(table, @r#"
    a required one missing: 400 InvalidParameterException "Attributes did not conform to the schema: given_name: The attribute is required\n"
    verified at once: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    not writable: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    unknown: 400 InvalidParameterException "Attributes did not conform to the schema: nonsense: Attribute does not exist in the schema.\n"
    sub: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    no address: 400 InvalidParameterException "Invalid email address format."
    a weak password: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    no password: 400 InvalidParameterException "Missing required parameter Password"
    no client: 400 ResourceNotFoundException "User pool client unknown does not exist."
    "#);
    let users = pool.admin("ListUsers", json!({})).await.json();
    assert_eq!(users["Users"], json!([]));
}

#[tokio::test]
async fn where_only_administrators_make_users() {
    let server = TestServer::start().await;
    let config = json!({ "AllowAdminCreateUserOnly": true });
    let pool = server.pool(json!({ "AdminCreateUserConfig": config })).await;
    assert_snapshot!(sign_up(&pool, "una", json!({})).await.line(), @r#"400 NotAuthorizedException "SignUp is not permitted for this user pool""#);
}

#[tokio::test]
async fn clients_with_a_secret_prove_it() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    let client = json!({ "ClientName": "secret", "GenerateSecret": true });
    let client = pool.admin("CreateUserPoolClient", client).await;
    let id = client.get("/UserPoolClient/ClientId");
    let secret = client.get("/UserPoolClient/ClientSecret");
    let sign_up = async |hash: Option<String>| {
        let mut body = json!({ "ClientId": id, "Username": "una", "Password": PASSWORD });
        if let Some(hash) = hash {
            body["SecretHash"] = json!(hash);
        }
        server.cognito().call("SignUp", &body).await
    };
    let hash = |name: &str| crate::support::hash_with(&secret, name, &id);
    let mut table = Table::default();
    table.row("none", &sign_up(None).await);
    table.row("wrong", &sign_up(Some(hash("otto"))).await);
    assert_eq!(sign_up(Some(hash("una"))).await.status, 200);
    assert_snapshot!(table.to_string().replace(&id, "[client]"), @r#"
    none: 400 NotAuthorizedException "Client [client] is configured for secret but secret was not received"
    wrong: 400 NotAuthorizedException "Unable to verify secret hash for client [client]"
    "#);
}

/// A second name has to be given at a sign-up where the pool says so, and only there may it be.
#[tokio::test]
async fn a_second_name_that_is_required() {
    let server = TestServer::start().await;
    let schema = json!([
        { "Name": "preferred_username", "AttributeDataType": "String", "Required": true },
    ]);
    let settings = json!({ "AliasAttributes": ["preferred_username"], "Schema": schema });
    let pool = server.pool(settings).await;
    let mut table = Table::default();
    table.row("none", &sign_up(&pool, "una", json!({})).await);
    let taken = json!({ "preferred_username": "big-o" });
    assert_eq!(sign_up(&pool, "otto", taken.clone()).await.status, 200);
    table.row("taken", &sign_up(&pool, "una", taken).await);
    assert_snapshot!(table, @r#"
    none: 400 InvalidParameterException "Attributes did not conform to the schema: preferred_username: The attribute is required\n"
    taken: 400 UsernameExistsException "An account with the given preferred_username already exists."
    "#);
    // Where it is no name to sign in by, it is an attribute like any.
    let plain = server.pool(json!({})).await;
    let named = json!({ "preferred_username": "big-o" });
    assert_eq!(sign_up(&plain, "una", named).await.status, 200);
}

#[tokio::test]
async fn where_the_number_is_the_username() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "UsernameAttributes": ["phone_number"] })).await;
    assert_eq!(sign_up(&pool, "+14325551212", json!({})).await.status, 200);
    let mut table = Table::default();
    table.row("again", &sign_up(&pool, "+14325551212", json!({})).await);
    table.row("no number", &sign_up(&pool, MAIL, json!({})).await);
    assert_snapshot!(table, @r#"
    again: 400 UsernameExistsException "An account with the given phone_number already exists."
    no number: 400 InvalidParameterException "Username should be a phone number."
    "#);
}
