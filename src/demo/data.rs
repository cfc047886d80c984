//! What is in the demo: one pool with users in every state, two partners, a tenant.
//!
//! Ids and the users' passwords are the same everywhere, since only this machine can reach the
//! server. What lets a caller administer the server, the secrets, is made anew in each data
//! folder: otherwise any web page open on this machine could use it.

use super::DevOptions;
use crate::config::{
    Backend, ClientConfig, CognitoConfig, Config, GroupConfig, PartnerApiConfig, PartnerConfig,
    PoolConfig, PortalApiConfig, TenantApiConfig, preset,
};
use crate::system::{SystemRng, operator};
use crate::workers::HashingSettings;
use anyhow::Result;
use poolkeeper_faces::{PartnerLimits, TrustedProxies};
use poolkeeper_pool::backend::administration::{Invitation, NewUser};
use poolkeeper_pool::crypto::seal::{Context, SealPurpose, Sealer};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{
    Attributes, AuthFlow, CodeMfa, Contact, Grant, Kind, MfaMode, Partner, PartnerStatus,
    PasswordPolicy, PoolRules, SignInName, Tenant, TokenValidity, Totp, User, UserStatus,
};
use poolkeeper_pool::ids::{
    AccessKeyId, ClientId, GroupName, PartnerId, PoolId, TenantId, random_access_key_secret,
};
use poolkeeper_pool::limits::quota::MessageLimits;
use poolkeeper_pool::local::{Local, NewClient, NewSecret};
use poolkeeper_pool::{Error, Refusal};
use std::net::SocketAddr;
use std::time::Duration;

pub(super) const REGION: &str = "us-east-1";
pub(super) const POOL: &str = "us-east-1_DemoPool1";
pub(super) const PUBLIC_CLIENT: &str = "demopublic0000000000000000";
pub(super) const CONFIDENTIAL_CLIENT: &str = "democonfidential0000000000";
pub(super) const PARTNER_CLIENT: &str = "demopartner000000000000000";
pub(super) const PORTAL_CLIENT: &str = "demoportal0000000000000000";
pub(super) const TENANT_CLIENT: &str = "demotenant0000000000000000";
pub(super) const ACCESS_KEY: &str = "PKDEMO00000000000000";
pub(super) const TENANT: &str = "Acme";
const TENANT_GROUP: &str = "tenant-acme";
const TENANT_ADMINS: &str = "tenant-acme-admins";
/// Manages the tenant's machine credentials.
pub(super) const TENANT_ADMIN: &str = "thea@example.com";
/// Its members administer the pool through the portal API.
pub(super) const ADMIN_GROUP: &str = "admin";
pub(super) const MACHINE: &str = "acme-turnstile";
pub(super) const PASSWORD: &str = "Demo-Passw0rd";
const TOTP_KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A state that a demo user is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Confirmed,
    ForceChangePassword,
    Totp,
    CodeMfa,
    Disabled,
    Unconfirmed,
    Locked,
}

/// A user of the demo.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) groups: &'static [&'static str],
}

impl Person {
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.name.to_lowercase())
    }

    pub(super) fn totp_key(&self) -> Option<&'static str> {
        (self.state == State::Totp).then_some(TOTP_KEY)
    }
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::Totp => "TOTP",
            Self::CodeMfa => "EMAIL_MFA",
            Self::Disabled => "DISABLED",
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Locked => "LOCKED",
        }
    }
}

/// Groups that administrators of a partner can give.
const ACCESS_GROUPS: [&str; 2] = ["webapp-access-group-1", "webapp-access-group-2"];
/// Whose members administer the users of their own partner.
const ADMINS: &str = "partner-admins";
/// The demo's administrator of a partner.
pub(super) const PARTNER_ADMIN: &str = "paula@example.com";
const ALL_DOORS: &[&str] = &["partner-id-acme", "partner-id-globex", TENANT_GROUP];

