//! What devices have to do with tokens: the key a new one is given, the claim, refreshes.

use crate::support::{PASSWORD, Table, TestDevice, TestServer, Tokens, claims, tracking};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_device_is_given_a_key() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    let signed_in = pool.sign_in("sid", PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    let shown = signed_in.show().replace(&device.key, "[key]").replace(&device.group, "[group]");
    assert_snapshot!(shown, @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "NewDeviceMetadata": {
          "DeviceGroupKey": "[group]",
          "DeviceKey": "[key]"
        },
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
    assert_eq!(device.key.split_once('_').unwrap().0, pool.id.split_once('_').unwrap().0);
    assert_eq!((device.group.len(), device.group.as_bytes()[0]), (9, b'-'));
    assert_eq!(claims(&tokens.access)["device_key"], json!(device.key));
    assert_eq!(claims(&tokens.id).get("device_key"), None);
    // Until it is confirmed, every sign-in is one on a new device.
    let next = pool.sign_in("sid", PASSWORD).await;
    assert_ne!(TestDevice::of(&next).key, device.key);
    pool.confirm_device(&tokens, &device).await;
    let known = pool.sign_in_with("sid", &device).await;
    assert_eq!(known.json()["AuthenticationResult"].get("NewDeviceMetadata"), None);
    assert_eq!(claims(&Tokens::of(&known).access)["device_key"], json!(device.key));
}

#[tokio::test]
async fn elsewhere_there_are_no_devices() {
    let server = TestServer::start().await;
    let (tracked, untracked) =
        (server.pool(tracking(true, false)).await, server.pool(json!({})).await);
    for pool in [&tracked, &untracked] {
        pool.user("sid", &[]).await;
    }
    let by_admin = json!({
        "ClientId": tracked.client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "sid", "PASSWORD": PASSWORD, "DEVICE_KEY": "us-east-1_0" },
    });
    let signed_in = [
        tracked.admin("AdminInitiateAuth", by_admin).await,
        untracked.sign_in("sid", PASSWORD).await,
        untracked.sign_in_on("sid", PASSWORD, "us-east-1_0").await,
    ];
    for signed_in in signed_in {
        assert_eq!(signed_in.json()["AuthenticationResult"].get("NewDeviceMetadata"), None);
        let tokens = Tokens::of(&signed_in);
        assert_eq!(claims(&tokens.access).get("device_key"), None);
    }
    let tokens = untracked.tokens("sid").await;
    let refresh = json!({ "REFRESH_TOKEN": tokens.refresh });
    assert_eq!(untracked.initiate("REFRESH_TOKEN_AUTH", refresh).await.status, 200);
}

