//! Whoever is refused at one face is refused at every other: the rules of a sign-in go with it (S7, E10,
//! E11, I4, I15).

use super::{DOORS, Face, server_with};
use crate::support::{
    Answer, PARTNER_CLIENT, PASSWORD, PORTAL_CLIENT, PUBLIC_CLIENT, TENANT, TENANT_CLIENT,
    TENANT_GROUP, TestServer, config,
};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{AuthFlow, MfaMode, PartnerStatus};
use poolkeeper_pool::ids::ClientId;
use serde_json::{Value, json};
use std::path::Path;

const ALICE: &str = "alice@example.com";
const ACME: &str = "partner-id-acme";
const SUSPENDED: &str = "account-disabled";

/// The tokens of a sign-in, and the app client that they belong to.
struct SignedIn {
    face: Face,
    client: &'static str,
    access: String,
    refresh: String,
}

async fn sign_in(server: &TestServer, face: Face, client: &'static str) -> SignedIn {
    let answer = face.sign_in(server, ALICE, PASSWORD).await;
    let (access, refresh) = match face {
        Face::Cognito => {
            ("/AuthenticationResult/AccessToken", "/AuthenticationResult/RefreshToken")
        }
        Face::Partner => ("/AccessToken", "/RefreshToken"),
        Face::Portal => ("/access_token", "/refresh_token"),
        Face::Tenant => (
            "/cognitoToken/AuthenticationResult/AccessToken",
            "/cognitoToken/AuthenticationResult/RefreshToken",
        ),
    };
    let (access, refresh) = (answer.get(access), answer.get(refresh));
    SignedIn { face, client, access, refresh }
}

/// A sign-in through each face's own app client.
async fn everywhere(server: &TestServer) -> Vec<SignedIn> {
    let mut all = Vec::new();
    for (face, client) in
        DOORS.into_iter().zip([PUBLIC_CLIENT, PARTNER_CLIENT, PORTAL_CLIENT, TENANT_CLIENT])
    {
        all.push(sign_in(server, face, client).await);
    }
    all
}

/// New tokens for a refresh token, by each way that there is.
async fn refreshed(server: &TestServer, token: &str, client: &str) -> Vec<(&'static str, u16)> {
    let cognito = server.cognito();
    let exchange = json!({ "ClientId": client, "RefreshToken": token });
    let parameters = json!({ "REFRESH_TOKEN": token });
    let at_tenant = json!({ "TenantName": TENANT, "RefreshToken": token });
    let answers = [
        (
            "InitiateAuth",
            cognito.initiate_as(client, "REFRESH_TOKEN_AUTH", parameters.clone()).await,
        ),
        (
            "AdminInitiateAuth",
            cognito.admin_initiate(client, "REFRESH_TOKEN_AUTH", parameters).await,
        ),
        ("GetTokensFromRefreshToken", cognito.call("GetTokensFromRefreshToken", &exchange).await),
        ("partner", server.json("POST", "/auth/refresh_token", &json!({ "token": token })).await),
        (
            "portal",
            server
                .json("POST", "/api/auth/refresh-token", &json!({ "refresh_token": token }))
                .await,
        ),
        ("tenant", server.json("POST", "/RefreshToken", &at_tenant).await),
    ];
    answers.into_iter().map(|(way, answer)| (way, answer.status.as_u16())).collect()
}

/// Where new tokens were given.
async fn refreshes(server: &TestServer, token: &str, client: &str) -> Vec<&'static str> {
    let all = refreshed(server, token, client).await.into_iter();
    all.filter(|(_, status)| *status == 200).map(|(way, _)| way).collect()
}

