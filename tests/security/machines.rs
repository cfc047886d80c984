//! A machine has business at its tenant alone, and changes nothing about itself (S7, A14, F19).

use crate::support::{
    Answer, PASSWORD, SrpClient, TENANT, TENANT_CLIENT, TENANT_GROUP, TestServer, config,
};
use poolkeeper::system::operator;
use poolkeeper_pool::backend::tenancy::{NewCredential, Tenancy as _};
use poolkeeper_pool::entity::{AuthFlow, Tenant};
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::ports::Store as _;
use serde_json::json;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

const ALICE: &str = "alice@example.com";
const GLOBEX: &str = "Globex";

/// A server whose tenants share a pool and an app client, through which everything else signs in, too;
/// one of them has a machine.
struct World {
    server: TestServer,
    id: String,
    secret: String,
}

async fn world(has_groups: bool) -> World {
    let mut config = config(Path::new(""));
    let client = ClientId::from(TENANT_CLIENT);
    config.partner_api.as_mut().unwrap().client = client.clone();
    config.portal_api.as_mut().unwrap().client = client;
    let mut clients = config.pools[0].clients.iter_mut();
    let tenant = clients.find(|client| client.name == TENANT_CLIENT).unwrap();
    tenant.flows.extend([AuthFlow::UserPassword, AuthFlow::UserSrp, AuthFlow::UserAuth]);
    if !has_groups {
        for tenant in &mut config.tenants {
            tenant.group = None;
        }
    }
    let server = TestServer::with(config).await;
    let acme = tenant_of(&server, TENANT).await;
    let new = NewCredential { name: "Turnstile".to_owned(), grants: Vec::new() };
    let (credential, secret) =
        server.pools.create_credential(&operator(), &acme, new).await.unwrap();
    let (id, secret) = (credential.client_id.to_string(), secret.expose().to_owned());
    World { server, id, secret }
}

async fn tenant_of(server: &TestServer, name: &str) -> Tenant {
    server.engine.tenant(name).await.unwrap().unwrap()
}

async fn login(server: &TestServer, name: &str, tenant: &str, password: &str) -> Answer {
    let body = json!({ "UserName": name, "TenantName": tenant, "Password": password });
    server.json("POST", "/Login", &body).await
}

/// A sign-in by password through everything but the machine's own tenant.
async fn elsewhere(server: &TestServer, name: &str, password: &str) -> Vec<(&'static str, Answer)> {
    let cognito = server.cognito();
    let parameters = json!({ "USERNAME": name, "PASSWORD": password });
    let lower = json!({ "username": name, "password": password });
    let chosen =
        json!({ "USERNAME": name, "PASSWORD": password, "PREFERRED_CHALLENGE": "PASSWORD" });
    vec![
        (
            "USER_PASSWORD_AUTH",
            cognito.initiate_as(TENANT_CLIENT, "USER_PASSWORD_AUTH", parameters.clone()).await,
        ),
        (
            "ADMIN_USER_PASSWORD_AUTH",
            cognito.admin_initiate(TENANT_CLIENT, "ADMIN_USER_PASSWORD_AUTH", parameters).await,
        ),
        ("USER_AUTH", cognito.initiate_as(TENANT_CLIENT, "USER_AUTH", chosen).await),
        ("USER_SRP_AUTH", srp(server, name, password).await),
        ("partner", server.json("POST", "/auth", &lower).await),
        ("portal", server.json("POST", "/api/auth/login", &lower).await),
        ("tenant", login(server, name, GLOBEX, password).await),
    ]
}

async fn srp(server: &TestServer, name: &str, password: &str) -> Answer {
    let client = SrpClient::new();
    let parameters = json!({ "USERNAME": name, "SRP_A": client.srp_a() });
    let cognito = server.cognito();
    let challenge = cognito.initiate_as(TENANT_CLIENT, "USER_SRP_AUTH", parameters).await;
    let pool = server.main_pool();
    let body = json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ClientId": TENANT_CLIENT,
        "ChallengeResponses": client.claim(&challenge, pool.as_str(), password),
    });
    cognito.call("RespondToAuthChallenge", &body).await
}

/// Its secret is wrong everywhere else, in the same words.
#[tokio::test]
async fn a_machine_signs_in_at_its_tenant_alone() {
    for has_groups in [true, false] {
        let World { server, id, secret } = world(has_groups).await;
        let wrong = elsewhere(&server, &id, "wrong").await;
        server.engine.unlock(&operator(), &server.main_pool(), &id).await.unwrap();
        for ((way, right), (_, wrong)) in
            elsewhere(&server, &id, &secret).await.into_iter().zip(wrong)
        {
            assert_ne!(right.status, 200, "{way}");
            assert_eq!(right.show(), wrong.show(), "{way}");
        }
        assert_eq!(login(&server, &id, TENANT, &secret).await.status, 200);
    }
}

fn token(answer: &Answer, name: &str) -> String {
    answer.get(&format!("/cognitoToken/AuthenticationResult/{name}"))
}

