//! The configuration: what the operator wrote, checked, in the types the program uses.
//!
//! It is read in two steps. The shape comes first (`raw`): a key that does not exist or a value of
//! the wrong type ends the reading there. Then the meaning (`validate`), and every mistake found in
//! it is reported at once. Secrets are not part of the file: it names files or environment
//! variables that hold them.

mod addresses;
mod mistake;
pub mod preset;
mod raw;
mod secret;
mod syntax;
mod validate;

use crate::workers::HashingSettings;
use poolkeeper_delivery::Tls;
use poolkeeper_faces::{PartnerLimits, PortalTexts, TrustedProxies};
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{
    AuthFlow, Grant, MfaMode, Partner, PasswordPolicy, PoolRules, SignInName, Tenant, TokenValidity,
};
use poolkeeper_pool::ids::{AccessKeyId, ClientId, GroupName, PoolId};
use poolkeeper_pool::limits::quota::MessageLimits;
use poolkeeper_store::PostgresAddress;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

pub use addresses::Addresses;
pub use mistake::{ConfigErrors, Place};
pub(crate) use secret::Keeper;
pub use secret::{SecretError, SecretSource};
pub(crate) use syntax::is_local;

/// A configuration without contradictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// What clients reach the server under; without a trailing slash.
    pub public_url: String,
    /// More names that clients reach the server under, beside that of `public_url`.
    pub hosts: Vec<String>,
    /// The folder of the database, if it is a file.
    pub data: PathBuf,
    /// The database, if it is a PostgreSQL one.
    pub database: Option<PostgresConfig>,
    /// The file of the master key, if it is not in the environment.
    pub master_key_file: Option<PathBuf>,
    /// The file of the key before, while the database is sealed anew.
    pub previous_master_key_file: Option<PathBuf>,
    /// The region in ARNs and pool ids.
    pub region: String,
    /// The account in ARNs.
    pub account: String,
    /// The issuer of a pool's tokens is `<issuer>/<pool id>`.
    pub issuer: String,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The address for operators, if they have one of their own.
    pub operator: Option<OperatorConfig>,
    /// How passwords are hashed.
    pub hashing: HashingSettings,
    /// The pools to be there.
    pub pools: Vec<PoolConfig>,
    /// The partners to be there.
    pub partners: Vec<PartnerConfig>,
    /// The permissions that groups carry.
    pub permissions: Vec<Grant>,
    /// The tenants to be there.
    pub tenants: Vec<Tenant>,
    /// The access keys to be there.
    pub access_keys: Vec<AccessKeyConfig>,
    /// Cognito's protocol, if it is spoken.
    pub cognito: Option<CognitoConfig>,
    /// The partner API, if it is switched on.
    pub partner_api: Option<PartnerApiConfig>,
    /// The portal API, if it is switched on.
    pub portal_api: Option<PortalApiConfig>,
    /// The tenant API, if it is switched on.
    pub tenant_api: Option<TenantApiConfig>,
    /// Whether sent messages can be read over HTTP, for development.
    pub inbox: bool,
    /// Whether the documents of the sign-in APIs are served.
    pub openapi: bool,
    /// How mail is sent, if it is.
    pub mail: Option<MailConfig>,
    /// Who sends text messages, if anybody does.
    pub sms: Option<HookConfig>,
    /// How many messages are sent within an hour.
    pub messages: MessageLimits,
    /// What may be meant but has a consequence, a line each, with its place in the file.
    pub warnings: Vec<String>,
}

/// Where operators reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
}

/// A PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresConfig {
    /// Where it is; without a password.
    pub address: PostgresAddress,
    /// The password, if it asks for one.
    pub password: Option<SecretSource>,
    /// The connections that are open at most.
    pub connections: usize,
    /// How long connecting, or waiting for a free connection, may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
}

/// Cognito's protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CognitoConfig {
    /// How often in a minute one address may try passwords, codes and refresh tokens, if that is
    /// limited.
    pub attempts_per_address: Option<NonZeroU32>,
    /// Where calls are handed on to, if they are not answered here.
    pub forward: Option<ForwardConfig>,
}

/// Where and how Cognito's protocol is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardConfig {
    /// The address, without a final slash.
    pub target: String,
    /// For a connection.
    pub connect_timeout: Duration,
    /// For an answer.
    pub answer_timeout: Duration,
}

