//! The configuration as it is written: the shape of the file, with the place of every value.

use poolkeeper_pool::entity::{
    Contact, DefaultWrite, DeviceRules, FirstFactor, FreshProof, MfaMode, PasswordPolicy, Recovery,
    SecondFactors, SignInName, Template,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::Spanned;

/// A text whose place in the file is known.
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) listen: Option<Text>,
    pub(super) public_url: Text,
    #[serde(default)]
    pub(super) hosts: Vec<Text>,
    #[serde(default)]
    pub(super) data: PathBuf,
    pub(super) database: Option<Text>,
    pub(super) master_key_file: Option<PathBuf>,
    pub(super) previous_master_key_file: Option<PathBuf>,
    pub(super) region: Option<Text>,
    pub(super) account: Option<Text>,
    pub(super) issuer: Option<Text>,
    #[serde(default)]
    pub(super) allow_cleartext: bool,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Text>,
    pub(super) operator: Option<RawOperator>,
    #[serde(default)]
    pub(super) hashing: RawHashing,
    pub(super) postgres: Option<Spanned<RawPostgres>>,
    #[serde(default)]
    pub(super) pool: Vec<Spanned<RawPool>>,
    #[serde(default)]
    pub(super) partner: Vec<RawPartner>,
    #[serde(default)]
    pub(super) permission: Vec<RawPermission>,
    #[serde(default)]
    pub(super) tenant: Vec<RawTenant>,
    #[serde(default)]
    pub(super) access_key: Vec<Spanned<RawAccessKey>>,
    #[serde(default)]
    pub(super) cognito: RawCognito,
    pub(super) partner_api: Option<RawPartnerApi>,
    pub(super) portal_api: Option<RawPortalApi>,
    pub(super) tenant_api: Option<RawTenantApi>,
    #[serde(default)]
    pub(super) inbox: RawInbox,
    #[serde(default)]
    pub(super) openapi: RawOpenApi,
    pub(super) mail: Option<Spanned<RawMail>>,
    pub(super) sms: Option<RawSms>,
    #[serde(default)]
    pub(super) messages: RawMessages,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOperator {
    pub(super) listen: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMessages {
    pub(super) per_recipient: Option<Spanned<u32>>,
    pub(super) per_pool: Option<Spanned<u32>>,
    pub(super) sms_per_country: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) sms_prefixes: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHashing {
    pub(super) memory_kib: Option<Spanned<u32>>,
    pub(super) iterations: Option<Spanned<u32>>,
    pub(super) threads: Option<Spanned<u32>>,
    pub(super) queue: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) allow_weak: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPostgres {
    pub(super) password_file: Option<Text>,
    pub(super) password_env: Option<Text>,
    #[serde(default)]
    pub(super) allow_cleartext: bool,
    pub(super) connections: Option<Spanned<u32>>,
    pub(super) connect_timeout_seconds: Option<Spanned<u32>>,
    pub(super) statement_timeout_seconds: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPool {
    #[serde(default = "left_out")]
    pub(super) id: Text,
    pub(super) backend: Option<Text>,
    pub(super) aws: Option<Spanned<RawAws>>,
    pub(super) name: Option<Text>,
    #[serde(default)]
    pub(super) mfa: MfaMode,
    #[serde(default)]
    pub(super) username_attributes: Vec<Spanned<SignInName>>,
    #[serde(default)]
    pub(super) alias_attributes: Vec<Spanned<SignInName>>,
    #[serde(default)]
    pub(super) case_sensitive: bool,
    #[serde(default)]
    pub(super) self_sign_up: bool,
    pub(super) unconfirmed_user_days: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) default_write_attributes: DefaultWrite,
    #[serde(default)]
    pub(super) auto_verified_attributes: Vec<Spanned<Contact>>,
    #[serde(default)]
    pub(super) verify_before_update: Vec<Spanned<Contact>>,
    pub(super) recovery: Option<Spanned<Vec<Spanned<Recovery>>>>,
    #[serde(default)]
    pub(super) first_factors: Vec<Spanned<FirstFactor>>,
    pub(super) password_policy: Option<Spanned<PasswordPolicy>>,
    pub(super) second_factors: Option<Spanned<SecondFactors>>,
    pub(super) devices: Option<DeviceRules>,
    #[serde(default)]
    pub(super) templates: RawTemplates,
    pub(super) notices: Option<bool>,
    pub(super) fresh_proof: Option<Spanned<FreshProof>>,
    #[serde(default)]
    pub(super) client: Vec<Spanned<RawClient>>,
    #[serde(default)]
    pub(super) group: Vec<RawGroup>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAws {
    pub(super) region: Option<Text>,
    pub(super) endpoint: Option<Text>,
    pub(super) documents_endpoint: Option<Text>,
    pub(super) token_issuer: Option<Text>,
    pub(super) check_revocation: Option<bool>,
    pub(super) group_cache_seconds: Option<Spanned<u32>>,
    pub(super) service_group: Option<Text>,
    pub(super) connect_timeout_ms: Option<Spanned<u32>>,
    pub(super) answer_timeout_ms: Option<Spanned<u32>>,
    pub(super) attempts: Option<Spanned<u32>>,
    pub(super) failures: Option<Spanned<u32>>,
    pub(super) rest_ms: Option<Spanned<u32>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTemplates {
    pub(super) verification: Option<Spanned<Template>>,
    pub(super) invitation: Option<Spanned<Template>>,
    pub(super) sign_in: Option<Spanned<Template>>,
    pub(super) notice: Option<Spanned<Template>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClient {
    #[serde(default = "left_out")]
    pub(super) id: Text,
    pub(super) name: Option<Text>,
    pub(super) secret_file: Option<Text>,
    pub(super) secret_env: Option<Text>,
    pub(super) flows: Spanned<Vec<Text>>,
    pub(super) access_token_minutes: Option<Spanned<u32>>,
    pub(super) id_token_minutes: Option<Spanned<u32>>,
    pub(super) refresh_token_days: Option<Spanned<u32>>,
    pub(super) auth_session_minutes: Option<Spanned<u32>>,
    pub(super) prevent_user_existence_errors: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    pub(super) name: Text,
    pub(super) description: Option<String>,
    pub(super) precedence: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPartner {
    pub(super) pool: Text,
    pub(super) id: Text,
    pub(super) client_id: Spanned<i64>,
    pub(super) name: Text,
    pub(super) domain: Text,
    pub(super) currency: Text,
    pub(super) vertical: String,
    #[serde(default)]
    pub(super) demand_prediction: bool,
    #[serde(default)]
    pub(super) campaign_recommendations: bool,
    pub(super) status: Option<Text>,
    pub(super) pricing_tier: String,
    pub(super) campaign_pricing_model: String,
    #[serde(default)]
    pub(super) ner_active: bool,
    #[serde(default)]
    pub(super) features: BTreeMap<Text, bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPermission {
    pub(super) pool: Text,
    pub(super) group: Text,
    pub(super) partner: Option<Text>,
    pub(super) permissions: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTenant {
    pub(super) name: Text,
    pub(super) id: Text,
    pub(super) pool: Text,
    pub(super) client: Text,
    pub(super) group: Option<Text>,
    pub(super) admin_group: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccessKey {
    pub(super) id: Text,
    pub(super) secret_file: Option<Text>,
    pub(super) secret_env: Option<Text>,
    pub(super) operations: Vec<Text>,
    pub(super) pools: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawCognito {
    pub(super) enabled: bool,
    pub(super) attempts_per_address: Option<Spanned<u32>>,
    pub(super) forward: Option<Spanned<bool>>,
}

impl Default for RawCognito {
    fn default() -> Self {
        Self { enabled: true, attempts_per_address: None, forward: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPartnerApi {
    pub(super) pool: Text,
    pub(super) client: Text,
    pub(super) prefix: Option<Text>,
    pub(super) preset: Option<Text>,
    pub(super) suspended_group: Option<Text>,
    pub(super) external_group: Option<Text>,
    pub(super) administrator_groups: Option<Vec<Text>>,
    pub(super) access_group_prefix: Option<Text>,
    #[serde(default)]
    pub(super) first_party_apps: Vec<Text>,
    pub(super) reads_per_partner: Option<Spanned<u32>>,
    pub(super) writes_per_partner: Option<Spanned<u32>>,
    pub(super) attempts_per_address: Option<Spanned<u32>>,
    pub(super) retry_after: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPortalApi {
    pub(super) pool: Text,
    pub(super) client: Text,
    pub(super) prefix: Option<Text>,
    pub(super) preset: Option<Text>,
    pub(super) greeting: Option<Text>,
    pub(super) service: Option<Text>,
    pub(super) unnamed_user: Option<Text>,
    #[serde(default)]
    pub(super) admin_addresses: Vec<Text>,
    #[serde(default)]
    pub(super) cors_origins: Vec<Text>,
    pub(super) hide_unknown_users: Option<Spanned<bool>>,
    pub(super) registration: Option<Spanned<bool>>,
    pub(super) second_factors: Option<Spanned<bool>>,
    pub(super) attempts_per_address: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTenantApi {
    pub(super) prefix: Option<Text>,
    #[serde(default)]
    pub(super) flat_tokens: bool,
    #[serde(default)]
    pub(super) cors_origins: Vec<Text>,
    pub(super) attempts_per_address: Option<Spanned<u32>>,
    pub(super) preset: Option<Text>,
    pub(super) grants: Option<Vec<Text>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInbox {
    pub(super) enabled: Option<Spanned<bool>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawOpenApi {
    pub(super) enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMail {
    pub(super) from: Option<Text>,
    pub(super) reply_to: Option<Text>,
    pub(super) from_pools: Option<Spanned<bool>>,
    pub(super) smtp: Option<RawSmtp>,
    pub(super) hook: Option<Spanned<RawHook>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSmtp {
    pub(super) host: Text,
    pub(super) port: Option<Spanned<u32>>,
    pub(super) tls: Option<Text>,
    #[serde(default)]
    pub(super) allow_cleartext: bool,
    pub(super) username: Option<Text>,
    pub(super) password_file: Option<Text>,
    pub(super) password_env: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSms {
    pub(super) hook: Spanned<RawHook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHook {
    pub(super) url: Text,
    pub(super) secret_file: Option<Text>,
    pub(super) secret_env: Option<Text>,
}

/// An id that the file does not say: the environment may.
fn left_out() -> Text {
    Spanned::new(0..0, String::new())
}
