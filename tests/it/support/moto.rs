//! A server whose sign-in APIs ask moto in Amazon's place: pools and app clients of its own for each
//! test, with the ids that moto gives them.

use super::{Answer, OTHER_POOL, PARTNER_CLIENT, PASSWORD, POOL, TestServer};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use poolkeeper::config::Config;
use poolkeeper_aws::{Forwarder, Limits, Proxies};
use poolkeeper_pool::entity::{
    Attributes, AuthFlow, Kind, Mfa, MfaMode, Provenance, User, UserStatus,
};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId, Sub, Username};
use poolkeeper_pool::system::Clock as _;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// The key of every authenticator app at moto, which has no other.
pub(super) const TOTP_KEY: &str = "ASDFASDFASDA";

/// What moto wants to see of an administrator; it does not check the signature.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=PKTEST/20260102/eu-west-1/cognito-idp/aws4_request, \
                      SignedHeaders=host, Signature=0";

const STATUSES: [UserStatus; 4] = [
    UserStatus::Unconfirmed,
    UserStatus::Confirmed,
    UserStatus::ForceChangePassword,
    UserStatus::ResetRequired,
];

/// Where moto is. `scripts/test moto` starts it and says so.
pub(super) fn address() -> SocketAddr {
    let address =
        std::env::var("POOLKEEPER_TEST_MOTO").expect("POOLKEEPER_TEST_MOTO: where is it?");
    address.parse().unwrap()
}

/// Makes the pools of a configuration, and gives it their ids and those of their clients.
pub(super) async fn make_pools(config: &mut Config) {
    for index in 0..config.pools.len() {
        let pool = config.pools[index].clone();
        let settings = json!({
            "PoolName": pool.name,
            "Policies": { "PasswordPolicy": { "MinimumLength": pool.password_policy.minimum_length } },
            "UsernameAttributes": ["email"],
            "UsernameConfiguration": { "CaseSensitive": pool.case_sensitive },
            "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": pool.rules.admin_create_only },
            "MfaConfiguration": match pool.mfa {
                MfaMode::Off => "OFF",
                MfaMode::Optional => "OPTIONAL",
                MfaMode::On => "ON",
            },
        });
        let id = call("CreateUserPool", &settings).await["UserPool"]["Id"].clone();
        let apps = json!({
            "UserPoolId": id,
            "MfaConfiguration": settings["MfaConfiguration"],
            "SoftwareTokenMfaConfiguration": { "Enabled": true },
        });
        call("SetUserPoolMfaConfig", &apps).await;
        let partners = config.partners.iter().map(|partner| &partner.partner);
        let partners = partners.filter(|partner| partner.pool == pool.id);
        let mut groups: Vec<_> = partners.map(|partner| partner.id.as_str()).collect();
        groups.extend(pool.groups.iter().map(|group| group.name.as_str()));
        for group in groups {
            call("CreateGroup", &json!({ "UserPoolId": id, "GroupName": group })).await;
        }
        for client in &pool.clients {
            let settings = json!({
                "UserPoolId": id,
                "ClientName": client.name,
                // Amazon's default is all there are, and moto's none.
                "ReadAttributes": ["name"],
                "ExplicitAuthFlows": client.flows.iter().copied().map(flow).collect::<Vec<_>>(),
            });
            let made = call("CreateUserPoolClient", &settings).await;
            let new = text(&made["UserPoolClient"]["ClientId"]);
            name_client(config, &client.id, &ClientId::from(new));
        }
        name_pool(config, &pool.id, &PoolId::from(text(&id)));
    }
}

fn flow(flow: AuthFlow) -> &'static str {
    match flow {
        AuthFlow::AdminUserPassword => "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        AuthFlow::UserPassword => "ALLOW_USER_PASSWORD_AUTH",
        AuthFlow::UserSrp => "ALLOW_USER_SRP_AUTH",
        AuthFlow::RefreshToken => "ALLOW_REFRESH_TOKEN_AUTH",
        other => panic!("no test's client has {other:?}"),
    }
}

