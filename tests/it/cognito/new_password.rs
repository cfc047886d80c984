//! `NEW_PASSWORD_REQUIRED`.

use crate::support::{Answer, PASSWORD, POOL, Table, TestServer, Tokens, claims};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const NEW: &str = "new@example.com";
const PASSWORD_2: &str = "N3w-Passw0rd";

async fn session(server: &TestServer) -> String {
    server.cognito().sign_in(NEW, PASSWORD).await.get("/Session")
}

async fn answer(server: &TestServer, session: &str, more: Value) -> Answer {
    let mut responses = json!({ "USERNAME": NEW, "NEW_PASSWORD": PASSWORD_2 });
    responses.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().respond("NEW_PASSWORD_REQUIRED", session, responses).await
}

#[tokio::test]
async fn asked_and_answered() {
    let server = TestServer::start().await;
    let user = server.new_user(NEW, &[]).await;
    server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
    let asked = server.cognito().sign_in(NEW, PASSWORD).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "NEW_PASSWORD_REQUIRED",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09",
        "requiredAttributes": "[]",
        "userAttributes": "{\"email\":\"new@example.com\",\"email_verified\":\"true\"}"
      },
      "Session": "[sealed]"
    }
    "#);
    let done = answer(&server, &asked.get("/Session"), json!({})).await;
    assert_snapshot!(done.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
    assert_eq!(server.cognito().sign_in(NEW, PASSWORD_2).await.status, 200);
    assert_eq!(server.cognito().sign_in(NEW, PASSWORD).await.status, 400);
}

#[tokio::test]
async fn the_canonical_username_answers_too() {
    let server = TestServer::start().await;
    let user = server.new_user(NEW, &[]).await;
    for name in [user.username.as_str(), "NEW@EXAMPLE.COM"] {
        let session = session(&server).await;
        let weak = json!({ "USERNAME": name, "NEW_PASSWORD": "weak" });
        let refused = answer(&server, &session, weak).await;
        assert_eq!(refused.get("/__type"), "InvalidPasswordException", "{name}");
    }
}

#[tokio::test]
async fn attributes_given_along_are_kept() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let more = json!({ "userAttributes.name": "New", "userAttributes.locale": "de" });
    let tokens = Tokens::of(&answer(&server, &session, more).await);
    let id = claims(&tokens.id);
    assert_eq!([&id["name"], &id["locale"]], ["New", "de"]);
    assert_eq!(claims(&tokens.access)["auth_time"], id["auth_time"]);
}

#[tokio::test]
async fn passwords_that_break_the_policy() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let passwords =
        ["", "Sh0rt!", "NO-LOWER-0", "no-upper-0", "No-Digits-", "NoSymbols0", " Sp4ced-out "];
    let mut table = Table::default();
    for password in passwords {
        table.row(password, &answer(&server, &session, json!({ "NEW_PASSWORD": password })).await);
    }
    let long = format!("Aa0-{}", "x".repeat(253));
    table.row("257 characters", &answer(&server, &session, json!({ "NEW_PASSWORD": long })).await);
    assert_snapshot!(table, @r#"
    : 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    Sh0rt!: 400 InvalidPasswordException "Password did not conform with policy: Password not long enough"
    NO-LOWER-0: 400 InvalidPasswordException "Password did not conform with policy: Password must have lowercase characters"
    no-upper-0: 400 InvalidPasswordException "Password did not conform with policy: Password must have uppercase characters"
    No-Digits-: 400 InvalidPasswordException "Password did not conform with policy: Password must have numeric characters"
    NoSymbols0: 400 InvalidPasswordException "Password did not conform with policy: Password must have symbol characters"
     Sp4ced-out : 400 InvalidPasswordException "Password did not conform with policy: Password must not begin or end with a space"
    257 characters: 400 InvalidPasswordException "Password did not conform with policy: Password too long"
    "#);
    assert_eq!(answer(&server, &session, json!({})).await.status, 200, "the session still works");
}

