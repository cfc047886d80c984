//! Amazon's types as the engine's.

use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, CodeDeliveryDetailsType, DeliveryMediumType, GroupType, UserStatusType,
    VerifySoftwareTokenResponseType,
};
use aws_smithy_types::DateTime;
use poolkeeper_pool::backend::self_service::Delivery;
use poolkeeper_pool::backend::user_pool::{Factor, MfaSummary};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Contact, Group, MfaMode, PasswordPolicy, UserStatus};
use poolkeeper_pool::error::{Fault, Refusal};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::password;
use poolkeeper_pool::time::Timestamp;

/// What Amazon always sends and now did not.
pub(crate) fn missing(what: &'static str) -> Fault {
    Fault::Provider(format!("its answer lacks {what}"))
}

/// Whether `VerifySoftwareToken` has found the code right: it may say no without an exception.
pub(crate) fn proven(status: Option<&VerifySoftwareTokenResponseType>) -> Result<(), Refusal> {
    match status {
        Some(VerifySoftwareTokenResponseType::Success) => Ok(()),
        _ => Err(Refusal::TotpSetupMismatch),
    }
}

/// A user's attributes, `sub` apart from the others.
pub(crate) fn attributes(given: &[AttributeType]) -> (Option<String>, Attributes) {
    let value = |attribute: &AttributeType| attribute.value.clone().unwrap_or_default();
    let sub = given.iter().find(|attribute| attribute.name == "sub").map(value);
    let others = given.iter().filter(|attribute| attribute.name != "sub");
    (sub, others.map(|attribute| (attribute.name.clone(), value(attribute))).collect())
}

/// Attributes as calls carry them.
pub(crate) fn attribute_types<'a>(
    given: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<AttributeType>, Fault> {
    let attribute = |(name, value): (&str, &str)| {
        let built = AttributeType::builder().name(name).value(value).build();
        built.map_err(|_| missing("an attribute's name"))
    };
    given.map(attribute).collect()
}

pub(crate) fn timestamp(at: Option<&DateTime>) -> Timestamp {
    let millis = at.and_then(|at| at.to_millis().ok());
    Timestamp::from_millis(millis.unwrap_or_default())
}

/// States that Cognito has no more, or that users of other providers have, cannot sign in here.
pub(crate) fn status(given: Option<&UserStatusType>) -> UserStatus {
    match given {
        Some(UserStatusType::Confirmed | UserStatusType::ExternalProvider) => UserStatus::Confirmed,
        Some(UserStatusType::ForceChangePassword) => UserStatus::ForceChangePassword,
        Some(UserStatusType::ResetRequired) => UserStatus::ResetRequired,
        _ => UserStatus::Unconfirmed,
    }
}

pub(crate) fn group(pool: &PoolId, given: GroupType) -> Result<Group, Fault> {
    Ok(Group {
        pool: pool.clone(),
        name: GroupName::new(given.group_name.ok_or_else(|| missing("a group's name"))?),
        description: given.description,
        role_arn: given.role_arn,
        precedence: given.precedence.map(i64::from),
        created_at: timestamp(given.creation_date.as_ref()),
        modified_at: timestamp(given.last_modified_date.as_ref()),
    })
}

/// A user's second factors, from the names of those that are switched on.
pub(crate) fn mfa(mode: MfaMode, enabled: &[String], preferred: Option<&str>) -> MfaSummary {
    let has = |factor: Factor| enabled.iter().any(|name| name == factor.name());
    let all = [Factor::Totp, Factor::Email, Factor::Sms];
    let any = all.into_iter().any(has);
    MfaSummary {
        required: match mode {
            MfaMode::Off => false,
            MfaMode::Optional => any,
            MfaMode::On => true,
        },
        totp: has(Factor::Totp),
        email: has(Factor::Email),
        sms: has(Factor::Sms),
        preferred: preferred.and_then(factor),
    }
}

/// A factor by its name. Codes by e-mail have two in Cognito's documentation.
pub(crate) fn factor(name: &str) -> Option<Factor> {
    match name {
        "SOFTWARE_TOKEN_MFA" => Some(Factor::Totp),
        "EMAIL_OTP" | "EMAIL_MFA" => Some(Factor::Email),
        "SMS_MFA" => Some(Factor::Sms),
        _ => None,
    }
}

pub(crate) fn delivery(given: &CodeDeliveryDetailsType) -> Option<Delivery> {
    let contact = match given.delivery_medium.as_ref()? {
        DeliveryMediumType::Email => Contact::Email,
        DeliveryMediumType::Sms => Contact::PhoneNumber,
        _ => return None,
    };
    Some(Delivery { contact, destination: given.destination.clone()? })
}

/// Refuses what no policy lets be a password. Amazon's own refusal of it names no rule.
pub(crate) fn check_password(password: &Secret) -> Result<(), Refusal> {
    let any = PasswordPolicy {
        minimum_length: 1,
        require_uppercase: false,
        require_lowercase: false,
        require_numbers: false,
        require_symbols: false,
        ..PasswordPolicy::default()
    };
    password::check(&any, password).map_err(Refusal::PasswordPolicy)
}