/// It refreshes, reads itself, and logs out.
#[tokio::test]
async fn a_machine_does_what_it_needs_to() {
    let World { server, id, secret } = world(true).await;
    let signed_in = login(&server, &id, TENANT, &secret).await;
    let (access, refresh) = (token(&signed_in, "AccessToken"), token(&signed_in, "RefreshToken"));
    let body = json!({ "TenantName": TENANT, "RefreshToken": refresh });
    assert_eq!(server.json("POST", "/RefreshToken", &body).await.status, 200);
    let own = server.cognito().get_user(&access).await;
    assert_eq!((own.status.as_u16(), own.get("/Username")), (200, id));
    let elsewhere = json!({ "TenantName": GLOBEX, "RefreshToken": refresh });
    assert_eq!(server.json("POST", "/RefreshToken", &elsewhere).await.status, 401);
    let parameters = json!({ "REFRESH_TOKEN": refresh });
    let cognito = server.cognito();
    let answer = cognito.initiate_as(TENANT_CLIENT, "REFRESH_TOKEN_AUTH", parameters).await;
    assert!(answer.text.contains("Invalid Refresh Token"), "{}", answer.text);
    let logout = json!({ "RefreshToken": refresh });
    assert_eq!(server.json("POST", "/Logout", &logout).await.status, 204);
    assert_ne!(server.json("POST", "/RefreshToken", &body).await.status, 200);
    assert_ne!(server.cognito().get_user(&access).await.status, 200);
}

/// Who has its secret cannot keep it from its tenant.
#[tokio::test]
async fn a_machine_changes_nothing_about_itself() {
    let World { server, id, secret } = world(true).await;
    let signed_in = login(&server, &id, TENANT, &secret).await;
    let access = token(&signed_in, "AccessToken");
    let before = server.found(&id).await;
    let device = "eu-west-1_11111111-1111-1111-1111-111111111111";
    for (operation, mut body) in [
        (
            "ChangePassword",
            json!({ "PreviousPassword": secret, "ProposedPassword": "N3w-passw0rd!" }),
        ),
        (
            "UpdateUserAttributes",
            json!({ "UserAttributes": [{ "Name": "email", "Value": "mine@example.com" }] }),
        ),
        ("DeleteUserAttributes", json!({ "UserAttributeNames": ["name"] })),
        ("GetUserAttributeVerificationCode", json!({ "AttributeName": "email" })),
        ("VerifyUserAttribute", json!({ "AttributeName": "email", "Code": "123456" })),
        ("AssociateSoftwareToken", json!({})),
        ("VerifySoftwareToken", json!({ "UserCode": "123456" })),
        ("SetUserMFAPreference", json!({ "EmailMfaSettings": { "Enabled": true } })),
        (
            "SetUserSettings",
            json!({ "MFAOptions": [{ "AttributeName": "phone_number", "DeliveryMedium": "SMS" }] }),
        ),
        ("ForgetDevice", json!({ "DeviceKey": device })),
        (
            "UpdateDeviceStatus",
            json!({ "DeviceKey": device, "DeviceRememberedStatus": "remembered" }),
        ),
        ("DeleteUser", json!({})),
    ] {
        body["AccessToken"] = json!(access);
        let answer = server.cognito().call(operation, &body).await;
        let told = "Access Token does not have required scopes";
        assert!(answer.text.contains(told), "{operation}: {}", answer.text);
    }
    let authorization = format!("Bearer {access}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    for line in ["GET /api/auth/me", "GET /permissions", "GET /auth/mfa/configure/totp"] {
        assert_eq!(server.call(line, &headers, "").await.status, 401, "{line}");
    }
    assert_eq!(server.found(&id).await, before);
    assert_eq!(login(&server, &id, TENANT, &secret).await.status, 200);
}

/// A code to an address that somebody gave it would replace its secret.
#[tokio::test]
async fn a_machine_s_secret_is_not_reset_by_a_code() {
    let World { server, id, .. } = world(true).await;
    let address = [
        ("email".to_owned(), "mine@example.com".to_owned()),
        ("email_verified".to_owned(), "true".to_owned()),
    ];
    server.engine.update_attributes(&operator(), &server.main_pool(), &id, &address).await.unwrap();
    let body = json!({ "ClientId": TENANT_CLIENT, "Username": id });
    server.cognito().call("ForgotPassword", &body).await;
    assert_eq!(server.store.messages(9).await.unwrap(), []);
}

/// Guesses at its name are answered and cost as those at a person's, and keep it out for no moment.
#[tokio::test]
async fn guesses_do_not_lock_a_machine_out() {
    let World { server, id, secret } = world(true).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    let shaped = "A".repeat(secret.len());
    for guess in ["Wr0ng-passw0rd!", &shaped] {
        let mut told = Vec::new();
        for name in [id.as_str(), ALICE, "nobody@example.com"] {
            let mut rows = Vec::new();
            for _ in 0..12 {
                let before = server.workers.comparisons.load(Ordering::SeqCst);
                server.store.calls();
                let answer = login(&server, name, TENANT, guess).await.row(&[]);
                let after = server.workers.comparisons.load(Ordering::SeqCst);
                let calls = server.store.calls().join(", ").replace(": nothing", "");
                rows.push(format!("{answer} after {} hashes and {calls}", after - before));
            }
            told.push(rows);
        }
        assert_eq!(told[0], told[1], "{guess}");
        assert_eq!(told[0], told[2], "{guess}");
        assert_eq!(login(&server, &id, TENANT, &secret).await.status, 200, "{guess}");
        assert_ne!(login(&server, ALICE, TENANT, PASSWORD).await.status, 200, "{guess}");
        server.clock.advance(Duration::from_hours(1));
    }
}

/// Not even at the moment in which it signs in does a lock come between.
#[tokio::test]
async fn a_machine_signs_in_while_it_is_guessed_at() {
    let World { server, id, secret } = world(true).await;
    let guess = async {
        for _ in 0..20 {
            login(&server, &id, TENANT, "Wr0ng-passw0rd!").await;
        }
    };
    let own = async {
        for _ in 0..20 {
            assert_eq!(login(&server, &id, TENANT, &secret).await.status, 200);
        }
    };
    tokio::join!(guess, own);
}