fn name_pool(config: &mut Config, old: &PoolId, new: &PoolId) {
    let pools = config.pools.iter_mut().map(|pool| &mut pool.id);
    let partners = config.partners.iter_mut().map(|partner| &mut partner.partner.pool);
    let tenants = config.tenants.iter_mut().map(|tenant| &mut tenant.pool);
    let partner_api = config.partner_api.iter_mut().map(|api| &mut api.pool);
    let portal_api = config.portal_api.iter_mut().map(|api| &mut api.pool);
    let all = pools.chain(partners).chain(tenants).chain(partner_api).chain(portal_api);
    all.filter(|id| *id == old).for_each(|id| *id = new.clone());
}

fn name_client(config: &mut Config, old: &ClientId, new: &ClientId) {
    let clients = config.pools.iter_mut().flat_map(|pool| &mut pool.clients);
    let tenants = config.tenants.iter_mut().map(|tenant| &mut tenant.client);
    let partner_api = config.partner_api.iter_mut().map(|api| &mut api.client);
    let portal_api = config.portal_api.iter_mut().map(|api| &mut api.client);
    let all = clients.map(|client| &mut client.id).chain(tenants);
    let all = all.chain(partner_api).chain(portal_api);
    all.filter(|id| *id == old).for_each(|id| *id = new.clone());
}

