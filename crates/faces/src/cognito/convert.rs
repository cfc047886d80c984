//! Between the protocol's types and the engine's.

use super::error::CognitoError;
use crate::kit::most;
use poolkeeper_cognito_api::types::{
    AttributeType, CodeDeliveryDetailsType, DeliveryMediumType, GroupType, MFAOptionType,
    UserStatusType, UserType,
};
use poolkeeper_cognito_api::{EpochSeconds, Sensitive};
use poolkeeper_pool::backend::self_service::Delivery;
use poolkeeper_pool::backend::user_pool::{ClientProof, Factor, MfaSummary, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Contact, Group, User, UserStatus};
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::local::Named;
use poolkeeper_pool::sign_in::mfa_summary;
use poolkeeper_pool::time::Timestamp;
use std::collections::BTreeMap;

/// Named values such as `AuthParameters`.
pub(super) type Parameters = BTreeMap<String, Sensitive>;

pub(super) fn secret(text: &Sensitive) -> Secret {
    Secret::from(text.expose())
}

pub(super) fn sensitive(text: &Secret) -> Sensitive {
    Sensitive::from(text.expose())
}

pub(super) fn epoch(at: Timestamp) -> EpochSeconds {
    EpochSeconds::from_millis(at.millis())
}

/// Refuses parameters that are longer than anything they could be: their maps have no limits of
/// their own in the protocol.
pub(super) fn check_lengths(parameters: &Parameters) -> Result<(), CognitoError> {
    if parameters.len() > most::ENTRIES {
        return Err(CognitoError::invalid_parameter("Too many parameters."));
    }
    for (name, value) in parameters {
        let most = most_of(name);
        if value.expose().chars().nth(most).is_some() {
            let name = if name.len() > most::KEY { "The parameter" } else { name };
            let message = format!("{name} must have length less than or equal to {most}.");
            return Err(CognitoError::invalid_parameter(message));
        }
    }
    Ok(())
}

/// The most characters that a parameter may have.
fn most_of(parameter: &str) -> usize {
    match parameter {
        "USERNAME" => most::NAME,
        "REFRESH_TOKEN" | "PASSWORD_CLAIM_SECRET_BLOCK" => most::TOKEN,
        // The engine says what is wrong with an attribute, and how long it may be.
        name if name.starts_with("userAttributes.") => most::TEXT,
        _ => most::VALUE,
    }
}

/// A parameter that the call cannot do without.
pub(super) fn required<'a>(
    parameters: &'a Parameters,
    name: &str,
) -> Result<&'a Sensitive, CognitoError> {
    parameters.get(name).ok_or_else(|| CognitoError::missing(name))
}

/// The attributes of a request. One named twice is an error, as its meaning is anybody's guess.
pub(super) fn attributes(given: &[AttributeType]) -> Result<Attributes, CognitoError> {
    Ok(attribute_pairs(given)?.into_iter().collect())
}

/// The same with the empty values, which remove what they name.
pub(super) fn attribute_pairs(
    given: &[AttributeType],
) -> Result<Vec<(String, String)>, CognitoError> {
    let mut names: Vec<_> = given.iter().map(|attribute| &attribute.name).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < given.len() {
        return Err(CognitoError::invalid_parameter("Duplicate attributes are not allowed."));
    }
    let value = |attribute: &AttributeType| {
        attribute.value.as_ref().map(|value| value.expose().to_owned()).unwrap_or_default()
    };
    Ok(given.iter().map(|attribute| (attribute.name.clone(), value(attribute))).collect())
}

/// A user's attributes in a reply, `sub` first, those that `shown` lets through.
pub(super) fn attribute_list(user: &User, shown: impl Fn(&str) -> bool) -> Vec<AttributeType> {
    let own = user.attributes.iter().filter(|(name, _)| shown(name));
    let sub = [("sub", user.sub.as_str())].into_iter().filter(|(name, _)| shown(name));
    sub.chain(own)
        .map(|(name, value)| AttributeType {
            name: name.to_owned(),
            value: Some(Sensitive::from(value)),
        })
        .collect()
}

/// What operations on users who are only named say of names that lead to nobody.
pub(super) const NOT_FOUND: &str = "Username/client id combination not found.";

