//! A user pool between the protocol's settings and the engine's.
//!
//! The engine keeps what it acts on in its own terms. Everything else is kept as the JSON it came
//! in and given back the same.

use super::convert::epoch;
use super::error::CognitoError;
use super::pool_rules::{self, overlaid};
use poolkeeper_cognito_api::types::{
    AdvancedSecurityModeType, AliasAttributeType, AttributeDataType, AuthFactorType,
    CreateUserPoolRequest, LambdaConfigType, NumberAttributeConstraintsType, PasswordPolicyType,
    SchemaAttributeType, SignInPolicyType, StringAttributeConstraintsType, UserPoolMfaType,
    UserPoolPolicyType, UserPoolType, UsernameAttributeType, UsernameConfigurationType,
};
use poolkeeper_pool::entity::{
    MfaMode, PasswordPolicy, STANDARD_ATTRIBUTES, SchemaAttribute, SignInName, UserPoolRecord,
};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{NewPool, Settings};
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
        mfa: mfa_mode(request.mfa_configuration),
        password_policy: password_policy(policy)?,
        username_attributes: username_attributes(request),
        alias_attributes: alias_attributes(request),
        case_sensitive: names.is_none_or(|names| names.case_sensitive),
        schema: schema.iter().map(schema_attribute).collect::<Result<_, _>>()?,
        rules: pool_rules::from_request(request)?,
        other: other_settings(request),
    })
}

/// What is stored but not acted on would let its owner believe in it.
fn refuse_unsupported(request: &CreateUserPoolRequest) -> Result<(), CognitoError> {
    let triggers = request.lambda_config.as_ref();
    let add_ons = request.user_pool_add_ons.as_ref();
    let policies = request.policies.as_ref();
    let sign_in = policies.and_then(|policies| policies.sign_in_policy.as_ref());
    let factors = sign_in.and_then(|policy| policy.allowed_first_auth_factors.as_ref());
    let unsupported = [
        ("LambdaConfig", triggers.is_some_and(|given| *given != LambdaConfigType::default())),
        (
            "AdvancedSecurityMode",
            add_ons
                .is_some_and(|given| given.advanced_security_mode != AdvancedSecurityModeType::Off),
        ),
        (
            "A SignInPolicy with passkeys",
            factors.is_some_and(|factors| factors.contains(&AuthFactorType::WebAuthn)),
        ),
    ];
    match unsupported.iter().find(|(_, asked)| *asked) {
        Some((setting, _)) => Err(CognitoError::not_supported(setting)),
        None => Ok(()),
    }
}

fn mfa_mode(given: Option<UserPoolMfaType>) -> MfaMode {
    match given {
        Some(UserPoolMfaType::On) => MfaMode::On,
        Some(UserPoolMfaType::Optional) => MfaMode::Optional,
        Some(UserPoolMfaType::Off) | None => MfaMode::Off,
    }
}

/// A policy that is given counts what it leaves out as not required; no policy is the default one.
fn password_policy(given: Option<&PasswordPolicyType>) -> Result<PasswordPolicy, CognitoError> {
    let default = PasswordPolicy::default();
    let Some(given) = given else { return Ok(default) };
    let number = |given: Option<i32>, default: u32| {
        given.map_or(Ok(default), |number| {
            u32::try_from(number)
                .map_err(|_| CognitoError::invalid_parameter("The password policy is invalid."))
        })
    };
    let days = default.temporary_password_validity_days;
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

/// A standard attribute keeps its name; any other is a custom one and gets its prefix.
fn schema_attribute(given: &SchemaAttributeType) -> Result<SchemaAttribute, CognitoError> {
    let name = given.name.clone().ok_or_else(|| CognitoError::missing("Name"))?;
    let standard = STANDARD_ATTRIBUTES.iter().find(|standard| standard.name == name);
    let required = given.required.unwrap_or_default();
    if standard.is_none() && required {
        let message = "Required custom attributes are not supported currently.";
        return Err(CognitoError::invalid_parameter(message));
    }
    let default_type = standard.map_or("String", |standard| standard.data_type);
    let data_type = given.attribute_data_type.map_or(default_type, |given| given.as_str());
    let developer_only = given.developer_only_attribute.unwrap_or_default();
    let prefix = match (standard.is_some(), developer_only) {
        (true, _) => "",
        (false, true) => "dev:custom:",
        (false, false) => "custom:",
    };
    Ok(SchemaAttribute {
        name: format!("{prefix}{name}"),
        data_type: data_type.to_owned(),
        mutable: given.mutable.unwrap_or(true),
        required,
        developer_only,
        range: range(given, data_type, standard.and_then(|standard| standard.lengths)),
    })
}

/// Bounds stay the texts they came as: clients compare them.
fn range(
    given: &SchemaAttributeType,
    data_type: &str,
    default: Option<(&str, &str)>,
) -> Option<(Option<String>, Option<String>)> {
    if let Some(lengths) = &given.string_attribute_constraints {
        return Some((lengths.min_length.clone(), lengths.max_length.clone()));
    }
    if let Some(values) = &given.number_attribute_constraints {
        return Some((values.min_value.clone(), values.max_value.clone()));
    }
    let own = |(least, most): (&str, &str)| (Some(least.to_owned()), Some(most.to_owned()));
    match data_type {
        "String" => default.map(own).or(Some((None, None))),
        "Number" => Some((None, None)),
        _ => None,
    }
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
    let shown = overlaid(overlaid(defaults(), declared), Value::Object(pool.other.clone()));
    let kept: UserPoolType = serde_json::from_value(shown)
        .map_err(|_| CognitoError::invalid_parameter("The pool's settings cannot be shown."))?;
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

fn schema_type(attribute: &SchemaAttribute) -> SchemaAttributeType {
    let mut shown = SchemaAttributeType {
        name: Some(attribute.name.clone()),
        attribute_data_type: AttributeDataType::from_name(&attribute.data_type),
        developer_only_attribute: Some(attribute.developer_only),
        mutable: Some(attribute.mutable),
        required: Some(attribute.required),
        ..SchemaAttributeType::default()
    };
    let Some((least, most)) = attribute.range.clone() else { return shown };
    if attribute.data_type == "Number" {
        let constraints = NumberAttributeConstraintsType { min_value: least, max_value: most };
        shown.number_attribute_constraints = Some(constraints);
    } else {
        let constraints = StringAttributeConstraintsType { min_length: least, max_length: most };
        shown.string_attribute_constraints = Some(constraints);
    }
    shown
}