/// A text that must be there.
fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Asks moto for something that it does.
async fn call(operation: &str, body: &Value) -> Value {
    let answer = send(operation, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.json()
}

async fn send(operation: &str, body: &str) -> Answer {
    let seconds = Duration::from_secs(20);
    let limits = Limits { connect: seconds, answer: seconds, ..Limits::default() };
    let moto =
        Forwarder::new(&format!("http://{}", address()), &limits, &Proxies::default()).unwrap();
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
    headers.insert("x-amz-target", HeaderValue::from_str(&target).unwrap());
    headers.insert("authorization", HeaderValue::from_static(SIGNED));
    let answer = moto.forward(Method::POST, headers, body.as_bytes().to_vec()).await.unwrap();
    Answer {
        status: StatusCode::from_u16(answer.status).unwrap(),
        headers: answer.headers,
        text: String::from_utf8(answer.body).unwrap(),
    }
}

/// What tests do to the pools past the sign-in APIs: at moto, not by what is tested.
impl TestServer {
    /// A request of Cognito's own protocol, with the ids that things have at moto.
    pub(super) async fn ask_moto(&self, operation: &str, body: &str) -> Answer {
        let mut body = body.to_owned();
        for (old, pool) in [POOL, OTHER_POOL].iter().zip(&self.config.pools) {
            body = body.replace(&format!("\"{old}\""), &format!("\"{}\"", pool.id));
            for client in &pool.clients {
                let (old, new) = (&client.name, &client.id);
                body = body.replace(&format!("\"{old}\""), &format!("\"{new}\""));
            }
        }
        send(operation, &body).await
    }

    /// A user with the password that all users have, which is a temporary one.
    pub(super) async fn user_at_moto(&self, pool: PoolId, email: &str, groups: &[&str]) -> User {
        let body = json!({
            "UserPoolId": pool.as_str(),
            "Username": email,
            "TemporaryPassword": PASSWORD,
            "MessageAction": "SUPPRESS",
        });
        call("AdminCreateUser", &body).await;
        let user = self.found_at_moto(pool, email).await;
        for group in groups {
            about(&user, "AdminAddUserToGroup", json!({ "GroupName": group })).await;
        }
        user
    }

    /// A user as it is now; what nobody is told of it is made up.
    pub(super) async fn found_at_moto(&self, pool: PoolId, name: &str) -> User {
        let body = json!({ "UserPoolId": pool.as_str(), "Username": name });
        let found = call("AdminGetUser", &body).await;
        let mut attributes = Attributes::default();
        for attribute in found["UserAttributes"].as_array().unwrap() {
            attributes.set(text(&attribute["Name"]), text(&attribute["Value"]));
        }
        User {
            pool,
            sub: Sub::from(attributes.get("sub").unwrap()),
            username: Username::from(text(&found["Username"])),
            status: STATUSES.into_iter().find(|it| found["UserStatus"] == it.as_str()).unwrap(),
            enabled: found["Enabled"].as_bool().unwrap(),
            kind: Kind::Person,
            password: None,
            password_set_at: self.clock.now(),
            provenance: Provenance::default(),
            attributes,
            mfa: Mfa::default(),
            signed_out_at: None,
            created_at: self.clock.now(),
            modified_at: self.clock.now(),
            version: 0,
        }
    }

    /// Makes a group, unless it is there.
    pub(super) async fn group_at_moto(&self, pool: &PoolId, name: &GroupName) {
        let body = json!({ "UserPoolId": pool.as_str(), "GroupName": name.as_str() });
        send("CreateGroup", &body.to_string()).await;
    }

    /// Adds a user to a group, or takes the user out of it.
    pub(super) async fn member_at_moto(&self, user: &User, group: &GroupName, is_in: bool) {
        let verb = if is_in { "AdminAddUserToGroup" } else { "AdminRemoveUserFromGroup" };
        about(user, verb, json!({ "GroupName": group.as_str() })).await;
    }

    /// Sets up an authenticator app, which must be asked for from then on.
    pub(super) async fn app_at_moto(&self, user: User) -> User {
        let sign_in = json!({
            "ClientId": self.client(PARTNER_CLIENT).as_str(),
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": user.username.as_str(), "PASSWORD": PASSWORD },
        });
        let answer = about(&user, "AdminInitiateAuth", sign_in).await;
        let token = answer["AuthenticationResult"]["AccessToken"].clone();
        call("AssociateSoftwareToken", &json!({ "AccessToken": token })).await;
        let code = json!({ "AccessToken": token, "UserCode": self.totp(TOTP_KEY) });
        call("VerifySoftwareToken", &code).await;
        about(&user, "AdminSetUserMFAPreference", app(true)).await;
        user
    }

    /// Changes a user in the ways in which an administrator can.
    pub(super) async fn edit_at_moto(&self, user: &User, edit: impl Fn(&mut User)) -> User {
        let mut edited = user.clone();
        edit(&mut edited);
        let name = user.username.as_str();
        let enabled = if edited.enabled { "AdminEnableUser" } else { "AdminDisableUser" };
        about(user, enabled, json!({})).await;
        let attributes: Vec<_> = edited
            .attributes
            .iter()
            .filter(|(name, value)| user.attributes.get(name) != Some(value))
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect();
        if !attributes.is_empty() {
            let attributes = json!({ "UserAttributes": attributes });
            about(user, "AdminUpdateUserAttributes", attributes).await;
        }
        if edited.status != user.status {
            match edited.status {
                UserStatus::Confirmed => {
                    set_password(&user.pool, name, PASSWORD, true).await;
                }
                UserStatus::ForceChangePassword => {
                    set_password(&user.pool, name, PASSWORD, false).await;
                }
                UserStatus::ResetRequired => {
                    about(user, "AdminResetUserPassword", json!({})).await;
                }
                UserStatus::Unconfirmed => panic!("nobody can do this to a user at Amazon"),
            }
        }
        assert!(edited.mfa.email.is_none() && edited.mfa.sms.is_none(), "moto sends no codes");
        edited
    }
}

pub(super) async fn set_password(pool: &PoolId, name: &str, password: &str, permanent: bool) {
    let body = json!({
        "UserPoolId": pool.as_str(),
        "Username": name,
        "Password": password,
        "Permanent": permanent,
    });
    call("AdminSetUserPassword", &body).await;
}

/// An administrator's call about a user.
async fn about(user: &User, operation: &str, mut body: Value) -> Value {
    body["UserPoolId"] = user.pool.as_str().into();
    body["Username"] = user.username.as_str().into();
    call(operation, &body).await
}

/// Whether a user's authenticator app is asked for.
fn app(enabled: bool) -> Value {
    json!({ "SoftwareTokenMfaSettings": { "Enabled": enabled, "PreferredMfa": enabled } })
}
