use crate::support::{PASSWORD, Table, TestDevice, TestServer, Tokens, tracking};
use insta::assert_snapshot;
use serde_json::json;

const SID: &str = "sid";

#[tokio::test]
async fn a_device_is_remembered_at_once() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user(SID, &[]).await;
    let signed_in = pool.sign_in(SID, PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    assert_snapshot!(pool.confirm_device(&tokens, &device).await.show(), @r#"
    200 OK
    {
      "UserConfirmationNecessary": false
    }
    "#);
    let shown = pool.own_device("GetDevice", &tokens, &device.key).await;
    assert!(shown.text.contains(r#"{"Name":"dev:device_remembered_status","Value":"remembered"}"#));
}

#[tokio::test]
async fn or_once_its_user_says_so() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, true)).await;
    pool.user(SID, &[]).await;
    let signed_in = pool.sign_in(SID, PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    assert_snapshot!(pool.confirm_device(&tokens, &device).await.show(), @r#"
    200 OK
    {
      "UserConfirmationNecessary": true
    }
    "#);
    let shown = pool.own_device("GetDevice", &tokens, &device.key).await;
    assert!(shown.text.contains(r#""Value":"not_remembered""#));
}

#[tokio::test]
async fn only_the_key_of_the_sign_in_itself() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    let untracked = server.pool(json!({})).await;
    for (pool, name) in [(&pool, SID), (&pool, "eve"), (&untracked, SID)] {
        pool.user(name, &[]).await;
    }
    let signed_in = pool.sign_in(SID, PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    let other = pool.tokens(SID).await;
    let mut table = Table::default();
    table.row("of another sign-in", &pool.confirm_device(&other, &device).await);
    table.row("of another user", &pool.confirm_device(&pool.tokens("eve").await, &device).await);
    let by_admin = json!({
        "ClientId": pool.client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": SID, "PASSWORD": PASSWORD },
    });
    let by_admin = Tokens::of(&pool.admin("AdminInitiateAuth", by_admin).await);
    table.row("an administrator's sign-in", &pool.confirm_device(&by_admin, &device).await);
    let elsewhere = untracked.tokens(SID).await;
    table.row("a pool without devices", &pool.confirm_device(&elsewhere, &device).await);
    let forged = Tokens { access: "a.b.c".to_owned(), ..tokens.clone() };
    table.row("no token", &pool.confirm_device(&forged, &device).await);
    assert_eq!(pool.confirm_device(&tokens, &device).await.status, 200);
    table.row("a second time", &pool.confirm_device(&tokens, &device).await);
    assert_snapshot!(table, @r#"
    of another sign-in: 400 InvalidParameterException "Invalid device key given."
    of another user: 400 InvalidParameterException "Invalid device key given."
    an administrator's sign-in: 400 InvalidParameterException "Invalid device key given."
    a pool without devices: 400 InvalidParameterException "Invalid device key given."
    no token: 400 NotAuthorizedException "Invalid Access Token"
    a second time: 400 DeviceKeyExistsException "Device already exists."
    "#);
}

#[tokio::test]
async fn a_secret_that_everybody_knows_is_none() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user(SID, &[]).await;
    let signed_in = pool.sign_in(SID, PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    let mut table = Table::default();
    let right = device.config();
    let cases = [
        ("no verifier", json!({ "Salt": right["Salt"] })),
        ("no salt", json!({ "PasswordVerifier": right["PasswordVerifier"] })),
        ("zero", json!({ "Salt": right["Salt"], "PasswordVerifier": "AA==" })),
        ("one", json!({ "Salt": right["Salt"], "PasswordVerifier": "AQ==" })),
        ("an empty salt", json!({ "Salt": "", "PasswordVerifier": right["PasswordVerifier"] })),
        ("no base64", json!({ "Salt": right["Salt"], "PasswordVerifier": "!" })),
    ];
    for (case, config) in cases {
        let body = json!({
            "AccessToken": tokens.access,
            "DeviceKey": device.key,
            "DeviceSecretVerifierConfig": config,
        });
        table.row(case, &server.cognito().call("ConfirmDevice", &body).await);
    }
    let nothing = pool.own_device("ConfirmDevice", &tokens, &device.key).await;
    table.row("nothing", &nothing);
    let long = json!({ "AccessToken": "a", "DeviceKey": "x".repeat(56), "DeviceName": "" });
    table.row("out of form", &server.cognito().call("ConfirmDevice", &long).await);
    assert_snapshot!(table, @r#"
    no verifier: 400 InvalidParameterException "Missing required parameter PasswordVerifier"
    no salt: 400 InvalidParameterException "Missing required parameter Salt"
    zero: 400 InvalidParameterException "Invalid device secret verifier given."
    one: 400 InvalidParameterException "Invalid device secret verifier given."
    an empty salt: 400 InvalidParameterException "Invalid device secret verifier given."
    no base64: 400 InvalidParameterException "Invalid device secret verifier given."
    nothing: 400 InvalidParameterException "Missing required parameter DeviceSecretVerifierConfig"
    out of form: 400 InvalidParameterException "3 validation errors detected: Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'deviceKey' failed to satisfy constraint: Member must have length less than or equal to 55; Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'deviceKey' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-f-]+; Value '' at 'deviceName' failed to satisfy constraint: Member must have length greater than or equal to 1"
    "#);
    assert_eq!(pool.confirm_device(&tokens, &device).await.status, 200);
}

/// A new device does not fail a sign-in because there are too many: the one that was not used for
/// longest goes.
#[tokio::test]
async fn the_oldest_of_a_hundred_gives_way() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(false, false)).await;
    pool.user(SID, &[]).await;
    let mut all = Vec::new();
    for _ in 0..101 {
        server.clock.advance(std::time::Duration::from_secs(1));
        all.push(pool.device(SID).await);
    }
    let (tokens, newest) = all.last().unwrap();
    let gone = pool.own_device("GetDevice", tokens, &all[0].1.key).await;
    assert_eq!(gone.get("/message"), "Device does not exist.");
    for device in [&all[1].1, newest] {
        assert_eq!(pool.own_device("GetDevice", tokens, &device.key).await.status, 200);
    }
}