/// What every operation of Cognito's protocol with an access token answers, but for those that end
/// something.
async fn own_operations(server: &TestServer, token: &str) -> Vec<(&'static str, Answer)> {
    let device = "eu-west-1_11111111-1111-1111-1111-111111111111";
    let bodies = [
        ("GetUser", json!({})),
        ("GetUserAuthFactors", json!({})),
        ("ListDevices", json!({})),
        ("AssociateSoftwareToken", json!({})),
        ("VerifySoftwareToken", json!({ "UserCode": "123456" })),
        (
            "ChangePassword",
            json!({ "PreviousPassword": PASSWORD, "ProposedPassword": "N3w-passw0rd!" }),
        ),
        ("SetUserMFAPreference", json!({ "EmailMfaSettings": { "Enabled": true } })),
        (
            "UpdateUserAttributes",
            json!({ "UserAttributes": [{ "Name": "email", "Value": "mine@example.com" }] }),
        ),
        ("DeleteUserAttributes", json!({ "UserAttributeNames": ["name"] })),
        ("GetUserAttributeVerificationCode", json!({ "AttributeName": "email" })),
        ("VerifyUserAttribute", json!({ "AttributeName": "email", "Code": "123456" })),
        ("ForgetDevice", json!({ "DeviceKey": device })),
        (
            "UpdateDeviceStatus",
            json!({ "DeviceKey": device, "DeviceRememberedStatus": "remembered" }),
        ),
        ("DeleteUser", json!({})),
    ];
    let mut answers = Vec::new();
    for (operation, mut body) in bodies {
        body["AccessToken"] = json!(token);
        answers.push((operation, server.cognito().call(operation, &body).await));
    }
    answers
}

/// Every endpoint of the partner API and the portal API with an access token.
async fn endpoints(server: &TestServer, token: &str) -> Vec<(&'static str, Answer)> {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let mut answers = Vec::new();
    for (line, body) in [
        ("GET /api/auth/me", Value::Null),
        (
            "POST /api/auth/change-password",
            json!({ "current_password": PASSWORD, "new_password": "N3w-passw0rd!" }),
        ),
        ("GET /api/admin/users", Value::Null),
        ("GET /partners", Value::Null),
        ("GET /permissions", Value::Null),
        ("GET /features", Value::Null),
        ("GET /auth/partners/users", Value::Null),
        ("GET /auth/mfa/settings", Value::Null),
        ("PUT /auth/mfa/settings", json!({ "enabled": true, "preferred": "email" })),
        ("GET /auth/mfa/configure/totp", Value::Null),
        ("PUT /auth/mfa/configure/totp", json!({ "mfa_token": "123456" })),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        answers.push((line, server.call(line, &headers, text).await));
    }
    answers
}

fn is_refused(answer: &Answer) -> bool {
    let status = answer.status.as_u16();
    status == 401 || status == 403 || answer.text.contains("NotAuthorizedException")
}

/// The operator suspends by the group alone, which ends no sign-in.
#[tokio::test]
async fn a_suspended_user_is_out_at_every_face() {
    let server = server_with(ALICE).await;
    let all = everywhere(&server).await;
    let alice = server.found(ALICE).await;
    server.join(&alice, SUSPENDED).await;
    for SignedIn { face, client, access, refresh } in &all {
        let answer = face.sign_in(&server, ALICE, PASSWORD).await;
        assert!(is_refused(&answer), "{face:?}: {}", answer.text);
        assert_eq!(refreshes(&server, refresh, client).await, [""; 0], "{face:?}");
        let used = [own_operations(&server, access).await, endpoints(&server, access).await];
        for (what, answer) in used.into_iter().flatten() {
            assert!(is_refused(&answer), "{face:?} {what}: {}", answer.text);
        }
    }
    server.leave(&alice, SUSPENDED).await;
    for SignedIn { face, client, access, refresh } in &all {
        assert_eq!(face.sign_in(&server, ALICE, PASSWORD).await.status, 200, "{face:?}");
        assert_ne!(refreshes(&server, refresh, client).await, [""; 0], "{face:?}");
        let opens = server.cognito().get_user(access).await.status == 200;
        assert_eq!(opens, !matches!(face, Face::Tenant), "{face:?}");
    }
}

/// What is refused to the right password of a suspended user is what is refused to a wrong one where
/// the face tells nothing.
#[tokio::test]
async fn a_tenant_does_not_tell_who_is_suspended() {
    let server = server_with(ALICE).await;
    let wrong = Face::Tenant.sign_in(&server, ALICE, "wrong").await.show();
    let alice = server.found(ALICE).await;
    server.join(&alice, SUSPENDED).await;
    assert_eq!(Face::Tenant.sign_in(&server, ALICE, PASSWORD).await.show(), wrong);
}

