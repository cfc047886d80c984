//! `USER_AUTH`: the user chooses the first factor.

use crate::support::{Answer, PASSWORD, SrpClient, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const CARA: &str = "cara";
const MAIL: &str = "cara@example.com";
const NUMBER: &str = "+14325551212";

async fn pool_with(server: &TestServer, mut settings: Value) -> TestPool<'_> {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    settings["Policies"]["SignInPolicy"] = json!({ "AllowedFirstAuthFactors": factors });
    let pool = server.pool(settings).await;
    let proven = [("email_verified", "true"), ("phone_number_verified", "true")];
    let own = [("email", MAIL), ("phone_number", NUMBER)];
    pool.user(CARA, &[own, proven].concat()).await;
    pool
}

async fn begin(pool: &TestPool<'_>, name: &str, more: Value) -> Answer {
    let mut parameters = json!({ "USERNAME": name });
    parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pool.initiate("USER_AUTH", parameters).await
}

async fn prefer(pool: &TestPool<'_>, name: &str, challenge: &str) -> Answer {
    begin(pool, name, json!({ "PREFERRED_CHALLENGE": challenge })).await
}

async fn answer(pool: &TestPool<'_>, asked: &Answer, challenge: &str, more: Value) -> Answer {
    let mut responses = json!({ "USERNAME": CARA });
    responses.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pool.respond(challenge, &asked.get("/Session"), responses).await
}

fn is_signed_in(answer: &Answer) -> bool {
    answer.json()["AuthenticationResult"]["AccessToken"].is_string()
}

#[tokio::test]
async fn without_a_wish_all_is_offered() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let asked = begin(&pool, CARA, json!({})).await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "AvailableChallenges": [
        "PASSWORD_SRP",
        "PASSWORD",
        "EMAIL_OTP",
        "SMS_OTP"
      ],
      "ChallengeName": "SELECT_CHALLENGE",
      "ChallengeParameters": {
        "USERNAME": "cara"
      },
      "Session": "[sealed]"
    }
    "#);
    let done = json!({ "ANSWER": "PASSWORD", "PASSWORD": PASSWORD });
    let done = answer(&pool, &asked, "SELECT_CHALLENGE", done).await;
    assert!(is_signed_in(&done), "{}", done.text);
    // Cognito takes the challenge's own name just as well.
    let asked = begin(&pool, CARA, json!({})).await;
    let mut table = Table::default();
    let wrong = json!({ "PASSWORD": "wrong" });
    table.row("wrong", &answer(&pool, &asked, "PASSWORD", wrong).await);
    let done = answer(&pool, &asked, "PASSWORD", json!({ "PASSWORD": PASSWORD })).await;
    assert!(is_signed_in(&done), "{}", done.text);
    let again = json!({ "PASSWORD": PASSWORD });
    table.row("again", &answer(&pool, &asked, "PASSWORD", again).await);
    let asked = begin(&pool, CARA, json!({})).await;
    table
        .row("unknown", &answer(&pool, &asked, "SELECT_CHALLENGE", json!({ "ANSWER": "X" })).await);
    table.row("no answer", &answer(&pool, &asked, "SELECT_CHALLENGE", json!({})).await);
    table.row("no password", &answer(&pool, &asked, "PASSWORD", json!({})).await);
    table.row("no SRP_A", &answer(&pool, &asked, "PASSWORD_SRP", json!({})).await);
    let code = json!({ "EMAIL_OTP_CODE": "12345678" });
    table.row("a code nobody sent", &answer(&pool, &asked, "EMAIL_OTP", code).await);
    assert_snapshot!(table, @r#"
    wrong: 400 NotAuthorizedException "Incorrect username or password."
    again: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    unknown: 400 InvalidParameterException "ANSWER is no available challenge."
    no answer: 400 InvalidParameterException "Missing required parameter ANSWER"
    no password: 400 InvalidParameterException "Missing required parameter PASSWORD"
    no SRP_A: 400 InvalidParameterException "Missing required parameter SRP_A"
    a code nobody sent: 400 NotAuthorizedException "Invalid session for the user."
    "#);
}