pub(super) const PEOPLE: [Person; 11] = [
    Person { name: "Alice", state: State::Confirmed, groups: ALL_DOORS },
    Person { name: "Adam", state: State::Confirmed, groups: &["partner-id-acme", ADMIN_GROUP] },
    Person {
        name: "Paula",
        state: State::Confirmed,
        groups: &["partner-id-acme", ADMINS, ACCESS_GROUPS[1]],
    },
    Person { name: "Thea", state: State::Confirmed, groups: &[TENANT_GROUP, TENANT_ADMINS] },
    Person { name: "Fred", state: State::ForceChangePassword, groups: ALL_DOORS },
    Person { name: "Tina", state: State::Totp, groups: ALL_DOORS },
    Person { name: "Emma", state: State::CodeMfa, groups: ALL_DOORS },
    Person { name: "Dora", state: State::Disabled, groups: ALL_DOORS },
    Person { name: "Ursula", state: State::Unconfirmed, groups: ALL_DOORS },
    Person { name: "Lars", state: State::Locked, groups: ALL_DOORS },
    Person { name: "Nora", state: State::Confirmed, groups: &[] },
];

/// The demo's configuration.
pub(super) fn config(options: &DevOptions) -> Config {
    let pool = PoolId::from(POOL);
    let mut config = Config {
        listen: options.listen,
        public_url: String::new(),
        hosts: Vec::new(),
        data: options.data.clone(),
        database: None,
        master_key_file: None,
        previous_master_key_file: None,
        region: REGION.to_owned(),
        account: "000000000000".to_owned(),
        issuer: String::new(),
        trusted_proxies: TrustedProxies::default(),
        operator: None,
        hashing: HashingSettings::default(),
        pools: vec![pool_config(pool.clone())],
        partners: vec![
            partner(&pool, "partner-id-acme", 1, "Acme Events", "acme.example"),
            partner(&pool, "partner-id-globex", 2, "Globex Tickets", "globex.example"),
        ],
        permissions: permissions(&pool),
        tenants: vec![Tenant {
            name: TENANT.to_owned(),
            id: TenantId::from("1"),
            pool: pool.clone(),
            client: ClientId::from(TENANT_CLIENT),
            group: Some(GroupName::from(TENANT_GROUP)),
            admin_group: Some(GroupName::from(TENANT_ADMINS)),
        }],
        access_keys: Vec::new(),
        cognito: Some(CognitoConfig { attempts_per_address: None, forward: None }),
        partner_api: Some(PartnerApiConfig {
            pool: pool.clone(),
            client: ClientId::from(PARTNER_CLIENT),
            prefix: String::new(),
            groups: preset::future_demand(),
            first_party_apps: Vec::new(),
            limits: PartnerLimits::NONE,
        }),
        portal_api: Some(PortalApiConfig {
            pool,
            client: ClientId::from(PORTAL_CLIENT),
            prefix: String::new(),
            texts: preset::igad_innovation_hub(),
            admin_addresses: Vec::new(),
            cors_origins: [
                "http://localhost:3000",
                "http://localhost:5173",
                "http://127.0.0.1:3000",
                "http://127.0.0.1:5173",
            ]
            .map(str::to_owned)
            .to_vec(),
            hide_unknown_users: false,
            registration: true,
            second_factors: options.second_factors,
            attempts_per_address: None,
        }),
        tenant_api: Some(TenantApiConfig {
            prefix: String::new(),
            flat_tokens: false,
            cors_origins: Vec::new(),
            attempts_per_address: None,
            grants: preset::oloid(),
        }),
        inbox: true,
        openapi: true,
        mail: None,
        sms: None,
        messages: MessageLimits::default(),
        warnings: Vec::new(),
    };
    config.set_address(options.listen);
    config
}

impl Config {
    /// Takes the address that was really bound, which port 0 leaves to the system.
    pub(super) fn set_address(&mut self, address: SocketAddr) {
        self.listen = address;
        self.public_url = format!("http://{address}");
        self.issuer.clone_from(&self.public_url);
    }
}

