//! A user pool between the protocol's settings and the engine's.
//!
//! The engine keeps what it acts on in its own terms. Everything else is kept as the JSON it came
//! in and given back the same.

use super::convert::epoch;
use super::error::CognitoError;
use super::mfa_config::mode;
use super::pool_rules::{self, overlaid};
use super::pool_schema::{schema_attribute, schema_type};
use poolkeeper_cognito_api::types::{
    AdminCreateUserConfigType, AdvancedSecurityModeType, AliasAttributeType, AuthFactorType,
    CreateUserPoolRequest, LambdaConfigType, PasswordPolicyType, SignInPolicyType,
    UpdateUserPoolRequest, UserPoolMfaType, UserPoolPolicyType, UserPoolType,
    UsernameAttributeType, UsernameConfigurationType,
};
use poolkeeper_pool::entity::{MfaMode, PasswordPolicy, SignInName, UserPoolRecord};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{NewPool, PoolSettings, Settings};
use serde_json::{Map, Value, json};

/// Settings that the engine keeps in its own terms.
const MODELLED: [&str; 6] = [
    "PoolName",
    "MfaConfiguration",
    "UsernameAttributes",
    "AliasAttributes",
    "UsernameConfiguration",
    "Schema",
];

/// What was asked for as the engine takes it.
pub(super) fn from_request(request: &CreateUserPoolRequest) -> Result<NewPool, CognitoError> {
    refuse_unsupported(request)?;
    let policies = request.policies.as_ref();
    let policy = policies.and_then(|policies| policies.password_policy.as_ref());
    let schema = request.schema.as_deref().unwrap_or_default();
    let names = request.username_configuration.as_ref();
    Ok(NewPool {
        id: None,
        name: request.pool_name.clone(),
        mfa: request.mfa_configuration.map_or(MfaMode::Off, mode),
        password_policy: password_policy(policy, request.admin_create_user_config.as_ref())?,
        username_attributes: username_attributes(request),
        alias_attributes: alias_attributes(request),
        case_sensitive: names.is_none_or(|names| names.case_sensitive),
        schema: schema.iter().map(schema_attribute).collect::<Result<_, _>>()?,
        rules: pool_rules::from_request(request)?,
        other: other_settings(request).into(),
    })
}

/// The settings that an update asks for, to take the place of those before. What it does not mention
/// goes back to the default of a new pool, or stays: the engine says which.
pub(super) fn from_update(request: UpdateUserPoolRequest) -> Result<PoolSettings, CognitoError> {
    let name = request.pool_name.clone();
    let policies = request.policies.as_ref();
    let has_policy = policies.is_some_and(|policies| policies.password_policy.is_some());
    let invitations = request.admin_create_user_config.as_ref();
    let days = invitations.and_then(|config| config.unused_account_validity_days);
    let has_mode = request.mfa_configuration.is_some();
    let new = from_request(&as_creation(request))?;
    let NewPool { mfa, password_policy, rules, other, .. } = new;
    Ok(PoolSettings {
        name,
        mfa: has_mode.then_some(mfa),
        password_policy: has_policy.then_some(password_policy),
        temporary_password_days: days.and_then(|days| u32::try_from(days).ok()),
        rules,
        other,
    })
}

fn as_creation(request: UpdateUserPoolRequest) -> CreateUserPoolRequest {
    CreateUserPoolRequest {
        pool_name: request.pool_name.unwrap_or_default(),
        policies: request.policies,
        deletion_protection: request.deletion_protection,
        lambda_config: request.lambda_config,
        auto_verified_attributes: request.auto_verified_attributes,
        sms_verification_message: request.sms_verification_message,
        email_verification_message: request.email_verification_message,
        email_verification_subject: request.email_verification_subject,
        verification_message_template: request.verification_message_template,
        sms_authentication_message: request.sms_authentication_message,
        mfa_configuration: request.mfa_configuration,
        user_attribute_update_settings: request.user_attribute_update_settings,
        device_configuration: request.device_configuration,
        email_configuration: request.email_configuration,
        sms_configuration: request.sms_configuration,
        user_pool_tags: request.user_pool_tags,
        admin_create_user_config: request.admin_create_user_config,
        user_pool_add_ons: request.user_pool_add_ons,
        dcr_configuration: request.dcr_configuration,
        account_recovery_setting: request.account_recovery_setting,
        user_pool_tier: request.user_pool_tier,
        key_configuration: request.key_configuration,
        issuer_configuration: request.issuer_configuration,
        acr_configuration: request.acr_configuration,
        // What cannot be changed.
        alias_attributes: None,
        username_attributes: None,
        schema: None,
        username_configuration: None,
    }
}

