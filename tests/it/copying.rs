//! From a file to PostgreSQL: whoever was signed in, or about to be, notices nothing.

use crate::support::{
    Answer, PASSWORD, POOL, TENANT, TENANT_GROUP, TestPool, TestServer, Tokens, config,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";
const DAVE: &str = "dave@example.com";
const NEW_PASSWORD: &str = "N3w-Passw0rd!";
const NOBODY: &str = "nobody@example.com";
const PARTNER: &str = "partner-id-acme";
const SID: &str = "sid";

async fn auth(server: &TestServer, username: &str, mut more: Value) -> Answer {
    more["username"] = json!(username);
    more["password"] = json!(PASSWORD);
    server.json("POST", "/auth", &more).await
}

async fn login(server: &TestServer, username: &str) -> Answer {
    let body = json!({ "UserName": username, "TenantName": TENANT, "Password": PASSWORD });
    server.json("POST", "/Login", &body).await
}

/// Answers the partner API's challenge for a code of the app.
async fn mfa_token(server: &TestServer, username: &str, session: &str, remember: bool) -> Answer {
    let body = json!({
        "username": username,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": session,
        "mfa_token": server.totp_code(),
        "remember_device": remember,
    });
    server.json("PUT", "/auth/challenge/mfa-token", &body).await
}

/// Answers Cognito's.
async fn software_token(server: &TestServer, session: &str) -> Answer {
    let responses = json!({ "USERNAME": ANN, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() });
    server.cognito().respond("SOFTWARE_TOKEN_MFA", session, responses).await
}

async fn jwks(server: &TestServer) -> Answer {
    server.call(&format!("GET /{POOL}/.well-known/jwks.json"), &[], "").await
}

async fn fail(server: &TestServer, username: &str, times: usize) -> Answer {
    for _ in 1..times {
        server.cognito().sign_in(username, "wrong").await;
    }
    server.cognito().sign_in(username, "wrong").await
}

#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn sign_ins_outlive_the_move() {
    let server = TestServer::on_a_file(config(Path::new(""))).await;
    let keys = jwks(&server).await.text;
    server.user(BOB, &[TENANT_GROUP]).await;
    let tokens = server.cognito().tokens(BOB).await;
    let ended = server.cognito().tokens(BOB).await;
    let revoke = json!({ "ClientId": "public", "Token": ended.refresh });
    assert_eq!(server.cognito().call("RevokeToken", &revoke).await.status, 200);
    let through_tenant = login(&server, BOB).await;
    let through_tenant = through_tenant.get("/cognitoToken/AuthenticationResult/RefreshToken");
    let got = server.cognito().get_user(&tokens.access).await;
    assert_eq!(got.status, 200);
    let server = server.copied().await;
    assert_eq!(jwks(&server).await.text, keys);
    let got_again = server.cognito().get_user(&tokens.access).await;
    assert_eq!((got_again.status, &got_again.text), (got.status, &got.text));
    assert_snapshot!(server.cognito().refresh(&tokens.refresh).await.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
    assert_snapshot!(server.cognito().refresh(&ended.refresh).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Refresh Token has been revoked"
    }
    "#);
    let body = json!({ "TenantName": TENANT, "RefreshToken": through_tenant });
    assert_snapshot!(server.json("POST", "/RefreshToken", &body).await.show(), @r#"
    200 OK
    {
      "cognitoToken": {
        "AuthenticationResult": {
          "AccessToken": "[jwt]",
          "ExpiresIn": 3600,
          "IdToken": "[jwt]",
          "TokenType": "Bearer"
        },
        "ChallengeParameters": {}
      },
      "user": {
        "OloID": "ae777f29-38d7-449e-bf19-5b774a727434",
        "TenantID": "id-of-acme",
        "TenantName": "Acme"
      }
    }
    "#);
    assert_snapshot!(server.cognito().sign_in(BOB, PASSWORD).await.show(), @r#"
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
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn sign_ins_in_progress_go_on_after_the_move() {
    let server = TestServer::on_a_file(config(Path::new(""))).await;
    server.totp_user(ANN, &[]).await;
    server.totp_user(CAROL, &[PARTNER]).await;
    server.new_user(DAVE, &[]).await;
    let spent = server.cognito().sign_in(ANN, PASSWORD).await.get("/Session");
    let pending = server.cognito().sign_in(ANN, PASSWORD).await.get("/Session");
    Tokens::of(&software_token(&server, &spent).await);
    let through_partner = auth(&server, CAROL, json!({})).await.get("/Session");
    let new_password = server.cognito().sign_in(DAVE, PASSWORD).await.get("/Session");
    let server = server.copied().await;
    assert_snapshot!(software_token(&server, &spent).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Invalid session for the user, session can only be used once."
    }
    "#);
    // The app's code is spent, too.
    assert_snapshot!(software_token(&server, &pending).await.show(), @r#"
    400 Bad Request
    {
      "__type": "ExpiredCodeException",
      "message": "Your software token has already been used once."
    }
    "#);
    server.clock.advance(Duration::from_secs(30));
    assert_snapshot!(software_token(&server, &pending).await.show(), @r#"
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
    assert_snapshot!(mfa_token(&server, CAROL, &through_partner, false).await.show(), @r#"
    200 OK
    {
      "AccessToken": "[jwt]",
      "DeviceGroupKey": null,
      "DeviceKey": null,
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
    let responses = json!({ "USERNAME": DAVE, "NEW_PASSWORD": NEW_PASSWORD });
    let answer = server.cognito().respond("NEW_PASSWORD_REQUIRED", &new_password, responses).await;
    assert_snapshot!(answer.show(), @r#"
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
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn devices_are_known_after_the_move() {
    let server = TestServer::on_a_file(config(Path::new(""))).await;
    server.totp_user(CAROL, &[PARTNER]).await;
    let session = auth(&server, CAROL, json!({})).await.get("/Session");
    let remembered = mfa_token(&server, CAROL, &session, true).await;
    let (key, group_key) = (remembered.get("/DeviceKey"), remembered.get("/DeviceGroupKey"));
    let (pool, _, device) = server.remembered_device(SID).await;
    let asked = pool.sign_in_on(SID, PASSWORD, &device.key).await;
    let challenge = pool.device_srp(SID, &asked.get("/Session"), &device.key).await;
    let TestPool { id, client, .. } = pool;
    let server = server.copied().await;
    let pool = TestPool { server: &server, id, client };
    assert_snapshot!(pool.prove_device(&device, &challenge).await.show(), @r#"
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
    assert_snapshot!(pool.sign_in_with(SID, &device).await.show(), @r#"
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
    let keys = json!({ "device_key": key, "device_group_key": group_key });
    assert_snapshot!(auth(&server, CAROL, keys).await.show(), @r#"
    200 OK
    {
      "AccessToken": "[jwt]",
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
    assert_snapshot!(auth(&server, CAROL, json!({})).await.show(), @r#"
    200 OK
    {
      "Challenge": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "USER_ID_FOR_SRP": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
      },
      "Session": "[sealed]",
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
}

#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn what_was_counted_and_sent_counts_after_the_move() {
    let server = TestServer::on_a_file(config(Path::new(""))).await;
    for name in [ANN, BOB, DAVE] {
        server.user(name, &[]).await;
    }
    fail(&server, ANN, 5).await;
    fail(&server, NOBODY, 5).await;
    fail(&server, BOB, 4).await;
    let token = server.cognito().tokens(DAVE).await.access;
    let ask = json!({ "AccessToken": token, "AttributeName": "email" });
    server.cognito().call("GetUserAttributeVerificationCode", &ask).await;
    let server = server.copied().await;
    let (code, to) = server.newest_code().await;
    assert_eq!(to, DAVE);
    assert_snapshot!(server.cognito().sign_in(ANN, PASSWORD).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    assert_snapshot!(server.cognito().sign_in(NOBODY, PASSWORD).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    assert_snapshot!(fail(&server, BOB, 1).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    assert_snapshot!(server.cognito().sign_in(BOB, PASSWORD).await.show(), @r#"
    400 Bad Request
    {
      "__type": "NotAuthorizedException",
      "message": "Incorrect username or password."
    }
    "#);
    let answer = json!({ "AccessToken": token, "AttributeName": "email", "Code": code });
    assert_snapshot!(server.cognito().call("VerifyUserAttribute", &answer).await.show(), @r#"
    200 OK
    {}
    "#);
    assert_snapshot!(server.cognito().call("VerifyUserAttribute", &answer).await.show(), @r#"
    400 Bad Request
    {
      "__type": "ExpiredCodeException",
      "message": "Invalid code provided, please request a code again."
    }
    "#);
}