#[tokio::test]
async fn the_password_at_once() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let with = |password: &str| json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": password });
    assert!(is_signed_in(&begin(&pool, CARA, with(PASSWORD)).await));
    let mut table = Table::default();
    table.row("wrong", &begin(&pool, CARA, with("wrong")).await);
    table.row("unknown", &begin(&pool, "nobody", with(PASSWORD)).await);
    assert_snapshot!(table, @r#"
    wrong: 400 NotAuthorizedException "Incorrect username or password."
    unknown: 400 UserNotFoundException "User does not exist."
    "#);
    let asked = prefer(&pool, CARA, "PASSWORD").await;
    assert_eq!(asked.get("/ChallengeName"), "PASSWORD");
    let done = answer(&pool, &asked, "PASSWORD", json!({ "PASSWORD": PASSWORD })).await;
    assert!(is_signed_in(&done), "{}", done.text);
}

#[tokio::test]
async fn the_password_proven() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let srp = SrpClient::new();
    let with = json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp.srp_a() });
    let asked = begin(&pool, CARA, with).await;
    assert_eq!(asked.get("/ChallengeName"), "PASSWORD_VERIFIER");
    let body = json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": srp.claim(&asked, &pool.id, PASSWORD),
    });
    let done = pool.call("RespondToAuthChallenge", body).await;
    assert!(is_signed_in(&done), "{}", done.text);
    let asked = begin(&pool, CARA, json!({})).await;
    let choice = json!({ "ANSWER": "PASSWORD_SRP", "SRP_A": srp.srp_a() });
    let asked = answer(&pool, &asked, "SELECT_CHALLENGE", choice).await;
    assert_eq!(asked.get("/ChallengeName"), "PASSWORD_VERIFIER");
}

#[tokio::test]
async fn a_code_by_mail() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "AvailableChallenges": [
        "EMAIL_OTP"
      ],
      "ChallengeName": "EMAIL_OTP",
      "ChallengeParameters": {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "c***@e***",
        "USERNAME": "cara"
      },
      "Session": "[sealed]"
    }
    "#);
    let (code, to) = server.newest_code().await;
    assert_eq!((code.len(), to.as_str()), (8, MAIL));
    let mut table = Table::default();
    let wrong = json!({ "EMAIL_OTP_CODE": "x" });
    table.row("wrong", &answer(&pool, &asked, "EMAIL_OTP", wrong).await);
    let texted = json!({ "SMS_OTP_CODE": code });
    table.row("as if texted", &answer(&pool, &asked, "SMS_OTP", texted).await);
    let password = json!({ "PASSWORD": PASSWORD });
    table.row("the password instead", &answer(&pool, &asked, "PASSWORD", password).await);
    let right = json!({ "EMAIL_OTP_CODE": code });
    assert!(is_signed_in(&answer(&pool, &asked, "EMAIL_OTP", right.clone()).await));
    table.row("again", &answer(&pool, &asked, "EMAIL_OTP", right).await);
    assert_snapshot!(table, @r#"
    wrong: 400 CodeMismatchException "Invalid code or auth state for the user."
    as if texted: 400 NotAuthorizedException "Invalid session for the user."
    the password instead: 400 NotAuthorizedException "Invalid session for the user."
    again: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
    assert_eq!(pool.attribute(CARA, "email_verified").await.as_deref(), Some("true"));
}

#[tokio::test]
async fn a_code_by_text_message() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let asked = begin(&pool, CARA, json!({})).await;
    let asked = answer(&pool, &asked, "SELECT_CHALLENGE", json!({ "ANSWER": "SMS_OTP" })).await;
    assert_eq!(asked.get("/ChallengeParameters/CODE_DELIVERY_DESTINATION"), "+*******1212");
    let code = json!({ "SMS_OTP_CODE": server.newest_code().await.0 });
    assert!(is_signed_in(&answer(&pool, &asked, "SMS_OTP", code).await));
    assert_eq!(pool.attribute(CARA, "phone_number_verified").await.as_deref(), Some("true"));
}

#[tokio::test]
async fn a_code_confirms_a_sign_up() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let email = json!([{ "Name": "email", "Value": "new@example.com" }]);
    let new = json!({ "Username": "new", "Password": PASSWORD, "UserAttributes": email });
    assert_eq!(pool.call("SignUp", new).await.status, 200);
    let asked = prefer(&pool, "new", "EMAIL_OTP").await;
    let responses = json!({ "USERNAME": "new", "EMAIL_OTP_CODE": server.newest_code().await.0 });
    let done = pool.respond("EMAIL_OTP", &asked.get("/Session"), responses).await;
    assert!(is_signed_in(&done), "{}", done.text);
    let user = pool.admin("AdminGetUser", json!({ "Username": "new" })).await;
    assert_eq!(user.get("/UserStatus"), "CONFIRMED");
}