/// A partner's suspension holds for its users' tokens at Cognito's protocol, too (I15).
#[tokio::test]
async fn users_of_a_suspended_partner_are_out_at_cognito_s_protocol() {
    let server = server_with(ALICE).await;
    let SignedIn { access, refresh, .. } = sign_in(&server, Face::Partner, PARTNER_CLIENT).await;
    let set = async |status| {
        let (pool, id) = (server.main_pool(), ACME.into());
        server
            .engine
            .edit_partner(&operator(), &pool, &id, |partner| partner.status = status)
            .await
            .unwrap();
    };
    set(PartnerStatus::Suspended).await;
    assert_eq!(refreshes(&server, &refresh, PARTNER_CLIENT).await, [""; 0]);
    for (what, answer) in own_operations(&server, &access).await {
        assert!(is_refused(&answer), "{what}: {}", answer.text);
    }
    let parameters = json!({ "USERNAME": ALICE, "PASSWORD": PASSWORD });
    let flow = "ADMIN_USER_PASSWORD_AUTH";
    let answer = server.cognito().admin_initiate(PARTNER_CLIENT, flow, parameters.clone()).await;
    assert!(is_refused(&answer), "{}", answer.text);
    set(PartnerStatus::Active).await;
    let answer = server.cognito().admin_initiate(PARTNER_CLIENT, flow, parameters).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        refreshes(&server, &refresh, PARTNER_CLIENT).await,
        ["InitiateAuth", "AdminInitiateAuth", "GetTokensFromRefreshToken", "partner"]
    );
}

/// All faces through one app client, which the configuration file may not say.
fn shared() -> Config {
    let mut config = config(Path::new(""));
    let client = ClientId::from(TENANT_CLIENT);
    config.partner_api.as_mut().unwrap().client = client.clone();
    config.portal_api.as_mut().unwrap().client = client;
    let mut clients = config.pools[0].clients.iter_mut();
    let tenant = clients.find(|client| client.name == TENANT_CLIENT).unwrap();
    tenant.flows.push(AuthFlow::UserPassword);
    config
}

/// Even where faces share an app client, a sign-in belongs to its face.
#[tokio::test]
async fn a_sign_in_is_good_at_its_own_face_though_all_share_an_app_client() {
    let server = TestServer::with(shared()).await;
    server.user(ALICE, &[ACME, TENANT_GROUP]).await;
    let cognito = ["InitiateAuth", "AdminInitiateAuth", "GetTokensFromRefreshToken"];
    for (face, own) in
        [(Face::Partner, Some("partner")), (Face::Portal, Some("portal")), (Face::Tenant, None)]
    {
        let SignedIn { access, refresh, .. } = sign_in(&server, face, TENANT_CLIENT).await;
        let expected = match own {
            Some(own) => cognito.into_iter().chain([own]).collect(),
            None => vec!["tenant"],
        };
        assert_eq!(refreshes(&server, &refresh, TENANT_CLIENT).await, expected, "{face:?}");
        for (line, answer) in endpoints(&server, &access).await {
            let is_portals = line.contains("/api/");
            let is_open = match face {
                Face::Partner => !is_portals,
                Face::Portal => is_portals,
                _ => false,
            };
            let is_invalid = answer.text.contains("\"TOKEN_INVALID\"")
                || answer.text.contains("Invalid token")
                || answer.text.contains("Invalid or expired token");
            assert_eq!(is_invalid, !is_open, "{face:?} {line}: {}", answer.text);
        }
        let own = own_operations(&server, &access).await;
        for (what, answer) in own.iter().take(1) {
            let is_open = !matches!(face, Face::Tenant);
            assert_eq!(answer.status == 200, is_open, "{face:?} {what}: {}", answer.text);
        }
        if matches!(face, Face::Tenant) {
            for (what, answer) in own {
                assert!(answer.text.contains("Invalid Access Token"), "{what}: {}", answer.text);
            }
        } else {
            // The last of those operations was DeleteUser.
            server.user(ALICE, &[ACME, TENANT_GROUP]).await;
        }
    }
}

