//! `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER`: a remembered device in place of a second factor.

use crate::support::{
    Answer, PASSWORD, SrpClient, Table, TestPool, TestServer, Tokens, device_srp_responses,
    tracking,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use serde_json::{Value, json};
use std::time::Duration;

const SID: &str = "sid";

async fn prove(pool: &TestPool<'_>, responses: &Value) -> Answer {
    pool.respond_without_session("DEVICE_PASSWORD_VERIFIER", responses).await
}

#[tokio::test]
async fn in_place_of_a_code() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    assert_eq!(pool.sign_in(SID, PASSWORD).await.get("/ChallengeName"), "SMS_MFA");
    let asked = pool.sign_in_on(SID, PASSWORD, &device.key).await;
    let redacted = |answer: &Answer| answer.show().replace(&device.key, "[key]");
    assert_snapshot!(redacted(&asked), @r#"
    200 OK
    {
      "ChallengeName": "DEVICE_SRP_AUTH",
      "ChallengeParameters": {
        "DEVICE_KEY": "[key]",
        "USERNAME": "sid",
        "USER_ID_FOR_SRP": "sid"
      },
      "Session": "[sealed]"
    }
    "#);
    let challenge = pool.device_srp(SID, &asked.get("/Session"), &device.key).await;
    assert_snapshot!(redacted(&challenge), @r#"
    200 OK
    {
      "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
      "ChallengeParameters": {
        "DEVICE_KEY": "[key]",
        "SALT": "f2e3d4c5b6a79880716253443526170",
        "SECRET_BLOCK": "[sealed]",
        "SRP_B": "[number of the group]",
        "USERNAME": "sid"
      }
    }
    "#);
    assert_snapshot!(redacted(&pool.prove_device(&device, &challenge).await), @r#"
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
}

#[tokio::test]
async fn after_srp_without_a_session() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let key = Some(device.key.as_str());
    let challenge = pool.begin_srp(SID, key).await;
    let asked = pool.password_claim(&challenge, PASSWORD, key);
    let asked = pool.respond_without_session("PASSWORD_VERIFIER", &asked).await;
    assert_eq!(asked.get("/ChallengeName"), "DEVICE_SRP_AUTH");
    let responses = device_srp_responses(SID, &device.key);
    let challenge = pool.respond_without_session("DEVICE_SRP_AUTH", &responses).await;
    let claim = device.claim(&challenge);
    Tokens::of(&prove(&pool, &claim).await);
    // It was good for one sign-in.
    assert_snapshot!(prove(&pool, &claim).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session can only be used once.""#);
    let again = pool.respond_without_session("DEVICE_SRP_AUTH", &responses).await;
    assert_snapshot!(pool.prove_device(&device, &again).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session can only be used once.""#);
}

/// A device's secret, even with its key and the user's name, is one factor and not two.
#[tokio::test]
async fn nothing_without_the_password() {
    let server = TestServer::start().await;
    let (pool, tokens, device) = server.remembered_device(SID).await;
    pool.phone_user("eve").await;
    let mut table = Table::default();
    let responses = device_srp_responses(SID, &device.key);
    let nothing = pool.respond_without_session("DEVICE_SRP_AUTH", &responses).await;
    table.row("no password at all", &nothing);

    // Somebody else has just proven it, with another value.
    let challenge = pool.begin_srp(SID, Some(&device.key)).await;
    let claim = pool.password_claim(&challenge, PASSWORD, Some(&device.key));
    let asked = pool.respond_without_session("PASSWORD_VERIFIER", &claim).await;
    assert_eq!(asked.get("/ChallengeName"), "DEVICE_SRP_AUTH");
    let with = |name: &str, value: &str| {
        let mut altered = responses.clone();
        altered[name] = json!(value);
        altered
    };
    let cases = [
        ("another's value", with("SRP_A", "abcdef")),
        ("another device", with("DEVICE_KEY", "us-east-1_0")),
        ("another user", with("USERNAME", "eve")),
        ("nobody", with("USERNAME", "nobody")),
        ("no value", with("SRP_A", "00")),
    ];
    for (case, responses) in cases {
        table.row(case, &pool.respond_without_session("DEVICE_SRP_AUTH", &responses).await);
    }
    let device_srp = async |session: &str| pool.device_srp(SID, session, &device.key).await;
    table.row("no session", &device_srp("00000000000000000000").await);
    table.row("an access token", &device_srp(&tokens.access).await);
    let code = pool.sign_in(SID, PASSWORD).await.get("/Session");
    table.row("a code's session", &device_srp(&code).await);
    let own = asked.get("/Session");
    let eve = device_srp_responses("eve", &device.key);
    table.row("eve with it", &pool.respond("DEVICE_SRP_AUTH", &own, eve).await);
    let code = json!({ "USERNAME": SID, "SMS_MFA_CODE": "123456" });
    table.row("a code for it", &pool.respond("SMS_MFA", &own, code).await);
    let missing = json!({ "USERNAME": SID, "SRP_A": SrpClient::new().srp_a() });
    table.row("no key", &pool.respond("DEVICE_SRP_AUTH", &own, missing).await);
    server.clock.advance(Duration::from_mins(3));
    table.row("late", &device_srp(&own).await);
    let late = pool.respond_without_session("DEVICE_SRP_AUTH", &responses).await;
    table.row("late without session", &late);
    assert_snapshot!(table, @r#"
    no password at all: 400 NotAuthorizedException "Invalid session for the user."
    another's value: 400 NotAuthorizedException "Invalid session for the user."
    another device: 400 NotAuthorizedException "Invalid session for the user."
    another user: 400 NotAuthorizedException "Invalid session for the user."
    nobody: 400 NotAuthorizedException "Invalid session for the user."
    no value: 400 InvalidParameterException "SRP_A is not a value of the group."
    no session: 400 NotAuthorizedException "Invalid session for the user."
    an access token: 400 NotAuthorizedException "Invalid session for the user."
    a code's session: 400 NotAuthorizedException "Invalid session for the user."
    eve with it: 400 NotAuthorizedException "Invalid session for the user."
    a code for it: 400 NotAuthorizedException "Invalid session for the user."
    no key: 400 InvalidParameterException "Missing required parameter DEVICE_KEY"
    late: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    late without session: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    "#);
}

/// Which devices a user has shows to nobody but who knows the password.
#[tokio::test]
async fn a_wrong_password_says_nothing_of_devices() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let mut table = Table::default();
    for (case, key) in [("known", device.key.as_str()), ("unknown", "us-east-1_0")] {
        table.row(case, &pool.sign_in_on(SID, "Wrong-Passw0rd!", key).await);
        let challenge = pool.begin_srp(SID, Some(key)).await;
        let claim = pool.password_claim(&challenge, "Wrong-Passw0rd!", Some(key));
        table.row(case, &pool.respond_without_session("PASSWORD_VERIFIER", &claim).await);
        server.clock.advance(Duration::from_secs(16));
    }
    table.row("right", &pool.sign_in_on(SID, PASSWORD, "us-east-1_0").await);
    assert_snapshot!(table, @r#"
    known: 400 NotAuthorizedException "Incorrect username or password."
    known: 400 NotAuthorizedException "Incorrect username or password."
    unknown: 400 NotAuthorizedException "Incorrect username or password."
    unknown: 400 NotAuthorizedException "Incorrect username or password."
    right: 400 ResourceNotFoundException "Device does not exist."
    "#);
}

/// Clients that are told that their device does not exist send the same proof again without it.
#[tokio::test]
async fn a_proof_of_the_password_outlives_an_unknown_device() {
    let server = TestServer::start().await;
    let (pool, ..) = server.remembered_device(SID).await;
    let challenge = pool.begin_srp(SID, Some("us-east-1_0")).await;
    let mut claim = pool.password_claim(&challenge, PASSWORD, Some("us-east-1_0"));
    let refused = pool.respond_without_session("PASSWORD_VERIFIER", &claim).await;
    assert_snapshot!(refused.show(), @r#"
    400 Bad Request
    {
      "__type": "ResourceNotFoundException",
      "message": "Device does not exist."
    }
    "#);
    claim["DEVICE_KEY"] = Value::Null;
    let asked = pool.respond_without_session("PASSWORD_VERIFIER", &claim).await;
    assert_eq!(asked.get("/ChallengeName"), "SMS_MFA");
}

/// The device may be named at the beginning alone.
#[tokio::test]
async fn named_before_the_password_is_proven() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let challenge = pool.begin_srp(SID, Some(&device.key)).await;
    let claim = pool.password_claim(&challenge, PASSWORD, None);
    let asked = pool.respond_without_session("PASSWORD_VERIFIER", &claim).await;
    assert_eq!(asked.get("/ChallengeName"), "DEVICE_SRP_AUTH");
}

/// The rules of the pool, the user and the device: what is asked of whom.
#[tokio::test]
async fn what_is_asked() {
    let server = TestServer::start().await;
    let mut table = Vec::new();
    for (challenged, prompt, factor) in [
        (true, false, true),
        (true, false, false),
        (true, true, true),
        (true, true, false),
        (false, false, true),
        (false, false, false),
    ] {
        let pool = server.pool(tracking(challenged, prompt)).await;
        pool.phone_user(SID).await;
        let (_, device) = pool.device(SID).await;
        if factor {
            pool.prefer_sms(SID).await;
        }
        let answer = pool.sign_in_on(SID, PASSWORD, &device.key).await.json();
        let asked = answer["ChallengeName"].as_str().unwrap_or("nothing");
        let remembered = !prompt;
        table.push(format!(
            "rule {challenged}, remembered {remembered}, second factor {factor}: {asked}"
        ));
    }
    assert_snapshot!(table.join("\n"), @"
    rule true, remembered true, second factor true: DEVICE_SRP_AUTH
    rule true, remembered true, second factor false: DEVICE_SRP_AUTH
    rule true, remembered false, second factor true: SMS_MFA
    rule true, remembered false, second factor false: nothing
    rule false, remembered true, second factor true: SMS_MFA
    rule false, remembered true, second factor false: nothing
    ");
}

/// A device may have been remembered before the pool insisted on a second factor.
#[tokio::test]
async fn a_device_does_not_replace_the_set_up_of_a_factor() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user(SID, &[]).await;
    let (_, device) = pool.device(SID).await;
    assert_eq!(pool.sign_in_with(SID, &device).await.status, 200);
    let mut record = server.engine.pool(&operator(), &pool.id.as_str().into()).await.unwrap();
    record.mfa = poolkeeper_pool::entity::MfaMode::On;
    server.engine.replace_pool(&operator(), record).await.unwrap();
    let asked = pool.sign_in_on(SID, PASSWORD, &device.key).await;
    assert_eq!(asked.get("/ChallengeName"), "MFA_SETUP");
}

#[tokio::test]
async fn where_the_user_chooses_the_first_factor() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let begin = async |more: Value| {
        let mut parameters = json!({ "USERNAME": SID, "DEVICE_KEY": device.key });
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        pool.initiate("USER_AUTH", parameters).await
    };
    let password = json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD });
    let asked = begin(password).await;
    assert_eq!(asked.get("/ChallengeName"), "DEVICE_SRP_AUTH");
    let challenge = pool.device_srp(SID, &asked.get("/Session"), &device.key).await;
    Tokens::of(&pool.prove_device(&device, &challenge).await);
    let srp_a = SrpClient::new().srp_a();
    let srp = json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp_a });
    let claim = pool.password_claim(&begin(srp).await, PASSWORD, None);
    let asked = pool.respond_without_session("PASSWORD_VERIFIER", &claim).await;
    assert_eq!(asked.get("/ChallengeName"), "DEVICE_SRP_AUTH");
    let gone = json!({
        "PREFERRED_CHALLENGE": "PASSWORD",
        "PASSWORD": PASSWORD,
        "DEVICE_KEY": "us-east-1_0",
    });
    assert_eq!(begin(gone).await.get("/message"), "Device does not exist.");
}

#[tokio::test]
async fn through_administrative_operations_too() {
    let server = TestServer::start().await;
    let (pool, _, device) = server.remembered_device(SID).await;
    let asked = pool.sign_in_on(SID, PASSWORD, &device.key).await;
    let respond = async |challenge: &str, responses: Value| {
        let body = json!({
            "ClientId": pool.client,
            "ChallengeName": challenge,
            "Session": asked.get("/Session"),
            "ChallengeResponses": responses,
        });
        pool.admin("AdminRespondToAuthChallenge", body).await
    };
    let challenge = respond("DEVICE_SRP_AUTH", device_srp_responses(SID, &device.key)).await;
    let signed_in = respond("DEVICE_PASSWORD_VERIFIER", device.claim(&challenge)).await;
    Tokens::of(&signed_in);
}
