//! From a sign-up to a sign-in without another proof: the `Session` of `SignUp`, `ConfirmSignUp`
//! and `InitiateAuth`.

use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;

const MAIL: &str = "sue@example.com";

async fn pool(server: &TestServer, mut settings: Value) -> TestPool<'_> {
    settings["AutoVerifiedAttributes"] = json!(["email"]);
    server.pool(settings).await
}

/// A sign-up's code and session.
async fn sign_up(pool: &TestPool<'_>, name: &str) -> (String, String) {
    let email = json!([{ "Name": "email", "Value": MAIL }]);
    let body = json!({ "Username": name, "Password": PASSWORD, "UserAttributes": email });
    let answer = pool.call("SignUp", body).await;
    // Messages of one moment have no order.
    pool.server.clock.advance(Duration::from_secs(1));
    (pool.server.newest_code().await.0, answer.get("/Session"))
}

async fn confirm(pool: &TestPool<'_>, name: &str, code: &str, session: &str) -> Answer {
    let body = json!({ "Username": name, "ConfirmationCode": code, "Session": session });
    pool.call("ConfirmSignUp", body).await
}

async fn sign_in(pool: &TestPool<'_>, name: &str, session: &str) -> Answer {
    let body = json!({
        "AuthFlow": "USER_AUTH", "Session": session, "AuthParameters": { "USERNAME": name },
    });
    pool.call("InitiateAuth", body).await
}

/// A user who has confirmed, and the session to sign in with.
async fn confirmed(pool: &TestPool<'_>, name: &str) -> String {
    let (code, session) = sign_up(pool, name).await;
    confirm(pool, name, &code, &session).await.get("/Session")
}

#[tokio::test]
async fn signs_in_at_once() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let (code, session) = sign_up(&pool, "sue").await;
    let answer = confirm(&pool, "sue", &code, &session).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    {
      "Session": "[sealed]"
    }
    "#);
    let session = answer.get("/Session");
    assert_snapshot!(sign_in(&pool, "sue", &session).await.show(), @r#"
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
    assert_snapshot!(sign_in(&pool, "sue", &session).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session can only be used once.""#);
}

#[tokio::test]
async fn through_the_administrative_operation() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let session = confirmed(&pool, "sue").await;
    let body = json!({
        "ClientId": pool.client,
        "AuthFlow": "USER_AUTH",
        "Session": session,
        "AuthParameters": { "USERNAME": "sue" },
    });
    let signed_in = pool.admin("AdminInitiateAuth", body).await;
    assert!(signed_in.json()["AuthenticationResult"]["AccessToken"].is_string());
}

#[tokio::test]
async fn what_else_such_a_session_is_not() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let (code, fresh) = sign_up(&pool, "sue").await;
    let mut table = Table::default();
    table.row("before the code", &sign_in(&pool, "sue", &fresh).await);
    table.row("as another's", &confirm(&pool, "eve", &code, &fresh).await);
    let (other, _) = sign_up(&pool, "eve").await;
    table.row("as another user's", &confirm(&pool, "eve", &other, &fresh).await);
    let middle = if fresh[80..].starts_with('A') { "B" } else { "A" };
    let forged = format!("{}{middle}{}", &fresh[..80], &fresh[81..]);
    table.row("forged", &confirm(&pool, "sue", &code, &forged).await);
    let wrong = if code == "123456" { "654321" } else { "123456" };
    table.row("with a wrong code", &confirm(&pool, "sue", wrong, &fresh).await);
    let session = confirm(&pool, "sue", &code, &fresh).await.get("/Session");
    table.row("the sign-up's after the code", &sign_in(&pool, "sue", &fresh).await);
    table.row("of another user", &sign_in(&pool, "eve", &session).await);
    let elsewhere = pool.hiding_client().await;
    table.row("at another client", &sign_in(&elsewhere, "sue", &session).await);
    let responses = json!({ "USERNAME": "sue", "PASSWORD": PASSWORD });
    table.row("as an answer", &pool.respond("PASSWORD", &session, responses.clone()).await);
    let choice = pool.initiate("USER_AUTH", json!({ "USERNAME": "sue" })).await.get("/Session");
    table.row("another kind of session", &sign_in(&pool, "sue", &choice).await);
    let nobody = json!({ "AuthFlow": "USER_AUTH", "Session": session, "AuthParameters": {} });
    table.row("without a name", &pool.call("InitiateAuth", nobody).await);
    server.clock.advance(Duration::from_mins(3));
    table.row("too late", &sign_in(&pool, "sue", &session).await);
    assert_snapshot!(table, @r#"
    before the code: 400 NotAuthorizedException "Invalid session for the user."
    as another's: 400 UserNotFoundException "Username/client id combination not found."
    as another user's: 400 NotAuthorizedException "Invalid session for the user."
    forged: 400 NotAuthorizedException "Invalid session for the user."
    with a wrong code: 400 CodeMismatchException "Invalid verification code provided, please try again."
    the sign-up's after the code: 400 NotAuthorizedException "Invalid session for the user."
    of another user: 400 NotAuthorizedException "Invalid session for the user."
    at another client: 400 NotAuthorizedException "Invalid session for the user."
    as an answer: 400 NotAuthorizedException "Invalid session for the user."
    another kind of session: 400 NotAuthorizedException "Invalid session for the user."
    without a name: 400 InvalidParameterException "Missing required parameter USERNAME"
    too late: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    "#);
}

