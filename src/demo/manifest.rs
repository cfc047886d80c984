//! `dev.json` and the welcome text: where everything is, with a command to try each face.

use super::data::{self, PEOPLE, Person, Secrets, State};
use crate::config::{self, Config, PartnerConfig};
use crate::system::operator;
use anyhow::Result;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;

/// What of `dev.json` AWS's own tools need. Other members are not looked at.
#[derive(Deserialize)]
pub(super) struct AwsEnvironment {
    base_url: String,
    region: String,
    access_key: AwsAccessKey,
}

#[derive(Deserialize)]
struct AwsAccessKey {
    id: String,
    secret: String,
}

impl AwsEnvironment {
    /// Returns it unchanged if a shell can evaluate it safely: the values contain only letters, digits
    /// and the punctuation of URLs and keys, and the URL is on this machine.
    pub(super) fn checked(self) -> Option<Self> {
        let Self { base_url, region, access_key: AwsAccessKey { id, secret } } = &self;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._:/+=[]".contains(c);
        let all_plain =
            [base_url, region, id, secret].iter().all(|text| text.chars().all(is_plain));
        let is_local = base_url.starts_with("http://") && config::is_local(base_url);
        (all_plain && is_local).then_some(self)
    }

    /// The lines that a shell reads, each indented by `indent`.
    pub(super) fn exports(&self, indent: &str) -> String {
        let Self { base_url, region, access_key: AwsAccessKey { id, secret } } = self;
        format!(
            "{indent}unset AWS_SESSION_TOKEN AWS_PROFILE\n\
             {indent}export AWS_ACCESS_KEY_ID='{id}' AWS_SECRET_ACCESS_KEY='{secret}'\n\
             {indent}export AWS_DEFAULT_REGION='{region}' AWS_REGION='{region}' \
             AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER='{base_url}'\n"
        )
    }
}

/// What people's own tests need to know of a running demo. Members are added, never changed.
#[derive(Serialize)]
pub(super) struct Manifest {
    base_url: String,
    region: &'static str,
    issuer: String,
    jwks_url: String,
    pool_id: &'static str,
    clients: Clients,
    access_key: KeyPair,
    users: Vec<UserEntry>,
    partners: Vec<PartnerEntry>,
    tenant: TenantEntry,
    inbox_url: String,
}

#[derive(Serialize)]
struct Clients {
    public: PublicClient,
    confidential: KeyPair,
    partner: PublicClient,
    portal: PublicClient,
    tenant: PublicClient,
}

#[derive(Serialize)]
struct PublicClient {
    id: &'static str,
}

#[derive(Serialize)]
struct KeyPair {
    id: &'static str,
    secret: String,
}

#[derive(Serialize)]
struct UserEntry {
    username: String,
    email: String,
    password: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp_secret: Option<&'static str>,
    groups: &'static [&'static str],
}

#[derive(Serialize)]
struct PartnerEntry {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct TenantEntry {
    name: &'static str,
    user: Login,
    admin: Login,
    machine: Machine,
}

#[derive(Serialize)]
struct Login {
    username: String,
    password: &'static str,
}

#[derive(Serialize)]
struct Machine {
    client_id: &'static str,
    client_secret: String,
}

impl Manifest {
    pub(super) async fn of(engine: &Local, config: &Config, secrets: Secrets) -> Result<Self> {
        let pool = PoolId::from(data::POOL);
        let mut users = Vec::new();
        for person in &PEOPLE {
            let user = engine.get_user(&operator(), &pool, &person.email()).await?;
            users.push(UserEntry::of(person, user.username.to_string()));
        }
        let base_url = config.public_url.clone();
        let partners = config.partners.iter();
        Ok(Self {
            region: data::REGION,
            issuer: engine.issuer(&pool),
            jwks_url: format!("{base_url}/{pool}/.well-known/jwks.json"),
            pool_id: data::POOL,
            clients: Clients {
                public: PublicClient { id: data::PUBLIC_CLIENT },
                confidential: KeyPair {
                    id: data::CONFIDENTIAL_CLIENT,
                    secret: secrets.client.expose().to_owned(),
                },
                partner: PublicClient { id: data::PARTNER_CLIENT },
                portal: PublicClient { id: data::PORTAL_CLIENT },
                tenant: PublicClient { id: data::TENANT_CLIENT },
            },
            access_key: KeyPair {
                id: data::ACCESS_KEY,
                secret: secrets.access_key.expose().to_owned(),
            },
            users,
            partners: partners
                .map(|PartnerConfig { partner, .. }| PartnerEntry {
                    id: partner.id.to_string(),
                    name: partner.name.clone(),
                })
                .collect(),
            tenant: TenantEntry {
                name: data::TENANT,
                user: Login { username: first_user().email(), password: data::PASSWORD },
                admin: Login { username: data::TENANT_ADMIN.to_owned(), password: data::PASSWORD },
                machine: Machine {
                    client_id: data::MACHINE,
                    client_secret: secrets.machine.expose().to_owned(),
                },
            },
            inbox_url: format!("{base_url}/inbox"),
            base_url,
        })
    }