/// What is stored but not acted on would let its owner believe in it.
fn refuse_unsupported(request: &CreateUserPoolRequest) -> Result<(), CognitoError> {
    let triggers = request.lambda_config.as_ref();
    let add_ons = request.user_pool_add_ons.as_ref();
    let unsupported = [
        ("LambdaConfig", triggers.is_some_and(|given| *given != LambdaConfigType::default())),
        (
            "AdvancedSecurityMode",
            add_ons
                .is_some_and(|given| given.advanced_security_mode != AdvancedSecurityModeType::Off),
        ),
    ];
    match unsupported.iter().find(|(_, asked)| *asked) {
        Some((setting, _)) => Err(CognitoError::not_supported(setting)),
        None => Ok(()),
    }
}

/// A policy that is given counts what it leaves out as not required; no policy is the default one.
/// How long a temporary password works has an older name among the settings of invitations.
fn password_policy(
    given: Option<&PasswordPolicyType>,
    invitations: Option<&AdminCreateUserConfigType>,
) -> Result<PasswordPolicy, CognitoError> {
    let older = invitations.and_then(|config| config.unused_account_validity_days);
    if older.is_some() && given.is_some_and(|p| p.temporary_password_validity_days.is_some()) {
        return Err(CognitoError::invalid_parameter(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of \
             UnusedAccountValidityDays",
        ));
    }
    let default = PasswordPolicy::default();
    let days = older.and_then(|days| u32::try_from(days).ok());
    let days = days.unwrap_or(default.temporary_password_validity_days);
    let default = PasswordPolicy { temporary_password_validity_days: days, ..default };
    let Some(given) = given else { return Ok(default) };
    let number = |given: Option<i32>, default: u32| {
        given.map_or(Ok(default), |number| {
            u32::try_from(number)
                .map_err(|_| CognitoError::invalid_parameter("The password policy is invalid."))
        })
    };
    Ok(PasswordPolicy {
        minimum_length: number(given.minimum_length, default.minimum_length)?,
        require_uppercase: given.require_uppercase.unwrap_or_default(),
        require_lowercase: given.require_lowercase.unwrap_or_default(),
        require_numbers: given.require_numbers.unwrap_or_default(),
        require_symbols: given.require_symbols.unwrap_or_default(),
        temporary_password_validity_days: number(given.temporary_password_validity_days, days)?,
        password_history_size: number(given.password_history_size, default.password_history_size)?,
    })
}

fn username_attributes(request: &CreateUserPoolRequest) -> Vec<SignInName> {
    let given = request.username_attributes.iter().flatten();
    given
        .map(|name| match name {
            UsernameAttributeType::Email => SignInName::Email,
            UsernameAttributeType::PhoneNumber => SignInName::PhoneNumber,
        })
        .collect()
}

fn alias_attributes(request: &CreateUserPoolRequest) -> Vec<SignInName> {
    let given = request.alias_attributes.iter().flatten();
    given
        .map(|name| match name {
            AliasAttributeType::Email => SignInName::Email,
            AliasAttributeType::PhoneNumber => SignInName::PhoneNumber,
            AliasAttributeType::PreferredUsername => SignInName::PreferredUsername,
        })
        .collect()
}

fn other_settings(request: &CreateUserPoolRequest) -> Map<String, Value> {
    let Value::Object(mut settings) = json!(request) else { return Map::new() };
    settings.retain(|name, _| !MODELLED.contains(&name.as_str()));
    settings
}