#[tokio::test]
async fn attributes_that_may_not_be_given() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let cases = [
        ("userAttributes.email_verified", "true"),
        ("userAttributes.custom:admin", "true"),
        ("userAttributes.no_such", "x"),
        ("userAttributes.sub", "x"),
        ("userAttributes.email", "other@example.com"),
        ("userAttributes.birthdate", "yesterday"),
        ("userAttributes.phone_number", "12345"),
        ("userAttributes.updated_at", "now"),
        ("userAttributes.name", &"x".repeat(2049)),
    ];
    let mut table = Table::default();
    for (name, value) in cases {
        table.row(name, &answer(&server, &session, json!({ name: value })).await);
    }
    assert_snapshot!(table, @r#"
    userAttributes.email_verified: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    userAttributes.custom:admin: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    userAttributes.no_such: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    userAttributes.sub: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    userAttributes.email: 400 InvalidParameterException "Cannot modify an already provided email"
    userAttributes.birthdate: 400 InvalidParameterException "Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters\n"
    userAttributes.phone_number: 400 InvalidParameterException "Invalid phone number format."
    userAttributes.updated_at: 400 InvalidParameterException "Attributes did not conform to the schema: updated_at: Attribute value must be a number within the bounds.\n"
    userAttributes.name: 400 InvalidParameterException "Attributes did not conform to the schema: name: Attribute value is invalid.\n"
    "#);
}

#[tokio::test]
async fn sessions_that_do_not_count() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    server.user("bob@example.com", &[]).await;
    let spent = session(&server).await;
    let mut forged = spent.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.insert(forged.len() / 2, last);
    let mut table = Table::default();
    table.row("forged", &answer(&server, &forged, json!({})).await);
    table.row("not ours", &answer(&server, &"x".repeat(40), json!({})).await);
    let bob = json!({ "USERNAME": "bob@example.com" });
    table.row("other user's", &answer(&server, &spent, bob).await);
    let unknown = json!({ "USERNAME": "nobody@example.com" });
    table.row("nobody's", &answer(&server, &spent, unknown).await);
    let code = json!({ "USERNAME": NEW, "SOFTWARE_TOKEN_MFA_CODE": "123456" });
    let cognito = server.cognito();
    table.row("other challenge", &cognito.respond("SOFTWARE_TOKEN_MFA", &spent, code).await);
    let code = json!({ "USERNAME": NEW, "EMAIL_OTP_CODE": "123456" });
    table.row("other challenge", &cognito.respond("EMAIL_OTP", &spent, code).await);
    let name = json!({ "USERNAME": NEW });
    table.row("other challenge", &cognito.respond("MFA_SETUP", &spent, name).await);
    assert_eq!(answer(&server, &spent, json!({})).await.status, 200);
    table.row("spent", &answer(&server, &spent, json!({})).await);
    assert_snapshot!(table, @r#"
    forged: 400 NotAuthorizedException "Invalid session for the user."
    not ours: 400 NotAuthorizedException "Invalid session for the user."
    other user's: 400 NotAuthorizedException "Invalid session for the user."
    nobody's: 400 NotAuthorizedException "Invalid session for the user."
    other challenge: 400 NotAuthorizedException "Invalid session for the user."
    other challenge: 400 NotAuthorizedException "Invalid session for the user."
    other challenge: 400 NotAuthorizedException "Invalid session for the user."
    spent: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
}

#[tokio::test]
async fn a_session_of_another_client() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let body = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ClientId": crate::support::PORTAL_CLIENT,
        "Session": session(&server).await,
        "ChallengeResponses": { "USERNAME": NEW, "NEW_PASSWORD": PASSWORD_2 },
    });
    let answer = server.cognito().call("RespondToAuthChallenge", &body).await;
    assert_snapshot!(answer.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}

#[tokio::test]
async fn a_session_lives_for_three_minutes() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let weak = || json!({ "NEW_PASSWORD": "weak" });
    server.clock.advance(Duration::from_secs(179));
    let early = answer(&server, &session, weak()).await;
    assert_eq!(early.get("/__type"), "InvalidPasswordException");
    server.clock.advance(Duration::from_secs(1));
    assert_snapshot!(answer(&server, &session, weak()).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session is expired.""#);
}