    /// What a stranger sees. Every line that begins with two spaces and `curl` works when pasted.
    pub(super) fn welcome(&self, folder: &Path) -> String {
        let (base, user, password) = (&self.base_url, first_user().email(), data::PASSWORD);
        let json = "-H 'Content-Type: application/json'";
        let mut text = format!(
            "Poolkeeper is ready at {base}\n\n\
             Data, keys and dev.json: {folder}\n\
             Mail and messages:       {inbox}\n\
             API documentation:       {base}/openapi\n\
             Users (password {password}):\n",
            folder = folder.display(),
            inbox = self.inbox_url,
        );
        for entry in &self.users {
            // Writing to a text cannot fail.
            let role = entry.role();
            let _: Result<(), _> = writeln!(text, "  {:<20} {}{role}", entry.email, entry.state);
        }
        text.push_str(&self.for_aws());
        let commands = [
            (
                "Amazon Cognito's protocol",
                format!(
                    "curl -s {base}/ -H 'Content-Type: application/x-amz-json-1.1' \
                     -H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth' \
                     -d '{{\"AuthFlow\":\"USER_PASSWORD_AUTH\",\"ClientId\":\"{client}\",\
                     \"AuthParameters\":{{\"USERNAME\":\"{user}\",\"PASSWORD\":\"{password}\"}}}}'",
                    client = data::PUBLIC_CLIENT,
                ),
            ),
            (
                "Partner API",
                format!(
                    "curl -s {base}/auth {json} \
                     -d '{{\"username\":\"{user}\",\"password\":\"{password}\"}}'"
                ),
            ),
            (
                "Partner API, as an administrator of Acme's users",
                format!(
                    "curl -s {base}/auth {json} \
                     -d '{{\"username\":\"{admin}\",\"password\":\"{password}\"}}'",
                    admin = data::PARTNER_ADMIN,
                ),
            ),
            (
                "Portal API",
                format!(
                    "curl -s {base}/api/auth/login {json} \
                     -d '{{\"username\":\"{user}\",\"password\":\"{password}\"}}'"
                ),
            ),
            (
                "Portal API, as an administrator",
                format!(
                    "curl -s {base}/api/admin/users -H \"Authorization: Bearer $(\
                     curl -s {base}/api/auth/login {json} \
                     -d '{{\"username\":\"{admin}\",\"password\":\"{password}\"}}' \
                     | sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')\"",
                    admin = administrator().email(),
                ),
            ),
            (
                "Tenant API",
                format!(
                    "curl -s {base}/Login {json} -d '{{\"UserName\":\"{user}\",\
                     \"TenantName\":\"{tenant}\",\"Password\":\"{password}\"}}'",
                    tenant = data::TENANT,
                ),
            ),
            ("Public keys", format!("curl -s {}", self.jwks_url)),
        ];
        for (face, command) in commands {
            let _: Result<(), _> = write!(text, "\n{face}:\n  {command}\n");
        }
        text.push_str("\nCtrl-C stops it.\n");
        text
    }
}

impl Manifest {
    fn for_aws(&self) -> String {
        format!(
            "\nAWS's tools (user pool {pool}, app client {client}):\n{exports}  aws cognito-idp \
             list-users --user-pool-id {pool}\n",
            pool = self.pool_id,
            client = data::PUBLIC_CLIENT,
            exports = self.environment().exports("  "),
        )
    }

    fn environment(&self) -> AwsEnvironment {
        let KeyPair { id, secret } = &self.access_key;
        AwsEnvironment {
            base_url: self.base_url.clone(),
            region: self.region.to_owned(),
            access_key: AwsAccessKey { id: (*id).to_owned(), secret: secret.clone() },
        }
    }
}

impl UserEntry {
    /// What the user administers, to stand after the state.
    fn role(&self) -> &'static str {
        match self.email.as_str() {
            data::PARTNER_ADMIN => ", administers the users of the partner Acme",
            data::TENANT_ADMIN => ", administers the machine credentials of the tenant Acme",
            _ if self.groups.contains(&data::ADMIN_GROUP) => ", administers the portal",
            _ => "",
        }
    }

    fn of(person: &'static Person, username: String) -> Self {
        Self {
            username,
            email: person.email(),
            password: data::PASSWORD,
            state: person.state.name(),
            totp_secret: person.totp_key(),
            groups: person.groups,
        }
    }
}

fn first_user() -> &'static Person {
    PEOPLE.iter().find(|person| person.state == State::Confirmed).unwrap_or(&PEOPLE[0])
}

fn administrator() -> &'static Person {
    let is_admin = |person: &&Person| person.groups.contains(&data::ADMIN_GROUP);
    PEOPLE.iter().find(is_admin).unwrap_or(&PEOPLE[0])
}