/// As people report of Amazon: <https://github.com/aws-amplify/amplify-android/issues/2506>.
#[tokio::test]
async fn a_device_that_nobody_confirmed_does_not_refresh() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    let signed_in = pool.sign_in("sid", PASSWORD).await;
    let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
    let refresh = async |key: &str| {
        let parameters = json!({ "REFRESH_TOKEN": tokens.refresh, "DEVICE_KEY": key });
        pool.initiate("REFRESH_TOKEN_AUTH", parameters).await
    };
    assert_snapshot!(refresh(&device.key).await.line(), @r#"400 NotAuthorizedException "Invalid Refresh Token""#);
    pool.confirm_device(&tokens, &device).await;
    assert_eq!(refresh(&device.key).await.status, 200);
    let forgotten = pool.own_device("ForgetDevice", &tokens, &device.key).await;
    assert_eq!(forgotten.line(), "200 ");
    assert_snapshot!(refresh(&device.key).await.line(), @r#"400 NotAuthorizedException "Invalid Refresh Token""#);
}

#[tokio::test]
async fn a_refresh_names_the_device() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(true, false)).await;
    pool.user("sid", &[]).await;
    let (tokens, device) = pool.device("sid").await;
    let (_, other) = pool.device("sid").await;
    let refresh = async |key: Option<&str>| {
        let parameters = json!({ "REFRESH_TOKEN": tokens.refresh, "DEVICE_KEY": key });
        pool.initiate("REFRESH_TOKEN_AUTH", parameters).await
    };
    let get_tokens = async |key: Option<&str>| {
        let body = json!({ "RefreshToken": tokens.refresh, "DeviceKey": key });
        pool.call("GetTokensFromRefreshToken", body).await
    };
    let mut table = Table::default();
    table.row("no device", &refresh(None).await);
    table.row("another device", &refresh(Some(&other.key)).await);
    table.row("no device, newer", &get_tokens(None).await);
    table.row("another device, newer", &get_tokens(Some(&other.key)).await);
    assert_snapshot!(table, @r#"
    no device: 400 NotAuthorizedException "Invalid Refresh Token"
    another device: 400 NotAuthorizedException "Invalid Refresh Token"
    no device, newer: 400 NotAuthorizedException "Invalid Refresh Token"
    another device, newer: 400 NotAuthorizedException "Invalid Refresh Token"
    "#);
    for refreshed in [refresh(Some(&device.key)).await, get_tokens(Some(&device.key)).await] {
        let result = &refreshed.json()["AuthenticationResult"];
        assert_eq!(result.get("NewDeviceMetadata"), None);
        let token = result["AccessToken"].as_str().unwrap();
        assert_eq!(claims(token)["device_key"], json!(device.key));
    }
}

#[tokio::test]
async fn the_last_sign_in_is_noted() {
    let server = TestServer::start().await;
    let pool = server.pool(tracking(false, false)).await;
    pool.user("sid", &[]).await;
    let (tokens, device) = pool.device("sid").await;
    let last = async || {
        let shown = pool.own_device("GetDevice", &tokens, &device.key).await.json();
        let device = &shown["Device"];
        let dates = ["DeviceLastAuthenticatedDate", "DeviceLastModifiedDate"];
        dates.map(|name| device[name].as_i64().unwrap())
    };
    let [before, modified] = last().await;
    server.clock.advance(std::time::Duration::from_mins(1));
    // Without the pool's rule the device is told apart and asked nothing.
    let signed_in = pool.sign_in_on("sid", PASSWORD, &device.key).await;
    assert_eq!(signed_in.json()["ChallengeName"], Value::Null);
    assert_eq!(last().await, [before + 60, modified]);
}

/// Whoever has a reason to replace a password has one to ask for a second factor again.
#[tokio::test]
async fn a_password_set_or_reset_forgets_devices() {
    let server = TestServer::start().await;
    let user = json!({ "Username": "sid" });
    for operation in ["AdminSetUserPassword", "AdminResetUserPassword", "ConfirmForgotPassword"] {
        let (pool, _, _) = server.remembered_device("sid").await;
        let address = json!([
            { "Name": "email", "Value": "sid@example.com" },
            { "Name": "email_verified", "Value": "true" },
        ]);
        let address = json!({ "Username": "sid", "UserAttributes": address });
        pool.admin("AdminUpdateUserAttributes", address).await;
        let devices = async || {
            let listed = pool.admin("AdminListDevices", user.clone()).await.json();
            listed["Devices"].as_array().unwrap().len()
        };
        assert_eq!(devices().await, 1);
        let done = match operation {
            "AdminSetUserPassword" => {
                let body = json!({ "Username": "sid", "Password": PASSWORD, "Permanent": true });
                pool.admin(operation, body).await
            }
            "AdminResetUserPassword" => pool.admin(operation, user.clone()).await,
            _ => {
                server.clock.advance(std::time::Duration::from_secs(1));
                pool.call("ForgotPassword", user.clone()).await;
                let code = server.newest_code().await.0;
                let body =
                    json!({ "Username": "sid", "ConfirmationCode": code, "Password": PASSWORD });
                pool.call(operation, body).await
            }
        };
        assert_eq!(done.status, 200, "{operation} {}", done.text);
        assert_eq!(devices().await, 0, "{operation}");
    }
}
