//! A server whose sign-in APIs ask an imitation of Amazon, moto or ministack: pools and app clients of
//! their own for each test, with the ids that the imitation gives them.

use super::{Answer, OTHER_POOL, PARTNER_CLIENT, PASSWORD, POOL, REGION, Signer, TestServer};
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
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The access key of the account, which may do everything. The sign-in APIs have another one. moto
/// checks neither.
const KEY: (&str, &str) = ("PKROOT", "abcdefghijklmnopqrstuvwxyz0123456789ABCD");

/// The time at an imitation, which is that of a [`super::TestClock`] that nobody has moved.
const TIME: &str = "20260102T030405Z";

const STATUSES: [UserStatus; 4] = [
    UserStatus::Unconfirmed,
    UserStatus::Confirmed,
    UserStatus::ForceChangePassword,
    UserStatus::ResetRequired,
];

/// Where the imitation is. `scripts/test moto` and `scripts/test ministack` start one and say so.
pub(super) fn address() -> SocketAddr {
    let address = std::env::var("POOLKEEPER_TEST_IMITATION");
    address.expect("POOLKEEPER_TEST_IMITATION: where is it?").parse().unwrap()
}

/// Whether there is one.
pub(super) fn is_asked_for() -> bool {
    std::env::var_os("POOLKEEPER_TEST_IMITATION").is_some()
}

/// Makes the pools of a configuration, and gives it their ids and those of their clients.
pub(super) async fn make_pools(config: &mut Config) {
    for index in 0..config.pools.len() {
        let pool = config.pools[index].clone();
        let settings = json!({
            "PoolName": pool.name,
            "Policies": { "PasswordPolicy": { "MinimumLength": pool.password_policy.minimum_length } },
            "UsernameAttributes": ["email"],
            // By its sender, a mail is known to be of this pool.
            "EmailConfiguration": { "From": sender() },
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

/// An address that no other pool sends mail from.
fn sender() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}@example.com", std::process::id())
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

/// Asks the imitation for something that it does.
async fn call(operation: &str, body: &Value) -> Value {
    let answer = send(operation, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    answer.json()
}

async fn send(operation: &str, body: &str) -> Answer {
    let seconds = Duration::from_secs(20);
    let limits = Limits { connect: seconds, answer: seconds, ..Limits::default() };
    let host = address().to_string();
    let imitation =
        Forwarder::new(&format!("http://{host}"), &limits, &Proxies::default()).unwrap();
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let signed = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", host.as_str()),
        ("x-amz-date", TIME),
        ("x-amz-target", target.as_str()),
    ];
    let (key, secret) = KEY;
    let signer = Signer { key, secret, region: REGION, service: "cognito-idp", time: TIME };
    let authorization = signer.authorization(&signed, body.as_bytes());
    let mut headers = HeaderMap::new();
    for (name, value) in signed.into_iter().chain([("authorization", authorization.as_str())]) {
        if name != "host" {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    let answer = imitation.forward(Method::POST, headers, body.as_bytes().to_vec()).await.unwrap();
    Answer {
        status: StatusCode::from_u16(answer.status).unwrap(),
        headers: answer.headers,
        text: String::from_utf8(answer.body).unwrap(),
    }
}

/// The codes that were mailed to users of a pool and where they went, the newest first. moto mails none.
pub(super) async fn codes(pool: &PoolId) -> Vec<(String, String)> {
    let host = address();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET /_ministack/ses/messages HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let mails: Value = serde_json::from_str(body).unwrap_or_default();
    let of_accounts = mails["messages"].as_object().into_iter().flat_map(|all| all.values());
    let mut mails: Vec<_> = of_accounts.filter_map(Value::as_array).flatten().collect();
    mails.reverse();
    let pool = call("DescribeUserPool", &json!({ "UserPoolId": pool.as_str() })).await;
    let sender = &pool["UserPool"]["EmailConfiguration"]["From"];
    let is_code =
        |mail: &&&Value| mail["Source"] == *sender && mail["Type"] == "CognitoVerificationMessage";
    let code = |mail: &Value| {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect();
        (digits(text(&mail["BodyText"])), text(&mail["To"][0]).to_owned())
    };
    mails.iter().filter(is_code).map(|mail| code(mail)).collect()
}

/// What tests do to the pools past the sign-in APIs: at the imitation, not by what is tested.
impl TestServer {
    /// A request of Cognito's own protocol, with the ids that things have at the imitation.
    pub(super) async fn ask_imitation(&self, operation: &str, body: &str) -> Answer {
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
    pub(super) async fn user_imitated(&self, pool: PoolId, email: &str, groups: &[&str]) -> User {
        let body = json!({
            "UserPoolId": pool.as_str(),
            "Username": email,
            "TemporaryPassword": PASSWORD,
            "MessageAction": "SUPPRESS",
        });
        call("AdminCreateUser", &body).await;
        let user = self.found_imitated(pool, email).await;
        for group in groups {
            about(&user, "AdminAddUserToGroup", json!({ "GroupName": group })).await;
        }
        user
    }

    /// A user as it is now; what nobody is told of it is made up.
    pub(super) async fn found_imitated(&self, pool: PoolId, name: &str) -> User {
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
    pub(super) async fn group_imitated(&self, pool: &PoolId, name: &GroupName) {
        let body = json!({ "UserPoolId": pool.as_str(), "GroupName": name.as_str() });
        send("CreateGroup", &body.to_string()).await;
    }

    /// Adds a user to a group, or takes the user out of it.
    pub(super) async fn member_imitated(&self, user: &User, group: &GroupName, is_in: bool) {
        let verb = if is_in { "AdminAddUserToGroup" } else { "AdminRemoveUserFromGroup" };
        about(user, verb, json!({ "GroupName": group.as_str() })).await;
    }

    /// Sets up an authenticator app, which must be asked for from then on.
    pub(super) async fn app_imitated(&self, user: User) -> User {
        let sign_in = json!({
            "ClientId": self.client(PARTNER_CLIENT).as_str(),
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": user.username.as_str(), "PASSWORD": PASSWORD },
        });
        let answer = about(&user, "AdminInitiateAuth", sign_in).await;
        let token = answer["AuthenticationResult"]["AccessToken"].clone();
        let key = call("AssociateSoftwareToken", &json!({ "AccessToken": token })).await;
        // moto's key ends within a byte: what is left over stands for nothing, and has to be zero.
        let key = text(&key["SecretCode"]).replace("asdfasdfasdf", "asdfasdfasda");
        self.app_key.lock().unwrap().clone_from(&key);
        let code = json!({ "AccessToken": token, "UserCode": self.totp(&key) });
        call("VerifySoftwareToken", &code).await;
        about(&user, "AdminSetUserMFAPreference", app(true)).await;
        user
    }

    /// Changes a user in the ways in which an administrator can.
    pub(super) async fn edit_imitated(&self, user: &User, edit: impl Fn(&mut User)) -> User {
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
        assert!(edited.mfa.email.is_none() && edited.mfa.sms.is_none(), "it sends no codes");
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