/// Two sessions of one sign-in race: whoever answers first has set the password.
#[tokio::test]
async fn a_second_session_is_worth_nothing_once_the_first_was_answered() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let (first, second) = (session(&server).await, session(&server).await);
    assert_eq!(answer(&server, &first, json!({})).await.status, 200);
    let other = json!({ "NEW_PASSWORD": "0ther-Passw0rd" });
    assert_snapshot!(answer(&server, &second, other).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
    assert_eq!(server.cognito().sign_in(NEW, PASSWORD_2).await.status, 200);
}

#[tokio::test]
async fn a_session_is_worth_nothing_once_an_administrator_has_set_a_password() {
    let server = TestServer::start().await;
    server.new_user(NEW, &[]).await;
    let session = session(&server).await;
    let body = json!({
        "UserPoolId": POOL,
        "Username": NEW,
        "Password": "By-4dmin-Set",
        "Permanent": true,
    });
    assert_eq!(server.cognito().admin("AdminSetUserPassword", &body).await.status, 200);
    assert_snapshot!(answer(&server, &session, json!({})).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}

/// A pool whose users must have a name and an address before they are through.
async fn pool_with_required_attributes(server: &TestServer) -> (String, String) {
    let cognito = server.cognito();
    let pool = json!({
        "PoolName": "strict",
        "Schema": [
            { "Name": "email", "Required": true },
            { "Name": "name", "Required": true },
        ],
    });
    let pool = cognito.admin("CreateUserPool", &pool).await.get("/UserPool/Id");
    let client = json!({
        "UserPoolId": pool,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "WriteAttributes": ["locale"],
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let user = json!({
        "UserPoolId": pool,
        "Username": "new",
        "TemporaryPassword": PASSWORD,
        "MessageAction": "SUPPRESS",
        "UserAttributes": [{ "Name": "email", "Value": NEW }],
    });
    assert_eq!(cognito.admin("AdminCreateUser", &user).await.status, 200);
    (pool, client.get("/UserPoolClient/ClientId"))
}

#[tokio::test]
async fn required_attributes() {
    let server = TestServer::start().await;
    let (_, client) = pool_with_required_attributes(&server).await;
    let cognito = server.cognito();
    let parameters = json!({ "USERNAME": "new", "PASSWORD": PASSWORD });
    let asked = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "NEW_PASSWORD_REQUIRED",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "new",
        "requiredAttributes": "[\"userAttributes.name\"]",
        "userAttributes": "{\"email\":\"new@example.com\"}"
      },
      "Session": "[sealed]"
    }
    "#);
    let answer = async |more: Value| {
        let mut responses = json!({ "USERNAME": "new", "NEW_PASSWORD": PASSWORD_2 });
        responses.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ClientId": client,
            "Session": asked.get("/Session"),
            "ChallengeResponses": responses,
        });
        server.cognito().call("RespondToAuthChallenge", &body).await
    };
    let mut table = Table::default();
    table.row("missing", &answer(json!({})).await);
    table.row("empty", &answer(json!({ "userAttributes.name": "" })).await);
    let changed = json!({ "userAttributes.name": "N", "userAttributes.email": "a@b.co" });
    table.row("one that is there", &answer(changed).await);
    let unwritable = json!({ "userAttributes.name": "N", "userAttributes.nickname": "N" });
    table.row("one not writable", &answer(unwritable).await);
    assert_snapshot!(table, @r#"
    missing: 400 InvalidParameterException "Invalid attributes given, name is missing"
    empty: 400 InvalidParameterException "Invalid attributes given, name is missing"
    one that is there: 400 InvalidParameterException "Cannot modify an already provided email"
    one not writable: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    "#);
    let given = json!({ "userAttributes.name": "N", "userAttributes.locale": "de" });
    let id = claims(&Tokens::of(&answer(given).await).id);
    assert_eq!([&id["name"], &id["locale"], &id["email"]], ["N", "de", NEW]);
}

