//! What every test server has, and users to put into it.

use super::TestServer;
use super::amazon::{SERVICE_GROUP, is_asked_for};
use super::imitation;
use poolkeeper::config::{
    Backend, ClientConfig, CognitoConfig, Config, GroupConfig, PartnerApiConfig, PartnerConfig,
    PoolConfig, PortalApiConfig, TenantApiConfig, preset,
};
use poolkeeper::system::operator;
use poolkeeper::workers::HashingSettings;
use poolkeeper_faces::{PartnerLimits, TrustedProxies};
use poolkeeper_pool::backend::administration::{Invitation, NewGroup, NewUser};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{
    Attributes, AuthFlow, CodeMfa, Kind, MfaMode, Partner, PartnerStatus, PasswordPolicy,
    PoolRules, SignInName, Tenant, TokenValidity, Totp, User, UserStatus,
};
use poolkeeper_pool::ids::{ClientId, GroupName, PartnerId, PoolId, TenantId};
use poolkeeper_pool::limits::quota::MessageLimits;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const POOL: &str = "eu-west-1_TestPool1";
/// A second pool, for what must not work across pools.
pub(crate) const OTHER_POOL: &str = "eu-west-1_OtherPool";
pub(crate) const PUBLIC_CLIENT: &str = "public";
pub(crate) const CONFIDENTIAL_CLIENT: &str = "confidential";
pub(crate) const CLIENT_SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const PARTNER_CLIENT: &str = "partner";
pub(crate) const PORTAL_CLIENT: &str = "portal";
pub(crate) const TENANT_CLIENT: &str = "tenant";
pub(crate) const OTHER_CLIENT: &str = "other";
pub(crate) const ACCESS_KEY: &str = "PKTEST";
pub(crate) const ACCESS_SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCD";
pub(crate) const TENANT: &str = "Acme";
pub(crate) const TENANT_GROUP: &str = "tenant-acme";
pub(crate) const PASSWORD: &str = "Passw0rd!";
pub(crate) const TOTP_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A pool in which the e-mail address takes the username's place, one client for each use, two
/// partners and a tenant.
pub(crate) fn config(data: &Path) -> Config {
    let pool = PoolId::from(POOL);
    Config {
        listen: "127.0.0.1:8080".parse().unwrap(),
        public_url: "http://localhost:8080".to_owned(),
        hosts: Vec::new(),
        data: data.to_owned(),
        database: None,
        master_key_file: None,
        previous_master_key_file: None,
        region: REGION.to_owned(),
        account: "123456789012".to_owned(),
        issuer: "http://localhost:8080".to_owned(),
        trusted_proxies: TrustedProxies::default(),
        operator: None,
        hashing: HashingSettings::default(),
        pools: vec![main_pool(), other_pool()],
        partners: vec![partner("partner-id-acme", 1), partner("fd42", 2)],
        permissions: Vec::new(),
        tenants: vec![tenant(TENANT, TENANT_GROUP), tenant("Globex", "tenant-globex")],
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
            admin_addresses: vec!["boss@example.com".to_owned()],
            cors_origins: vec!["https://portal.example.com".to_owned()],
            hide_unknown_users: false,
            registration: false,
            second_factors: false,
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
    }
}

fn main_pool() -> PoolConfig {
    use AuthFlow::{AdminUserPassword, RefreshToken, UserPassword, UserSrp};
    PoolConfig {
        backend: Backend::Embedded,
        id: PoolId::from(POOL),
        name: "test".to_owned(),
        mfa: MfaMode::Optional,
        username_attributes: vec![SignInName::Email],
        alias_attributes: Vec::new(),
        case_sensitive: false,
        password_policy: PasswordPolicy::default(),
        rules: PoolRules::default(),
        clients: vec![
            client(PUBLIC_CLIENT, &[UserPassword, UserSrp, RefreshToken]),
            client(CONFIDENTIAL_CLIENT, &[AdminUserPassword, UserPassword, RefreshToken]),
            client(PARTNER_CLIENT, &[AdminUserPassword, RefreshToken]),
            ClientConfig {
                hides_users: false,
                ..client(PORTAL_CLIENT, &[AdminUserPassword, RefreshToken])
            },
            client(TENANT_CLIENT, &[AdminUserPassword, RefreshToken]),
        ],
        groups: ["admin", TENANT_GROUP, "tenant-globex", "account-disabled", "external-user"]
            .map(|name| GroupConfig {
                name: GroupName::from(name),
                description: None,
                precedence: None,
            })
            .to_vec(),
    }
}