#[tokio::test]
async fn through_clients_that_hide_users_nobody_is_like_somebody() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await.hiding_client().await;
    sign_up(&pool, "eve").await;
    let (code, session) = sign_up(&pool, "sue").await;
    let mut table = Table::default();
    for name in ["eve", "nobody"] {
        table.row(name, &confirm(&pool, name, &code, &session).await);
        table.row(name, &sign_in(&pool, name, &session).await);
    }
    assert_snapshot!(table, @r#"
    eve: 400 NotAuthorizedException "Invalid session for the user."
    eve: 400 NotAuthorizedException "Invalid session for the user."
    nobody: 400 NotAuthorizedException "Invalid session for the user."
    nobody: 400 NotAuthorizedException "Invalid session for the user."
    "#);
}

/// Reading one's mail may take longer than a session lasts.
#[tokio::test]
async fn a_code_counts_though_the_session_is_too_old() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let (code, session) = sign_up(&pool, "sue").await;
    server.clock.advance(Duration::from_mins(3));
    assert_snapshot!(confirm(&pool, "sue", &code, &session).await.line(), @"200 {}");
    pool.tokens("sue").await;
}

/// Some clients send no session and expect one.
#[tokio::test]
async fn a_code_is_enough_where_it_is_enough_to_sign_in() {
    let server = TestServer::start().await;
    let codes = |factor: &str| {
        let factors = json!({ "AllowedFirstAuthFactors": ["PASSWORD", factor] });
        json!({ "Policies": { "SignInPolicy": factors } })
    };
    let mut strict = codes("EMAIL_OTP");
    strict["MfaConfiguration"] = json!("ON");
    let mut given = Vec::new();
    for settings in [codes("EMAIL_OTP"), codes("SMS_OTP"), json!({}), strict] {
        let pool = pool(&server, settings).await;
        let (code, _) = sign_up(&pool, "sue").await;
        let body = json!({ "Username": "sue", "ConfirmationCode": code });
        let answer = pool.call("ConfirmSignUp", body).await;
        assert_eq!(answer.status, 200);
        if let Some(session) = answer.json()["Session"].as_str() {
            let signed_in = sign_in(&pool, "sue", session).await;
            assert!(signed_in.json()["AuthenticationResult"]["AccessToken"].is_string());
        }
        given.push(answer.json()["Session"].is_string());
    }
    assert_eq!(given, [true, false, false, false]);
}

#[tokio::test]
async fn whatever_shuts_a_user_out_ends_it() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let mut table = Table::default();
    let user = |name: &str| json!({ "Username": name });
    let mut set = user("reset");
    set["Password"] = json!(PASSWORD);
    let acts = [
        ("reset", "AdminSetUserPassword", set),
        ("out", "AdminUserGlobalSignOut", user("out")),
        ("disabled", "AdminDisableUser", user("disabled")),
        ("gone", "AdminDeleteUser", user("gone")),
    ];
    for (name, operation, body) in acts {
        let session = confirmed(&pool, name).await;
        assert_eq!(pool.admin(operation, body).await.status, 200);
        table.row(name, &sign_in(&pool, name, &session).await);
    }
    let session = confirmed(&pool, "locked").await;
    for _ in 0..5 {
        pool.sign_in("locked", "wrong").await;
    }
    table.row("locked", &sign_in(&pool, "locked", &session).await);
    assert_snapshot!(table, @r#"
    reset: 400 NotAuthorizedException "Invalid session for the user."
    out: 400 NotAuthorizedException "Invalid session for the user."
    disabled: 400 NotAuthorizedException "Invalid session for the user."
    gone: 400 NotAuthorizedException "Invalid session for the user."
    locked: 400 NotAuthorizedException "Password attempts exceeded"
    "#);
}