fn pool_config(id: PoolId) -> PoolConfig {
    use AuthFlow::{AdminUserPassword, RefreshToken, UserPassword, UserSrp};
    PoolConfig {
        backend: Backend::Embedded,
        id,
        name: "demo".to_owned(),
        mfa: MfaMode::Optional,
        username_attributes: vec![SignInName::Email],
        alias_attributes: Vec::new(),
        case_sensitive: false,
        password_policy: PasswordPolicy {
            require_symbols: false,
            // The demo user with a temporary password is to stay one.
            temporary_password_validity_days: 365,
            ..PasswordPolicy::default()
        },
        // Anybody may sign up, and proves the address.
        rules: PoolRules { auto_verified: vec![Contact::Email], ..PoolRules::default() },
        clients: vec![
            client(PUBLIC_CLIENT, "public", true, &[UserPassword, UserSrp, RefreshToken]),
            client(PARTNER_CLIENT, "partner", true, &[AdminUserPassword, RefreshToken]),
            // The portal API tells by its documented texts whether a user exists.
            client(PORTAL_CLIENT, "portal", false, &[AdminUserPassword, RefreshToken]),
            client(TENANT_CLIENT, "tenant", true, &[AdminUserPassword, RefreshToken]),
        ],
        groups: [(ADMIN_GROUP, Some(1)), (TENANT_GROUP, None), (TENANT_ADMINS, None)]
            .into_iter()
            .chain(ACCESS_GROUPS.into_iter().chain([ADMINS]).map(|name| (name, None)))
            .map(|(name, precedence)| GroupConfig {
                name: GroupName::from(name),
                description: None,
                precedence,
            })
            .collect(),
    }
}

fn client(id: &str, name: &str, hides_users: bool, flows: &[AuthFlow]) -> ClientConfig {
    ClientConfig {
        id: ClientId::from(id),
        name: name.to_owned(),
        secret: None,
        flows: flows.to_vec(),
        validity: TokenValidity::default(),
        auth_session_validity: Duration::from_mins(3),
        hides_users,
    }
}

/// What the demo's groups carry: a member of one may look, of the other administer.
fn permissions(pool: &PoolId) -> Vec<Grant> {
    let grants = [
        (ACCESS_GROUPS[0], "event.read"),
        (ACCESS_GROUPS[1], "event.read"),
        (ACCESS_GROUPS[1], "campaign.edit"),
        (ADMINS, "event.read"),
        (ADMINS, "campaign.edit"),
        (ADMINS, Grant::MANAGE_USERS),
    ];
    let grant = |(group, permission): (&str, &str)| Grant {
        pool: pool.clone(),
        group: GroupName::from(group),
        partner: None,
        permission: permission.to_owned(),
    };
    grants.map(grant).to_vec()
}

fn partner(pool: &PoolId, id: &str, number: i64, name: &str, domain: &str) -> PartnerConfig {
    let features = [("package_builder", number == 1), ("price_alerts", true)];
    let features = features.map(|(name, is_on)| (name.to_owned(), is_on));
    let partner = Partner {
        pool: pool.clone(),
        id: PartnerId::from(id),
        client_id: number,
        name: name.to_owned(),
        domain: domain.to_owned(),
        currency: "EUR".to_owned(),
        vertical: "live_entertainment".to_owned(),
        demand_prediction: true,
        campaign_recommendations: number == 1,
        status: PartnerStatus::Active,
        pricing_tier: "growth".to_owned(),
        campaign_pricing_model: "per_campaign".to_owned(),
        ner_active: false,
        features: features.into(),
    };
    PartnerConfig { partner, keeps_status: true }
}

/// The secrets of a data folder.
pub(super) struct Secrets {
    pub(super) client: Secret,
    pub(super) access_key: Secret,
    pub(super) machine: Secret,
}

/// Makes what is missing of the demo's users and secrets.
pub(super) async fn fill(engine: &Local, sealer: &Sealer) -> Result<Secrets> {
    for person in &PEOPLE {
        if let Some(user) = create(engine, person).await? {
            settle(engine, person, &user).await?;
        }
        if person.state == State::Locked {
            let user = engine.get_user(&operator(), &PoolId::from(POOL), &person.email()).await?;
            engine.lock(&operator(), &user).await?;
        }
    }
    Ok(Secrets {
        client: confidential_client(engine).await?,
        access_key: access_key(engine).await?,
        machine: machine(engine, sealer).await?,
    })
}