fn other_pool() -> PoolConfig {
    PoolConfig {
        id: PoolId::from(OTHER_POOL),
        name: "other".to_owned(),
        clients: vec![client(OTHER_CLIENT, &[AuthFlow::UserPassword, AuthFlow::RefreshToken])],
        groups: Vec::new(),
        ..main_pool()
    }
}

fn client(id: &str, flows: &[AuthFlow]) -> ClientConfig {
    ClientConfig {
        id: ClientId::from(id),
        name: id.to_owned(),
        secret: None,
        flows: flows.to_vec(),
        validity: TokenValidity::default(),
        auth_session_validity: Duration::from_mins(3),
        hides_users: true,
    }
}

fn partner(id: &str, number: i64) -> PartnerConfig {
    let partner = Partner {
        pool: PoolId::from(POOL),
        id: PartnerId::from(id),
        client_id: number,
        name: format!("Partner {number}"),
        domain: "partner.example".to_owned(),
        currency: "EUR".to_owned(),
        vertical: "live_entertainment".to_owned(),
        demand_prediction: true,
        campaign_recommendations: false,
        status: PartnerStatus::Active,
        pricing_tier: "growth".to_owned(),
        campaign_pricing_model: "per_campaign".to_owned(),
        ner_active: false,
        features: BTreeMap::new(),
    };
    PartnerConfig { partner, keeps_status: true }
}

fn tenant(name: &str, group: &str) -> Tenant {
    Tenant {
        name: name.to_owned(),
        id: TenantId::new(format!("id-of-{}", name.to_lowercase())),
        pool: PoolId::from(POOL),
        client: ClientId::from(TENANT_CLIENT),
        group: Some(GroupName::from(group)),
        admin_group: None,
    }
}

impl TestServer {
    /// A confirmed user of the main pool, in these groups.
    pub(crate) async fn user(&self, email: &str, groups: &[&str]) -> User {
        self.user_with(email, groups, |user| user.status = UserStatus::Confirmed).await
    }

    /// A confirmed user of the other pool.
    pub(crate) async fn stranger(&self, email: &str) -> User {
        let user = self.made(self.other_pool(), email, &[]).await;
        self.edit(&user, |user| user.status = UserStatus::Confirmed).await
    }

    /// Adds a user to a group that is made if need be.
    pub(crate) async fn join(&self, user: &User, group: &str) {
        let name = GroupName::from(group);
        self.make_group(group).await;
        if self.is_imitated {
            return self.member_imitated(user, &name, true).await;
        }
        self.engine.add_to_group(&operator(), &user.pool, user.sub.as_str(), &name).await.unwrap();
    }

    /// Makes a group of the main pool, unless it is there.
    pub(crate) async fn make_group(&self, name: &str) {
        let (pool, name) = (self.main_pool(), GroupName::from(name));
        if self.is_imitated {
            self.group_imitated(&pool, &name).await;
        }
        let (description, role_arn, precedence) = (None, None, None);
        let new = NewGroup { pool, name, description, role_arn, precedence };
        // Most groups of tests are there.
        drop(self.engine.create_group(&operator(), new).await);
    }

    /// Takes a user out of a group.
    pub(crate) async fn leave(&self, user: &User, group: &str) {
        let (sub, group) = (user.sub.as_str(), GroupName::from(group));
        if self.is_imitated {
            return self.member_imitated(user, &group, false).await;
        }
        self.engine.remove_from_group(&operator(), &user.pool, sub, &group).await.unwrap();
    }

    /// A user whose password is a temporary one.
    pub(crate) async fn new_user(&self, email: &str, groups: &[&str]) -> User {
        self.user_with(email, groups, |_| {}).await
    }