/// A sign-in that began at one face is not completed at another.
#[tokio::test]
async fn a_challenge_is_answered_where_it_was_put() {
    let server = TestServer::with(shared()).await;
    server.totp_user(ALICE, &[ACME, TENANT_GROUP]).await;
    let at = |face: Face| {
        let pointer = match face {
            Face::Cognito | Face::Partner => "/Session",
            Face::Portal => "/challenge/session",
            Face::Tenant => "/cognitoToken/Session",
        };
        let server = &server;
        async move { face.sign_in(server, ALICE, PASSWORD).await.get(pointer) }
    };
    let session = at(Face::Partner).await;
    let body = json!({
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "ClientId": TENANT_CLIENT,
        "Session": session,
        "ChallengeResponses": { "USERNAME": ALICE, "SOFTWARE_TOKEN_MFA_CODE": server.totp_code() },
    });
    let answer = server.cognito().call("RespondToAuthChallenge", &body).await;
    assert!(answer.text.contains("Invalid session"), "{}", answer.text);
    let body = json!({
        "username": ALICE,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": session,
        "mfa_token": server.totp_code(),
    });
    let answer = server.json("PUT", "/auth/challenge/mfa-token", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Ending a sign-in does no harm, wherever it is done.
#[tokio::test]
async fn a_sign_in_can_be_ended_at_cognito_s_protocol() {
    let server = server_with(ALICE).await;
    for SignedIn { face, client, refresh, .. } in everywhere(&server).await {
        let body = json!({ "ClientId": client, "Token": refresh });
        assert_eq!(server.cognito().call("RevokeToken", &body).await.status, 200, "{face:?}");
        assert_eq!(refreshes(&server, &refresh, client).await, [""; 0], "{face:?}");
    }
}

/// Sign-ins from before the face was recorded go on at the face that their client serves, and the rules
/// of that face hold for them.
#[tokio::test]
async fn sign_ins_from_before_belong_to_the_face_of_their_client() {
    let server = server_with(ALICE).await;
    server.store.forget_faces();
    let all = everywhere(&server).await;
    for SignedIn { face, client, access, refresh } in &all {
        let expected: &[_] = match face {
            Face::Cognito => &["InitiateAuth", "AdminInitiateAuth", "GetTokensFromRefreshToken"],
            Face::Partner => {
                &["InitiateAuth", "AdminInitiateAuth", "GetTokensFromRefreshToken", "partner"]
            }
            Face::Portal => {
                &["InitiateAuth", "AdminInitiateAuth", "GetTokensFromRefreshToken", "portal"]
            }
            Face::Tenant => &["tenant"],
        };
        assert_eq!(refreshes(&server, refresh, client).await, expected, "{face:?}");
        let opens = server.cognito().get_user(access).await.status == 200;
        assert_eq!(opens, !matches!(face, Face::Tenant), "{face:?}");
    }
    let alice = server.found(ALICE).await;
    server.join(&alice, SUSPENDED).await;
    for SignedIn { face, client, refresh, .. } in &all {
        assert_eq!(refreshes(&server, refresh, client).await, [""; 0], "{face:?}");
    }
}

/// Who has left a tenant in the midst of a sign-in there leaves no app on the account.
#[tokio::test]
async fn a_user_who_left_the_tenant_sets_nothing_up() {
    let server = TestServer::configured(|config| config.pools[0].mfa = MfaMode::On).await;
    let alice = server.user(ALICE, &[TENANT_GROUP]).await;
    server.edit(&alice, |user| user.attributes.set("email", "")).await;
    let answer = Face::Tenant.sign_in(&server, alice.sub.as_str(), PASSWORD).await;
    let cognito = server.cognito();
    let begun = json!({ "Session": answer.get("/cognitoToken/Session") });
    let key = cognito.call("AssociateSoftwareToken", &begun).await;
    let code = server.totp(&key.get("/SecretCode"));
    let proof = json!({ "Session": key.get("/Session"), "UserCode": code });
    server.leave(&alice, TENANT_GROUP).await;
    for (operation, body) in [("AssociateSoftwareToken", begun), ("VerifySoftwareToken", proof)] {
        let told = cognito.call(operation, &body).await.line();
        assert_eq!(told, r#"400 NotAuthorizedException "Invalid session for the user.""#);
    }
    assert!(server.found(alice.sub.as_str()).await.mfa.totp.is_none());
}