/// A user who is named but not proven, through a client.
pub(super) fn named(client: &str, username: &Sensitive, hash: Option<&Sensitive>) -> Named {
    Named { via: via(client, hash), username: username.expose().to_owned() }
}

/// A call through an app client whose secret is proved by `SecretHash`.
pub(super) fn via(client: &str, hash: Option<&Sensitive>) -> Via {
    let proof = ClientProof::SecretHash(hash.map(secret));
    Via { pool: None, client: ClientId::from(client), proof }
}

/// The attribute of a verification: one that messages go to.
pub(super) fn contact(name: &str) -> Result<Contact, CognitoError> {
    Contact::named(name).ok_or_else(|| {
        CognitoError::invalid_parameter("Attribute name must be email or phone_number.")
    })
}

/// `CodeDeliveryDetails`.
pub(super) fn delivery(sent: Delivery) -> CodeDeliveryDetailsType {
    let medium = match sent.contact {
        Contact::Email => DeliveryMediumType::Email,
        Contact::PhoneNumber => DeliveryMediumType::Sms,
    };
    CodeDeliveryDetailsType {
        destination: Some(sent.destination),
        delivery_medium: Some(medium),
        attribute_name: Some(sent.contact.attribute().to_owned()),
    }
}

pub(super) fn status(status: UserStatus) -> UserStatusType {
    match status {
        UserStatus::Unconfirmed => UserStatusType::Unconfirmed,
        UserStatus::Confirmed => UserStatusType::Confirmed,
        UserStatus::ForceChangePassword => UserStatusType::ForceChangePassword,
        UserStatus::ResetRequired => UserStatusType::ResetRequired,
    }
}

pub(super) fn user_type(user: &User, shown: impl Fn(&str) -> bool) -> UserType {
    UserType {
        username: Some(Sensitive::from(user.username.as_str())),
        attributes: Some(attribute_list(user, shown)),
        user_create_date: Some(epoch(user.created_at)),
        user_last_modified_date: Some(epoch(user.modified_at)),
        enabled: Some(user.enabled),
        user_status: Some(status(user.status)),
        mfa_options: mfa_options(user),
    }
}

pub(super) fn group_type(group: Group) -> GroupType {
    GroupType {
        group_name: Some(group.name.to_string()),
        user_pool_id: Some(group.pool.to_string()),
        description: group.description,
        role_arn: group.role_arn,
        precedence: group.precedence.and_then(|precedence| i32::try_from(precedence).ok()),
        last_modified_date: Some(epoch(group.modified_at)),
        creation_date: Some(epoch(group.created_at)),
    }
}

/// `MFAOptions`: what users have who asked for text messages the old way and still get them.
pub(super) fn mfa_options(user: &User) -> Option<Vec<MFAOptionType>> {
    let sms = MFAOptionType {
        delivery_medium: Some(DeliveryMediumType::Sms),
        attribute_name: Some("phone_number".to_owned()),
    };
    (user.mfa.legacy_sms && user.mfa.sms.is_some()).then(|| vec![sms])
}

/// How many entries a page may have. No limit, or one of zero, is the largest there is.
pub(super) fn page_size(limit: Option<i32>) -> usize {
    const LARGEST_PAGE: usize = 60;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    limit.filter(|limit| *limit > 0).unwrap_or(LARGEST_PAGE)
}

/// `UserMFASettingList` and `PreferredMfaSetting`, which are left out when there is nothing to say.
pub(super) fn mfa_settings(mfa: MfaSummary) -> (Option<Vec<String>>, Option<String>) {
    let factors = [(mfa.sms, Factor::Sms), (mfa.totp, Factor::Totp), (mfa.email, Factor::Email)];
    let names: Vec<_> = factors
        .into_iter()
        .filter(|(enabled, _)| *enabled)
        .map(|(_, factor)| factor.name().to_owned())
        .collect();
    let preferred = mfa.preferred.map(|factor| factor.name().to_owned());
    ((!names.is_empty()).then_some(names), preferred)
}

pub(super) fn mfa_of(
    pool: &poolkeeper_pool::entity::UserPoolRecord,
    user: &User,
) -> (Option<Vec<String>>, Option<String>) {
    mfa_settings(mfa_summary(pool, user))
}
