use super::{
    ALICE, BOB, app_code, auth, mailed_code, new_password, session, signed_in, signed_in_on_device,
    with_mfa,
};
use crate::support::{Answer, PASSWORD, POOL, PUBLIC_CLIENT, TestPool, TestServer, claims, config};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{MfaMode, Recovery, User, UserStatus};
use poolkeeper_pool::ports::Store as _;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const ALMOST_A_WEEK: Duration = Duration::from_secs(7 * 86_400 - 1);

/// A device as the client keeps it.
#[derive(Clone, Debug)]
struct Device {
    key: String,
    group_key: String,
}

/// Answers the challenge of the app and has the device remembered.
async fn remember(server: &TestServer, username: &str) -> Answer {
    server.clock.advance(Duration::from_secs(30));
    let body = json!({
        "username": username,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": session(server, username).await,
        "mfa_token": server.totp_code(),
        "remember_device": true,
    });
    server.json("PUT", "/auth/challenge/mfa-token", &body).await
}

async fn device(server: &TestServer, username: &str) -> Device {
    let answer = remember(server, username).await;
    Device { key: answer.get("/DeviceKey"), group_key: answer.get("/DeviceGroupKey") }
}

async fn auth_with(server: &TestServer, username: &str, password: &str, more: Value) -> Answer {
    let mut body = json!({ "username": username, "password": password });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.json("POST", "/auth", &body).await
}

/// How a sign-in on this device goes: `signed in`, or what is asked, or the error.
async fn on(server: &TestServer, username: &str, device: &Device) -> String {
    let keys = json!({ "device_key": device.key, "device_group_key": device.group_key });
    told(&auth_with(server, username, PASSWORD, keys).await)
}

fn told(answer: &Answer) -> String {
    let json = answer.json();
    if json.get("AccessToken").is_some() {
        return "signed in".to_owned();
    }
    let told = json.get("Challenge").or(json.get("error_code")).and_then(Value::as_str);
    told.unwrap().to_owned()
}

#[tokio::test]
async fn the_keys_come_if_they_are_asked_for() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    server.totp_user(ALICE, &["fd42"]).await;
    let answer = remember(&server, ALICE).await;
    let (key, group) = (answer.get("/DeviceKey"), answer.get("/DeviceGroupKey"));
    assert!(key.starts_with("eu-west-1_") && key.len() == 46, "{key}");
    assert!(group.starts_with('-') && group.len() == 33, "{group}");
    let shown = answer.show().replace(&key, "[key]").replace(&group, "[group key]");
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "AccessToken": "[jwt]",
      "DeviceGroupKey": "[group key]",
      "DeviceKey": "[key]",
      "ExpiresIn": 3600,
      "IdToken": "[jwt]",
      "RefreshToken": "[refresh token]",
      "TokenType": "Bearer",
      "mfa_settings": {
        "enabled": true,
        "methods": {
          "email": false,
          "totp": true
        },
        "preferred": "totp",
        "required": true
      }
    }
    "#);
    // Nothing of it is in the tokens, nor are the keys shown again.
    let claims = claims(&answer.get("/AccessToken"));
    assert_eq!(claims.get("device_key"), None);
    let device = Device { key, group_key: group };
    let keys = json!({ "DeviceKey": device.key, "DeviceGroupKey": device.group_key });
    let next = auth_with(&server, ALICE, PASSWORD, keys).await;
    assert_eq!(next.show(), signed_in_on_device(Some("totp")));
}

/// Clients that keep what an answer says of keys would lose those that are good to a null.
#[tokio::test]
async fn a_sign_in_with_keys_says_nothing_of_keys() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    server.totp_user(ALICE, &[]).await;
    let device = device(&server, ALICE).await;
    let keys = json!({ "device_key": device.key, "device_group_key": device.group_key });
    let answer = auth_with(&server, ALICE, PASSWORD, keys.clone()).await;
    assert_eq!(answer.show(), signed_in_on_device(Some("totp")));
    // Nor where no keys are needed. Without keys, or where they are good for nothing, none are kept.
    server.user(BOB, &[]).await;
    let needless = auth_with(&server, BOB, PASSWORD, keys).await;
    assert_eq!(needless.show(), signed_in_on_device(None));
    assert_eq!(auth(&server, BOB).await.show(), signed_in(None));
    server.clock.advance(Duration::from_secs(30));
    let session = session(&server, ALICE).await;
    let answer = app_code(&server, ALICE, &session, &server.totp_code()).await;
    assert_eq!(answer.show(), signed_in(Some("totp")));
}