#[tokio::test]
async fn no_code_alone_where_a_second_factor_is_due() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({ "MfaConfiguration": "OPTIONAL" })).await;
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    let code = server.newest_code().await.0;
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "Username": CARA, "EmailMfaSettings": block });
    pool.admin("AdminSetUserMFAPreference", preference).await;
    // Not even one that was sent before.
    let late = answer(&pool, &asked, "EMAIL_OTP", json!({ "EMAIL_OTP_CODE": code })).await;
    assert_snapshot!(late.line(), @r#"400 CodeMismatchException "Invalid code or auth state for the user.""#);
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    assert_eq!(asked.json()["AvailableChallenges"], json!(["PASSWORD_SRP", "PASSWORD"]));
    let done = json!({ "ANSWER": "PASSWORD", "PASSWORD": PASSWORD });
    let done = answer(&pool, &asked, "SELECT_CHALLENGE", done).await;
    assert_eq!(done.get("/ChallengeName"), "EMAIL_OTP");
    server.clock.advance(Duration::from_secs(1));
    let strict = pool_with(&server, json!({ "MfaConfiguration": "ON" })).await;
    let asked = begin(&strict, CARA, json!({})).await;
    assert_eq!(asked.json()["AvailableChallenges"], json!(["PASSWORD_SRP", "PASSWORD"]));
}

#[tokio::test]
async fn what_ends_it() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let mut table = Table::default();
    let code = async |asked: &Answer, name: &str| {
        let responses = json!({ "USERNAME": name, "EMAIL_OTP_CODE": server.newest_code().await.0 });
        pool.respond("EMAIL_OTP", &asked.get("/Session"), responses).await
    };
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    pool.user("eve", &[]).await;
    table.row("another user", &code(&asked, "eve").await);
    server.clock.advance(Duration::from_mins(3));
    table.row("too late", &code(&asked, CARA).await);
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    let other = pool.hiding_client().await;
    let responses = json!({ "USERNAME": CARA, "EMAIL_OTP_CODE": server.newest_code().await.0 });
    let elsewhere = other.respond("EMAIL_OTP", &asked.get("/Session"), responses).await;
    table.row("another client", &elsewhere);
    let set = json!({ "Username": CARA, "Password": PASSWORD, "Permanent": true });
    pool.admin("AdminSetUserPassword", set).await;
    table.row("a new password meanwhile", &code(&asked, CARA).await);
    server.clock.advance(Duration::from_secs(1));
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    pool.admin("AdminDisableUser", json!({ "Username": CARA })).await;
    table.row("disabled meanwhile", &code(&asked, CARA).await);
    assert_snapshot!(table, @r#"
    another user: 400 NotAuthorizedException "Invalid session for the user."
    too late: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    another client: 400 NotAuthorizedException "Invalid session for the user."
    a new password meanwhile: 400 CodeMismatchException "Invalid code or auth state for the user."
    disabled meanwhile: 400 CodeMismatchException "Invalid code or auth state for the user."
    "#);
}

#[tokio::test]
async fn wrong_codes_count_as_wrong_passwords_do() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let asked = prefer(&pool, CARA, "EMAIL_OTP").await;
    let right = json!({ "EMAIL_OTP_CODE": server.newest_code().await.0 });
    for _ in 0..5 {
        answer(&pool, &asked, "EMAIL_OTP", json!({ "EMAIL_OTP_CODE": "x" })).await;
    }
    let mut table = Table::default();
    table.row("locked", &answer(&pool, &asked, "EMAIL_OTP", right.clone()).await);
    table.row("the password, too", &pool.sign_in(CARA, PASSWORD).await);
    server.clock.advance(Duration::from_secs(2));
    table.row("the session is spent", &answer(&pool, &asked, "EMAIL_OTP", right).await);
    assert_snapshot!(table, @r#"
    locked: 400 NotAuthorizedException "Password attempts exceeded"
    the password, too: 400 NotAuthorizedException "Password attempts exceeded"
    the session is spent: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    "#);
}