    /// A confirmed user with an authenticator app. Its key is [`TOTP_KEY`], unless an imitation of
    /// Amazon makes up one of its own.
    pub(crate) async fn totp_user(&self, email: &str, groups: &[&str]) -> User {
        let user = self.user(email, groups).await;
        if self.is_imitated {
            return self.app_imitated(user).await;
        }
        let secret = self.engine.seal_totp_key(&user, &Secret::from(TOTP_KEY));
        let totp = Totp { secret, enabled: true, preferred: true, friendly_name: None };
        self.edit(&user, |user| user.mfa.totp = Some(totp.clone())).await
    }

    /// A confirmed user who gets codes by e-mail.
    pub(crate) async fn email_mfa_user(&self, email: &str, groups: &[&str]) -> User {
        let user = self.user(email, groups).await;
        self.edit(&user, |user| user.mfa.email = Some(CodeMfa { preferred: true })).await
    }

    /// A machine credential: its password is [`PASSWORD`].
    pub(crate) async fn machine(&self, name: &str, groups: &[&str]) -> User {
        let new = NewUser { kind: Kind::Service, ..new_user(self.main_pool(), name) };
        let user = self.engine.create_user(&operator(), new).await.unwrap();
        // Amazon has no kinds of users: there, a group tells.
        if is_asked_for() {
            self.join(&user, SERVICE_GROUP).await;
        }
        for group in groups {
            self.join(&user, group).await;
        }
        self.edit(&user, |user| user.status = UserStatus::Confirmed).await
    }

    /// Sets the password of a user of the main pool, which ends the user's sign-ins.
    pub(crate) async fn give_password(&self, name: &str, password: &str, permanent: bool) {
        let pool = self.main_pool();
        if self.is_imitated {
            return imitation::set_password(&pool, name, password, permanent).await;
        }
        self.engine
            .set_password(&operator(), &pool, name, &password.into(), permanent)
            .await
            .unwrap();
    }

    /// A user of the main pool as it is now.
    pub(crate) async fn found(&self, name: &str) -> User {
        let pool = self.main_pool();
        if self.is_imitated {
            return self.found_imitated(pool, name).await;
        }
        self.engine.get_user(&operator(), &pool, name).await.unwrap()
    }

    /// Changes a user.
    pub(crate) async fn edit(&self, user: &User, edit: impl Fn(&mut User)) -> User {
        if self.is_imitated {
            return self.edit_imitated(user, edit).await;
        }
        self.engine.edit_user(&operator(), user, edit).await.unwrap();
        self.engine.get_user(&operator(), &user.pool, user.sub.as_str()).await.unwrap()
    }

    /// The code that the authenticator app of a [`Self::totp_user`] shows now.
    pub(crate) fn totp_code(&self) -> String {
        self.totp(&self.app_key.lock().unwrap())
    }

    /// The code that an app with another key shows.
    pub(crate) fn totp(&self, key: &str) -> String {
        use poolkeeper_pool::system::Clock as _;
        poolkeeper_pool::crypto::totp::code(&Secret::from(key), self.clock.now()).unwrap()
    }

    async fn user_with(&self, email: &str, groups: &[&str], edit: impl Fn(&mut User)) -> User {
        let user = self.made(self.main_pool(), email, groups).await;
        self.edit(&user, edit).await
    }

    /// A user whose password is a temporary one.
    async fn made(&self, pool: PoolId, email: &str, groups: &[&str]) -> User {
        if self.is_imitated {
            return self.user_imitated(pool, email, groups).await;
        }
        let user = self.engine.create_user(&operator(), new_user(pool, email)).await.unwrap();
        for group in groups {
            let group = GroupName::from(*group);
            self.engine
                .add_to_group(&operator(), &user.pool, user.sub.as_str(), &group)
                .await
                .unwrap();
        }
        user
    }
}

fn new_user(pool: PoolId, username: &str) -> NewUser {
    NewUser {
        pool,
        username: username.to_owned(),
        attributes: Attributes::default(),
        temporary_password: Some(Secret::from(PASSWORD)),
        kind: Kind::Person,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    }
}