#[tokio::test]
async fn a_mailed_code_remembers_too() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    server.email_mfa_user(ALICE, &[]).await;
    let mut body = json!({
        "username": ALICE,
        "Challenge": "EMAIL_OTP",
        "Session": session(&server, ALICE).await,
        "MfaToken": mailed_code(&server).await,
        "RememberDevice": true,
    });
    let wrong = json!("000000");
    let right = std::mem::replace(&mut body["MfaToken"], wrong);
    let refused = server.json("PUT", "/auth/challenge/mfa-token", &body).await;
    assert_eq!(refused.get("/error_code"), "MFA_TOKEN_INVALID");
    assert_eq!(refused.json().get("DeviceKey"), None);
    body["MfaToken"] = right;
    let answer = server.json("PUT", "/auth/challenge/mfa-token", &body).await;
    let device = Device { key: answer.get("/DeviceKey"), group_key: answer.get("/DeviceGroupKey") };
    assert_eq!(on(&server, ALICE, &device).await, "signed in");
}

#[tokio::test]
async fn keys_that_are_not_the_device_s_are_no_error() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    for name in [ALICE, BOB] {
        server.totp_user(name, &[]).await;
    }
    let (mine, theirs) = (device(&server, ALICE).await, device(&server, BOB).await);
    let with =
        |key: &str, group_key: &str| json!({ "device_key": key, "device_group_key": group_key });
    let mut cut = mine.group_key.clone();
    cut.pop();
    let mut rows = Vec::new();
    for (case, keys) in [
        ("the key alone", json!({ "device_key": mine.key })),
        ("the group's alone", json!({ "device_group_key": mine.group_key })),
        ("one null", json!({ "device_key": mine.key, "device_group_key": null })),
        ("swapped", with(&mine.group_key, &mine.key)),
        ("of another user", with(&theirs.key, &theirs.group_key)),
        ("half of another user's", with(&mine.key, &theirs.group_key)),
        ("cut off", with(&mine.key, &cut)),
        ("longer", with(&mine.key, &format!("{}x", mine.group_key))),
        ("moved", with(&format!("{}\n{}", mine.key, &mine.group_key[..1]), &mine.group_key[1..])),
        ("empty", with("", "")),
        ("right", with(&mine.key, &mine.group_key)),
    ] {
        let answer = auth_with(&server, ALICE, PASSWORD, keys).await;
        rows.push(format!("{case}: {}", told(&answer)));
    }
    assert_snapshot!(rows.join("\n"), @r"
    the key alone: SOFTWARE_TOKEN_MFA
    the group's alone: SOFTWARE_TOKEN_MFA
    one null: SOFTWARE_TOKEN_MFA
    swapped: SOFTWARE_TOKEN_MFA
    of another user: SOFTWARE_TOKEN_MFA
    half of another user's: SOFTWARE_TOKEN_MFA
    cut off: SOFTWARE_TOKEN_MFA
    longer: SOFTWARE_TOKEN_MFA
    moved: SOFTWARE_TOKEN_MFA
    empty: SOFTWARE_TOKEN_MFA
    right: signed in
    ");
    // A wrong password is as wrong as without.
    let keys = with(&mine.key, &mine.group_key);
    let wrong = auth_with(&server, ALICE, "wrong", keys).await;
    assert_eq!(told(&wrong), "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn for_a_week_and_until_another_takes_its_place() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    server.totp_user(ALICE, &[]).await;
    let first = device(&server, ALICE).await;
    server.clock.advance(ALMOST_A_WEEK);
    assert_eq!(on(&server, ALICE, &first).await, "signed in");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(on(&server, ALICE, &first).await, "SOFTWARE_TOKEN_MFA");
    let second = device(&server, ALICE).await;
    let third = device(&server, ALICE).await;
    assert_eq!(on(&server, ALICE, &second).await, "SOFTWARE_TOKEN_MFA");
    assert_eq!(on(&server, ALICE, &third).await, "signed in");
}

/// However the password changes, the device is forgotten.
#[tokio::test]
async fn not_past_the_password() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    let alice = server.totp_user(ALICE, &[]).await;
    server.edit(&alice, |user| user.attributes.set("email_verified", "true")).await;
    let mut rows = Vec::new();
    for way in ["by an administrator", "by a code", "by the old one"] {
        let device = device(&server, ALICE).await;
        assert_eq!(on(&server, ALICE, &device).await, "signed in");
        set_password(&server, &alice, way, &device).await;
        rows.push(format!("{way}: {}", on(&server, ALICE, &device).await));
    }
    assert_snapshot!(rows.join("\n"), @r"
    by an administrator: SOFTWARE_TOKEN_MFA
    by a code: SOFTWARE_TOKEN_MFA
    by the old one: SOFTWARE_TOKEN_MFA
    ");
}

/// Sets the same password again, in one of three ways.
async fn set_password(server: &TestServer, user: &User, way: &str, device: &Device) {
    let password = Secret::from(PASSWORD);
    match way {
        "by an administrator" => {
            server
                .engine
                .set_password(&operator(), &user.pool, ALICE, &password, true)
                .await
                .unwrap();
        }
        "by a code" => {
            let asked = json!({ "username": ALICE });
            server.json("POST", "/auth/forgot_password", &asked).await;
            let code = mailed_code(server).await;
            let body = json!({ "username": ALICE, "conf_code": code, "password": PASSWORD });
            let set = server.json("POST", "/auth/forgot_password/confirm", &body).await;
            assert_eq!(set.status, 204);
        }
        _ => {
            let keys = json!({ "device_key": device.key, "device_group_key": device.group_key });
            let signed_in = auth_with(server, ALICE, PASSWORD, keys).await;
            server.clock.advance(Duration::from_secs(1));
            let body = json!({
                "AccessToken": signed_in.get("/AccessToken"),
                "PreviousPassword": PASSWORD,
                "ProposedPassword": PASSWORD,
            });
            assert_eq!(server.cognito().call("ChangePassword", &body).await.status, 200);
        }
    }
}

#[tokio::test]
async fn neither_a_temporary_password_nor_a_shut_door_is_skipped() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    let alice = server.totp_user(ALICE, &[]).await;
    let device = device(&server, ALICE).await;
    let mut rows = Vec::new();
    server.edit(&alice, |user| user.enabled = false).await;
    rows.push(format!("disabled: {}", on(&server, ALICE, &device).await));
    server.edit(&alice, |user| user.enabled = true).await;
    server.join(&alice, "account-disabled").await;
    rows.push(format!("suspended: {}", on(&server, ALICE, &device).await));
    server.leave(&alice, "account-disabled").await;
    server.edit(&alice, |user| user.status = UserStatus::ForceChangePassword).await;
    rows.push(format!("temporary: {}", on(&server, ALICE, &device).await));
    assert_snapshot!(rows.join("\n"), @r"
    disabled: ACCOUNT_DISABLED
    suspended: ACCOUNT_DISABLED
    temporary: NEW_PASSWORD_REQUIRED
    ");
    let session = auth(&server, ALICE).await.get("/Session");
    let next = new_password(&server, ALICE, &session, "N3w-Passw0rd").await;
    assert_eq!(told(&next), "SOFTWARE_TOKEN_MFA");
}

/// Where a factor is to be set up first, no device stands for it.
#[tokio::test]
async fn the_set_up_of_a_factor_is_not_skipped() {
    let mut config = with_mfa(MfaMode::On);
    config.pools[0].rules.recovery = Some(vec![Recovery::VerifiedEmail]);
    let server = TestServer::remembering(config).await;
    let alice = server.totp_user(ALICE, &[]).await;
    let device = device(&server, ALICE).await;
    assert_eq!(on(&server, ALICE, &device).await, "signed in");
    server.edit(&alice, |user| user.mfa.totp = None).await;
    let keys = json!({ "device_key": device.key, "device_group_key": device.group_key });
    let answer = auth_with(&server, ALICE, PASSWORD, keys).await;
    assert_snapshot!(answer.show(), @r#"
    403 Forbidden
    {
      "error_code": "MFA_REQUIRED",
      "error_subcode": "SETUP_REQUIRED",
      "message": "error.auth.mfa_required"
    }
    "#);
}

/// A device of this API is none of Cognito's, nor the other way round.
#[tokio::test]
async fn they_are_no_devices_of_cognito_s() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    let tracking = json!({
        "UserPoolId": POOL,
        "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true },
        "MfaConfiguration": "OPTIONAL",
        "AutoVerifiedAttributes": ["email"],
    });
    assert_eq!(server.cognito().admin("UpdateUserPool", &tracking).await.status, 200);
    server.totp_user(ALICE, &[]).await;
    let device = device(&server, ALICE).await;
    let own = TestPool { server: &server, id: POOL.to_owned(), client: PUBLIC_CLIENT.to_owned() };
    let parameters = json!({
        "USERNAME": ALICE,
        "PASSWORD": PASSWORD,
        "DEVICE_KEY": device.key,
        "DEVICE_GROUP_KEY": device.group_key,
    });
    let answer = own.initiate("USER_PASSWORD_AUTH", parameters).await;
    assert_snapshot!(answer.row(&[]), @r#"400 Bad Request {"__type":"ResourceNotFoundException","message":"Device does not exist."}"#);
    let listed = own.admin("AdminListDevices", json!({ "Username": ALICE })).await;
    assert_eq!(listed.json()["Devices"], json!([]));
    assert_eq!(on(&server, ALICE, &device).await, "signed in");
}

#[tokio::test]
async fn nothing_of_a_device_can_be_read_back() {
    let server = TestServer::remembering(config(Path::new(""))).await;
    let alice = server.totp_user(ALICE, &[]).await;
    let device = device(&server, ALICE).await;
    let stored = server.store.trusted_device(&alice.pool, &alice.sub).await.unwrap().unwrap();
    let stored = format!("{stored:?}");
    assert!(!stored.contains(&device.key) && !stored.contains(&device.group_key[1..]));
}