/// Where the address is no sign-in name it may be changed, but then nobody has verified it.
#[tokio::test]
async fn a_changed_address_is_not_verified() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let pool = cognito.admin("CreateUserPool", &json!({ "PoolName": "plain" })).await;
    let pool = pool.get("/UserPool/Id");
    let client = json!({
        "UserPoolId": pool,
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = cognito.admin("CreateUserPoolClient", &client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let user = json!({
        "UserPoolId": pool,
        "Username": "new",
        "TemporaryPassword": PASSWORD,
        "MessageAction": "SUPPRESS",
        "UserAttributes": [
            { "Name": "email", "Value": NEW },
            { "Name": "email_verified", "Value": "true" },
        ],
    });
    cognito.admin("AdminCreateUser", &user).await;
    let parameters = json!({ "USERNAME": "new", "PASSWORD": PASSWORD });
    let asked = cognito.initiate_as(&client, "USER_PASSWORD_AUTH", parameters).await;
    let body = json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ClientId": client,
        "Session": asked.get("/Session"),
        "ChallengeResponses": {
            "USERNAME": "new",
            "NEW_PASSWORD": PASSWORD_2,
            "userAttributes.email": "victim@example.com",
        },
    });
    let id = claims(&Tokens::of(&cognito.call("RespondToAuthChallenge", &body).await).id);
    assert_eq!(id["email"], "victim@example.com");
    assert_eq!(id["email_verified"], false);
}

/// A temporary password is not enough to ask what the passwords before it were.
#[tokio::test]
async fn a_password_of_late_is_refused_and_counts() {
    let server = TestServer::start().await;
    let policy = json!({ "PasswordHistorySize": 3, "MinimumLength": 6 });
    let pool = server.pool(json!({ "Policies": { "PasswordPolicy": policy } })).await;
    pool.user("otto", &[]).await;
    let set = json!({ "Username": "otto", "Password": "T3mporary!", "Permanent": false });
    pool.admin("AdminSetUserPassword", set).await;
    let session = pool.sign_in("otto", "T3mporary!").await.get("/Session");
    let answer = async |password: &str| {
        let responses = json!({ "USERNAME": "otto", "NEW_PASSWORD": password });
        pool.respond("NEW_PASSWORD_REQUIRED", &session, responses).await
    };
    let mut table = Table::default();
    for attempt in 1..=5 {
        table.row(&format!("attempt {attempt}"), &answer(PASSWORD).await);
    }
    table.row("another one, now", &answer("An0ther-one!").await);
    server.clock.advance(Duration::from_secs(2));
    table.row("and later", &answer("An0ther-one!").await);
    assert_snapshot!(table, @r#"
    attempt 1: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    attempt 2: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    attempt 3: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    attempt 4: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    attempt 5: 400 PasswordHistoryPolicyViolationException "Password has previously been used. Please choose another one."
    another one, now: 400 NotAuthorizedException "Password attempts exceeded"
    and later: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
    let session = pool.sign_in("otto", "T3mporary!").await.get("/Session");
    let responses = json!({ "USERNAME": "otto", "NEW_PASSWORD": "An0ther-one!" });
    let done = pool.respond("NEW_PASSWORD_REQUIRED", &session, responses).await;
    assert!(done.json()["AuthenticationResult"]["AccessToken"].is_string(), "{}", done.text);
}

/// What the client may not read is not told on the way in, either.
#[tokio::test]
async fn only_what_the_client_may_read_is_told() {
    let server = TestServer::start().await;
    let inner =
        json!({ "Name": "inner", "AttributeDataType": "String", "DeveloperOnlyAttribute": true });
    let pool = server.pool(json!({ "Schema": [inner] })).await;
    let read = json!({
        "ClientId": pool.client,
        "ReadAttributes": ["email"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    assert_eq!(pool.admin("UpdateUserPoolClient", read).await.status, 200);
    let attributes = json!([
        { "Name": "email", "Value": NEW },
        { "Name": "phone_number", "Value": "+14325551212" },
        { "Name": "dev:custom:inner", "Value": "secret" },
    ]);
    let user = json!({
        "Username": "new",
        "TemporaryPassword": PASSWORD,
        "MessageAction": "SUPPRESS",
        "UserAttributes": attributes,
    });
    assert_eq!(pool.admin("AdminCreateUser", user).await.status, 200);
    let asked = pool.sign_in("new", PASSWORD).await;
    assert_snapshot!(asked.get("/ChallengeParameters/userAttributes"), @r#"{"email":"new@example.com"}"#);
}