#[tokio::test]
async fn nobodys_mailbox_is_flooded() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await.hiding_client().await;
    for name in [CARA, "nobody"] {
        for _ in 0..20 {
            assert_eq!(prefer(&pool, name, "EMAIL_OTP").await.status, 200);
        }
        let told = prefer(&pool, name, "EMAIL_OTP").await;
        assert!(told.text.contains("LimitExceededException"), "{}", told.text);
    }
    assert_eq!(server.engine.outbox(99).await.unwrap().len(), 20);
}

#[tokio::test]
async fn through_clients_that_hide_users_nobody_is_like_somebody() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await.hiding_client().await;
    let proven = [("email", MAIL), ("email_verified", "true")];
    pool.user("plain", &proven).await;
    pool.user("disabled", &proven).await;
    pool.admin("AdminDisableUser", json!({ "Username": "disabled" })).await;
    let email = json!([
        { "Name": "email", "Value": MAIL }, { "Name": "email_verified", "Value": "true" },
    ]);
    let bare = json!({ "Username": "bare", "UserAttributes": email });
    assert_eq!(pool.admin("AdminCreateUser", bare).await.get("/User/UserStatus"), "CONFIRMED");
    let mut table = Table::default();
    for name in ["plain", "disabled", "bare", "nobody"] {
        let asked = begin(&pool, name, json!({})).await.json();
        let choices = asked["AvailableChallenges"].clone();
        let offered = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
        assert_eq!(choices, offered, "{name}");
        let asked = prefer(&pool, name, "EMAIL_OTP").await;
        let to = asked.get("/ChallengeParameters/CODE_DELIVERY_DESTINATION");
        assert_eq!(to.len(), 9, "{to}");
        let wrong = json!({ "USERNAME": name, "EMAIL_OTP_CODE": "12345678" });
        table.row(name, &pool.respond("EMAIL_OTP", &asked.get("/Session"), wrong).await);
    }
    assert_snapshot!(table, @r#"
    plain: 400 CodeMismatchException "Invalid code or auth state for the user."
    disabled: 400 CodeMismatchException "Invalid code or auth state for the user."
    bare: 400 CodeMismatchException "Invalid code or auth state for the user."
    nobody: 400 CodeMismatchException "Invalid code or auth state for the user."
    "#);
    assert_eq!(server.engine.outbox(9).await.unwrap().len(), 2);
    // Nor does a password that there is none.
    let mut table = Table::default();
    let srp = SrpClient::new();
    for name in ["plain", "bare", "nobody"] {
        let wrong = json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "wrong" });
        table.row(name, &begin(&pool, name, wrong).await);
        let with = json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp.srp_a() });
        assert_eq!(begin(&pool, name, with).await.get("/ChallengeName"), "PASSWORD_VERIFIER");
    }
    assert_snapshot!(table, @r#"
    plain: 400 NotAuthorizedException "Incorrect username or password."
    bare: 400 NotAuthorizedException "Incorrect username or password."
    nobody: 400 NotAuthorizedException "Incorrect username or password."
    "#);
}

#[tokio::test]
async fn clients_that_may_not() {
    let server = TestServer::start().await;
    let pool = pool_with(&server, json!({})).await;
    let client = json!({ "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"] });
    let client = pool.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let pool = TestPool { client, ..pool };
    let mut table = Table::default();
    table.row("not enabled", &begin(&pool, CARA, json!({})).await);
    // Nor does the flow that lets users choose open the others.
    let client = json!({ "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] });
    let client = pool.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let pool = TestPool { client, ..pool };
    table.row("the password alone", &pool.sign_in(CARA, PASSWORD).await);
    let srp = SrpClient::new();
    let srp = json!({ "USERNAME": CARA, "SRP_A": srp.srp_a() });
    table.row("its proof alone", &pool.initiate("USER_SRP_AUTH", srp).await);
    table.row("no name", &pool.initiate("USER_AUTH", json!({})).await);
    assert_snapshot!(table, @r#"
    not enabled: 400 InvalidParameterException "USER_AUTH flow not enabled for this client"
    the password alone: 400 InvalidParameterException "USER_PASSWORD_AUTH flow not enabled for this client"
    its proof alone: 400 InvalidParameterException "USER_SRP_AUTH flow not enabled for this client"
    no name: 400 InvalidParameterException "Missing required parameter USERNAME"
    "#);
}