/// Makes a user with a temporary password, unless there is one already.
async fn create(engine: &Local, person: &Person) -> Result<Option<User>> {
    let new = NewUser {
        pool: PoolId::from(POOL),
        username: person.email(),
        attributes: Attributes::from_iter([("name", person.name), ("email_verified", "true")]),
        temporary_password: Some(Secret::from(PASSWORD)),
        kind: Kind::Person,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    };
    match engine.create_user(&operator(), new).await {
        Ok(user) => Ok(Some(user)),
        Err(Error::Refused(Refusal::UsernameExists)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Brings a new user into the state that the demo shows.
async fn settle(engine: &Local, person: &Person, user: &User) -> Result<()> {
    let totp = Totp {
        secret: engine.seal_totp_key(user, &Secret::from(TOTP_KEY)),
        enabled: true,
        preferred: true,
        friendly_name: None,
    };
    engine
        .edit_user(&operator(), user, |user| {
            user.status = match person.state {
                State::ForceChangePassword => UserStatus::ForceChangePassword,
                State::Unconfirmed => UserStatus::Unconfirmed,
                _ => UserStatus::Confirmed,
            };
            user.enabled = person.state != State::Disabled;
            if person.state == State::Totp {
                user.mfa.totp = Some(totp.clone());
            }
            if person.state == State::CodeMfa {
                user.mfa.email = Some(CodeMfa { preferred: true });
            }
        })
        .await?;
    for group in person.groups {
        let group = GroupName::from(*group);
        engine.add_to_group(&operator(), &user.pool, user.sub.as_str(), &group).await?;
    }
    Ok(())
}

async fn confidential_client(engine: &Local) -> Result<Secret> {
    let id = ClientId::from(CONFIDENTIAL_CLIENT);
    let found = if let Some(found) = engine.app_client(&id).await? {
        found
    } else {
        let new = NewClient {
            id: Some(id),
            secret: NewSecret::Generate,
            flows: vec![
                AuthFlow::AdminUserPassword,
                AuthFlow::UserPassword,
                AuthFlow::UserSrp,
                AuthFlow::RefreshToken,
            ],
            hides_users: true,
            ..NewClient::named(PoolId::from(POOL), "confidential")
        };
        engine.create_client(&operator(), new).await?
    };
    let secret = engine.reveal_client_secret(&found)?;
    secret.ok_or_else(|| anyhow::anyhow!("the demo's confidential client has lost its secret"))
}

async fn access_key(engine: &Local) -> Result<Secret> {
    let id = AccessKeyId::from(ACCESS_KEY);
    if let Some((_, secret)) = engine.access_key(&id).await? {
        return Ok(secret);
    }
    let secret = random_access_key_secret(&SystemRng);
    let all = vec!["*".to_owned()];
    engine.put_access_key(&operator(), id, &secret, all.clone(), all).await?;
    Ok(secret)
}

/// A machine credential of the demo's tenant. What is stored of its secret is a hash and cannot be
/// shown at the next start, so the secret is drawn from the master key.
async fn machine(engine: &Local, sealer: &Sealer) -> Result<Secret> {
    let pool = PoolId::from(POOL);
    let context = Context { purpose: SealPurpose::Demo, pool: &pool, subject: MACHINE };
    // The prefix has every kind of character that a policy may ask for.
    let secret = Secret::new(format!("Aa1-{}", sealer.pseudonym(context)));
    let new = NewUser {
        pool: pool.clone(),
        username: MACHINE.to_owned(),
        attributes: Attributes::from_iter([("name", "Turnstile")]),
        temporary_password: Some(secret.clone()),
        kind: Kind::Service,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    };
    match engine.create_user(&operator(), new).await {
        Ok(user) => {
            engine
                .edit_user(&operator(), &user, |user| user.status = UserStatus::Confirmed)
                .await?;
        }
        Err(Error::Refused(Refusal::UsernameExists)) => return Ok(secret),
        Err(error) => return Err(error.into()),
    }
    engine.add_to_group(&operator(), &pool, MACHINE, &GroupName::from(TENANT_GROUP)).await?;
    if let Some(tenant) = engine.tenant(TENANT).await? {
        engine.adopt_credential(&operator(), &tenant, MACHINE).await?;
    }
    Ok(secret)
}