/// How mail is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailConfig {
    /// Through a mail server.
    Smtp(SmtpConfig),
    /// By an HTTP endpoint of the operator's.
    Hook(HookConfig),
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What protects the way to it.
    pub tls: Tls,
    /// User and password, if it asks for them.
    pub credentials: Option<(String, SecretSource)>,
    /// Whom mail is from.
    pub from: String,
    /// Where answers go, if not there.
    pub reply_to: Option<String>,
    /// Whether addresses in the pools' own settings go before these two.
    pub from_pools: bool,
}

/// An HTTP endpoint that sends messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookConfig {
    /// Its address.
    pub url: String,
    /// What calls are signed with.
    pub secret: SecretSource,
}

/// A partner to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerConfig {
    /// The record. Features that it does not name stay as they are.
    pub partner: Partner,
    /// Whether nothing is said of its status, so that one that is suspended stays so.
    pub keeps_status: bool,
}

/// A user pool to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolConfig {
    /// Its id.
    pub id: PoolId,
    /// Where it lives.
    pub backend: Backend,
    /// Display name.
    pub name: String,
    /// Whether it asks for a second factor.
    pub mfa: MfaMode,
    /// Attributes that take the username's place.
    pub username_attributes: Vec<SignInName>,
    /// Attributes that work beside the username.
    pub alias_attributes: Vec<SignInName>,
    /// Whether usernames that differ in case only are different.
    pub case_sensitive: bool,
    /// What a password must look like.
    pub password_policy: PasswordPolicy,
    /// What holds for its users.
    pub rules: PoolRules,
    /// Its app clients.
    pub clients: Vec<ClientConfig>,
    /// Its groups.
    pub groups: Vec<GroupConfig>,
}

/// Where a pool lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In our own database.
    Embedded,
    /// At Amazon. What is declared of it here stays here: names of clients and groups.
    Amazon(Box<AmazonConfig>),
}

/// How a pool at Amazon is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmazonConfig {
    /// The region in which it is used. That of a replica is not that of the pool's id.
    pub region: String,
    /// Where it is.
    pub addresses: Addresses,
    /// The endpoint that the file names, if it does. STS is asked there, too. Without one the SDK finds
    /// STS, as it does for credentials.
    pub named_endpoint: Option<String>,
    /// The `iss` of the pool's tokens, if it is not to be learned.
    pub token_issuer: Option<String>,
    /// Whether access tokens are shown to Amazon, too.
    pub check_revocation: bool,
    /// For how long the groups of a user are believed without asking Amazon again.
    pub group_life: Duration,
    /// The group that marks users who are programs.
    pub service_group: GroupName,
    /// For a connection.
    pub connect_timeout: Duration,
    /// For an answer.
    pub answer_timeout: Duration,
    /// How often what may be repeated is tried.
    pub attempts: u32,
    /// After how many failures in a row Amazon is left alone.
    pub failures: u32,
    /// For how long at least.
    pub rest: Duration,
}

/// An app client to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientConfig {
    /// Its id.
    pub id: ClientId,
    /// Display name.
    pub name: String,
    /// Its secret; a public client has none.
    pub secret: Option<SecretSource>,
    /// The flows it may use.
    pub flows: Vec<AuthFlow>,
    /// How long its tokens live.
    pub validity: TokenValidity,
    /// How long a challenge may wait for its answer.
    pub auth_session_validity: Duration,
    /// Whether refusals keep silent about whether a user exists.
    pub hides_users: bool,
}

/// A group to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// Its name.
    pub name: GroupName,
    /// Free text.
    pub description: Option<String>,
    /// Lower wins.
    pub precedence: Option<i64>,
}

/// An access key to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKeyConfig {
    /// The public half.
    pub id: AccessKeyId,
    /// The secret half.
    pub secret: SecretSource,
    /// Operations it may call; `*` stands for all.
    pub operations: Vec<String>,
    /// Pools it may act on; `*` stands for all.
    pub pools: Vec<String>,
}

/// The partner API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerApiConfig {
    /// The pool its users are in.
    pub pool: PoolId,
    /// The app client they sign in through.
    pub client: ClientId,
    /// What its paths begin with; may be empty.
    pub prefix: String,
    /// Applications of the operator's own, by the name under which they call: external users have
    /// no business there.
    pub first_party_apps: Vec<String>,
    /// The groups that mean something to it.
    pub groups: PartnerGroups,
    /// How often callers may call.
    pub limits: PartnerLimits,
}