/// A pool as `DescribeUserPool` shows it, with the defaults that Cognito shows.
pub(super) fn to_type(
    pool: &UserPoolRecord,
    users: i64,
    settings: &Settings,
) -> Result<UserPoolType, CognitoError> {
    let declared = Value::Object(pool_rules::to_settings(&pool.rules));
    let shown =
        overlaid(overlaid(defaults(), declared), Value::Object(pool.other.as_map().clone()));
    let mut kept: UserPoolType = serde_json::from_value(shown)
        .map_err(|_| CognitoError::invalid_parameter("The pool's settings cannot be shown."))?;
    // The older name of how long a temporary password works shows what holds.
    if let Some(invitations) = &mut kept.admin_create_user_config {
        let days = pool.password_policy.temporary_password_validity_days;
        invitations.unused_account_validity_days = i32::try_from(days).ok();
    }
    let sign_in_policy = kept.policies.as_ref().and_then(|kept| kept.sign_in_policy.clone());
    let id = pool.id.as_str();
    Ok(UserPoolType {
        id: Some(id.to_owned()),
        name: Some(pool.name.clone()),
        policies: Some(UserPoolPolicyType {
            password_policy: Some(policy_type(pool.password_policy)),
            sign_in_policy: Some(sign_in_policy.unwrap_or_else(default_sign_in_policy)),
        }),
        mfa_configuration: UserPoolMfaType::from_name(pool.mfa.as_str()),
        schema_attributes: Some(pool.schema.iter().map(schema_type).collect()),
        alias_attributes: listed(&pool.alias_attributes, AliasAttributeType::from_name),
        username_attributes: listed(&pool.username_attributes, UsernameAttributeType::from_name),
        username_configuration: (!pool.case_sensitive)
            .then_some(UsernameConfigurationType { case_sensitive: false }),
        creation_date: Some(epoch(pool.created_at)),
        last_modified_date: Some(epoch(pool.modified_at)),
        estimated_number_of_users: Some(i32::try_from(users).unwrap_or(i32::MAX)),
        arn: Some(arn_base(settings) + id),
        ..kept
    })
}

/// What stands before the id in a pool's ARN.
fn arn_base(settings: &Settings) -> String {
    format!("arn:aws:cognito-idp:{}:{}:userpool/", settings.region, settings.account)
}

/// The pool that an ARN names.
pub(super) fn named_by(arn: &str, settings: &Settings) -> Result<PoolId, CognitoError> {
    let id = arn.strip_prefix(&arn_base(settings)).map(PoolId::from);
    id.ok_or_else(|| CognitoError::new("ResourceNotFoundException", "The resource does not exist."))
}

fn defaults() -> Value {
    json!({
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "UserPoolTier": "ESSENTIALS",
        "EmailConfiguration": { "EmailSendingAccount": "COGNITO_DEFAULT" },
        "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_CODE" },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": false,
            "UnusedAccountValidityDays": 7,
        },
        "UserPoolTags": {},
    })
}

fn default_sign_in_policy() -> SignInPolicyType {
    SignInPolicyType { allowed_first_auth_factors: Some(vec![AuthFactorType::Password]) }
}

fn policy_type(policy: PasswordPolicy) -> PasswordPolicyType {
    PasswordPolicyType {
        minimum_length: i32::try_from(policy.minimum_length).ok(),
        require_uppercase: Some(policy.require_uppercase),
        require_lowercase: Some(policy.require_lowercase),
        require_numbers: Some(policy.require_numbers),
        require_symbols: Some(policy.require_symbols),
        password_history_size: i32::try_from(policy.password_history_size)
            .ok()
            .filter(|size| *size > 0),
        temporary_password_validity_days: i32::try_from(policy.temporary_password_validity_days)
            .ok(),
    }
}

fn listed<T>(names: &[SignInName], from_name: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let listed: Vec<_> = names.iter().filter_map(|name| from_name(name.attribute())).collect();
    (!listed.is_empty()).then_some(listed)
}