/// Cognito lets who has just confirmed in without a second factor once.
#[tokio::test]
async fn a_second_factor_that_is_due_is_asked_for() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({ "MfaConfiguration": "ON" })).await;
    let session = confirmed(&pool, "sue").await;
    let asked = sign_in(&pool, "sue", &session).await;
    assert_eq!(asked.get("/ChallengeName"), "EMAIL_OTP", "{}", asked.text);
}

#[tokio::test]
async fn only_clients_that_may_use_the_flow_get_one() {
    let server = TestServer::start().await;
    let pool = pool(&server, json!({})).await;
    let client = json!({ "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"] });
    let client = pool.admin("CreateUserPoolClient", client).await.get("/UserPoolClient/ClientId");
    let plain = TestPool { server: &server, id: pool.id.clone(), client };
    let body = json!({ "Username": "sue", "Password": PASSWORD });
    let answer = plain.call("SignUp", body).await.json();
    assert_eq!(
        answer.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["UserConfirmed", "UserSub"]
    );
    let session = confirmed(&pool, "eve").await;
    assert_snapshot!(sign_in(&plain, "eve", &session).await.line(), @r#"400 InvalidParameterException "USER_AUTH flow not enabled for this client""#);
}

/// Who signs in without a password signs up without one.
#[tokio::test]
async fn without_a_password_from_the_start() {
    let server = TestServer::start().await;
    let factors = json!({ "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] });
    let pool = pool(&server, json!({ "Policies": { "SignInPolicy": factors } })).await;
    let sign_up = async |name: &str, attribute: &str, value: &str| {
        let given = json!([{ "Name": attribute, "Value": value }]);
        pool.call("SignUp", json!({ "Username": name, "UserAttributes": given })).await
    };
    let mut table = Table::default();
    table.row("no address for a code", &sign_up("ned", "name", "Ned").await);
    table.row("the wrong kind", &sign_up("ned", "phone_number", "+14325551212").await);
    let answer = sign_up("sue", "email", MAIL).await;
    let (code, to) = server.newest_code().await;
    assert_eq!(to, MAIL);
    table.row("a password", &pool.sign_in("sue", PASSWORD).await);
    let session = confirm(&pool, "sue", &code, &answer.get("/Session")).await.get("/Session");
    let access = sign_in(&pool, "sue", &session).await.get("/AuthenticationResult/AccessToken");
    table.row("a password once confirmed", &pool.sign_in("sue", PASSWORD).await);
    server.clock.advance(Duration::from_secs(1));
    let mailed = json!({ "USERNAME": "sue", "PREFERRED_CHALLENGE": "EMAIL_OTP" });
    let asked = pool.initiate("USER_AUTH", mailed).await;
    let code = json!({ "USERNAME": "sue", "EMAIL_OTP_CODE": server.newest_code().await.0 });
    let done = pool.respond("EMAIL_OTP", &asked.get("/Session"), code).await;
    assert!(done.json()["AuthenticationResult"]["AccessToken"].is_string(), "{}", done.text);
    let factors = json!({ "AccessToken": access });
    let factors = server.cognito().call("GetUserAuthFactors", &factors).await;
    table.row("factors", &factors);
    let change = json!({ "AccessToken": access, "ProposedPassword": PASSWORD });
    table.row("a first password", &server.cognito().call("ChangePassword", &change).await);
    pool.tokens("sue").await;
    assert_snapshot!(table, @r#"
    no address for a code: 400 InvalidParameterException "Missing required parameter Password"
    the wrong kind: 400 InvalidParameterException "Missing required parameter Password"
    a password: 400 UserNotConfirmedException "User is not confirmed."
    a password once confirmed: 400 NotAuthorizedException "Incorrect username or password."
    factors: 200 {"Username":"sue","ConfiguredUserAuthFactors":["EMAIL_OTP"]}
    a first password: 200 {}
    "#);
}