/// The portal API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalApiConfig {
    /// The pool its users are in.
    pub pool: PoolId,
    /// The app client they sign in through.
    pub client: ClientId,
    /// What its paths begin with; may be empty.
    pub prefix: String,
    /// What it says in the operator's words.
    pub texts: PortalTexts,
    /// Users who have proven these addresses are administrators. Case matters.
    pub admin_addresses: Vec<String>,
    /// Web origins whose pages may call it.
    pub cors_origins: Vec<String>,
    /// Whether no answer tells that a user is not there.
    pub hide_unknown_users: bool,
    /// Whether people may sign up through it.
    pub registration: bool,
    /// Whether users are asked for a second factor that they have.
    pub second_factors: bool,
    /// How often in a minute one address may try passwords, codes and refresh tokens at each of its
    /// endpoints, if that is limited.
    pub attempts_per_address: Option<NonZeroU32>,
}

/// The tenant API. Its pools and app clients are the tenants'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantApiConfig {
    /// What its paths begin with; may be empty.
    pub prefix: String,
    /// Whether the tokens are in an answer a second time, outside `AuthenticationResult`.
    pub flat_tokens: bool,
    /// Web origins whose pages may call it.
    pub cors_origins: Vec<String>,
    /// How often in a minute one address may try to log in, if that is limited.
    pub attempts_per_address: Option<NonZeroU32>,
    /// The groups that a tenant's administrators may put machine credentials into.
    pub grants: Vec<GroupName>,
}

impl Config {
    /// The pools that live at Amazon.
    pub fn pools_at_amazon(&self) -> impl Iterator<Item = &PoolConfig> {
        self.pools.iter().filter(|pool| matches!(pool.backend, Backend::Amazon(_)))
    }

    /// Whether the database may hold users: those of an embedded pool or, if the file names no pool at
    /// all, of one that a call has created.
    pub fn may_hold_users(&self) -> bool {
        self.pools.is_empty() || self.pools.len() > self.pools_at_amazon().count()
    }

    /// Reads and checks a file. Relative paths in it start at its folder.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not TOML, or breaks rules, of which it tells every one.
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let text =
            fs::read_to_string(path).map_err(|error| ConfigErrors::unreadable(path, &error))?;
        Self::parse(path, &text)
    }

    /// Checks the text of a file; `path` says where it stands.
    ///
    /// # Errors
    ///
    /// If the text is not TOML, or breaks rules, of which it tells every one.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigErrors> {
        Self::parse_in(path, text, &|name| env::var(name).ok())
    }

    /// The same in an environment of the caller's.
    fn parse_in(
        path: &Path,
        text: &str,
        variables: &validate::Variables<'_>,
    ) -> Result<Self, ConfigErrors> {
        let source = mistake::Source::new(path, text);
        let raw: raw::RawConfig = toml::from_str(text).map_err(|error| {
            ConfigErrors::at([(source.place_of(&error), error.message().to_owned())])
        })?;
        validate::validate(raw, &source, path.parent().unwrap_or(Path::new("")), variables)
    }

    /// Every secret that cannot be used; none, if all is well.
    pub fn unusable_secrets(&self) -> Vec<SecretError> {
        let clients = self.pools.iter().flat_map(|pool| &pool.clients);
        let secrets = clients.filter_map(|client| client.secret.as_ref());
        let mail = self.mail.as_ref().and_then(MailConfig::secret);
        let sms = self.sms.as_ref().map(|hook| &hook.secret);
        let database = self.database.as_ref().and_then(|database| database.password.as_ref());
        let secrets = secrets.chain(mail).chain(sms).chain(database);
        let keys = self.access_keys.iter().filter_map(|key| key.read_secret().err());
        secrets.filter_map(|secret| secret.read().err()).chain(keys).collect()
    }
}

impl AccessKeyConfig {
    /// Reads the secret, which must not be so short that it can be guessed.
    ///
    /// # Errors
    ///
    /// If the secret cannot be read, or has fewer than 32 characters.
    pub fn read_secret(&self) -> Result<Secret, SecretError> {
        self.secret.read_of_length(LEAST_ACCESS_SECRET)
    }
}

/// The least characters of an access key's secret; Amazon's have 40.
const LEAST_ACCESS_SECRET: usize = 32;

impl MailConfig {
    fn secret(&self) -> Option<&SecretSource> {
        match self {
            Self::Smtp(smtp) => smtp.credentials.as_ref().map(|(_, password)| password),
            Self::Hook(hook) => Some(&hook.secret),
        }
    }
}

#[cfg(test)]
mod tests;
