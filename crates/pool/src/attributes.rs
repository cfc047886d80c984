//! The rules about attribute values, in Cognito's words.

use crate::entity::{Attributes, SchemaAttribute, SignInName, UserPoolRecord};
use crate::error::{AttributeFlaw, Refusal, ReservedForm, SchemaBreach, SchemaRule};
use crate::ids::Sub;
use crate::name;

const MAX_BYTES: usize = 2048;

/// Most attributes that a refusal names, and most characters of each name that it repeats.
const MOST_NAMED: usize = 50;
const LONGEST_NAME: usize = 64;

/// Checks the attributes of a new user, or new ones for an existing user: each must be in the
/// pool's schema, of its type and in its range.
///
/// # Errors
///
/// [`Refusal::Invalid`] with an [`AttributeFlaw`]: about the schema, the form of an address or
/// number, or a preferred username.
pub fn check(pool: &UserPoolRecord, attributes: &Attributes) -> Result<(), Refusal> {
    let breaches: Vec<_> = attributes
        .iter()
        .filter_map(|(name, value)| breach(pool.attribute(name), name, value))
        .take(MOST_NAMED)
        .collect();
    if !breaches.is_empty() {
        return Err(Refusal::invalid(AttributeFlaw::Schema(breaches)));
    }
    if attributes.get("email").is_some_and(|value| !is_email(value)) {
        return Err(Refusal::invalid(AttributeFlaw::EmailFormat));
    }
    if attributes.get("phone_number").is_some_and(|value| !is_phone_number(value)) {
        return Err(Refusal::invalid(AttributeFlaw::PhoneNumberFormat));
    }
    check_preferred_username(pool, attributes)
}

/// A name that people choose for themselves leads to nobody else: not to the owner of an address or
/// number, whether or not the pool knows it yet, nor to the user whose `sub` it is.
fn check_preferred_username(pool: &UserPoolRecord, attributes: &Attributes) -> Result<(), Refusal> {
    let kind = SignInName::PreferredUsername;
    let name = attributes.get(kind.attribute());
    let Some(name) = name.filter(|_| pool.alias_attributes.contains(&kind)) else { return Ok(()) };
    match reserved_form(name) {
        Some(form) => Err(Refusal::invalid(AttributeFlaw::PreferredUsernameForm(form))),
        None if !name::is_visible(name) => {
            Err(Refusal::invalid(AttributeFlaw::PreferredUsernameInvisible))
        }
        None if begins_or_ends_with_space(name) => {
            Err(Refusal::invalid(AttributeFlaw::PreferredUsernameSpaces))
        }
        None => Ok(()),
    }
}

fn begins_or_ends_with_space(name: &str) -> bool {
    let shown = name.trim_matches(name::is_unseen);
    shown.trim().len() < shown.len()
}

/// What a name looks like that can be somebody else's in every pool, if it does.
pub fn reserved_form(name: &str) -> Option<ReservedForm> {
    let name = name::plain(name);
    if is_email(&name) {
        Some(ReservedForm::Email)
    } else if is_phone_number(&name) {
        Some(ReservedForm::PhoneNumber)
    } else if as_sub(&name).is_some() {
        Some(ReservedForm::Uuid)
    } else {
        None
    }
}

/// The `sub` that a text spells, even in capitals or without hyphens.
pub fn as_sub(text: &str) -> Option<Sub> {
    uuid::Uuid::try_parse(text).ok().map(|uuid| Sub::new(uuid.hyphenated().to_string()))
}

fn breach(attribute: Option<&SchemaAttribute>, name: &str, value: &str) -> Option<SchemaBreach> {
    let breach = |rule| {
        let name = name.chars().take(LONGEST_NAME).collect();
        Some(SchemaBreach { name, rule })
    };
    let Some(attribute) = attribute.filter(|attribute| attribute.name != "sub") else {
        return breach(SchemaRule::Known);
    };
    let (minimum, maximum) = attribute.range.clone().unwrap_or_default();
    let bound = |text: Option<String>| text.and_then(|text| text.parse::<i64>().ok());
    let (minimum, maximum) = (bound(minimum), bound(maximum));
    let too_small = |size: i64| minimum.filter(|least| size < *least);
    let too_great = |size: i64| maximum.filter(|most| size > *most);
    let within = |size: i64| too_small(size).or(too_great(size)).is_none();
    let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
    match attribute.data_type.as_str() {
        _ if value.len() > MAX_BYTES || value.chars().any(char::is_control) => {
            breach(SchemaRule::Text)
        }
        "Boolean" if !is_boolean(value) => breach(SchemaRule::Boolean),
        "Number" if !value.parse::<i64>().is_ok_and(within) => breach(SchemaRule::Number),
        "String" => too_small(length)
            .map(SchemaRule::MinLength)
            .or(too_great(length).map(SchemaRule::MaxLength))
            .and_then(breach),
        _ => None,
    }
}

fn is_boolean(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

/// A value as it is stored: booleans in lower case, since Python programs write `True` and `False`.
pub fn kept(pool: &UserPoolRecord, name: &str, value: &str) -> String {
    let is_flag = pool.attribute(name).is_some_and(|attribute| attribute.data_type == "Boolean");
    if is_flag && is_boolean(value) { value.to_ascii_lowercase() } else { value.to_owned() }
}

/// The same of several attributes.
pub fn all_kept(pool: &UserPoolRecord, given: &[(String, String)]) -> Vec<(String, String)> {
    given.iter().map(|(name, value)| (name.clone(), kept(pool, name, value))).collect()
}

/// Whether a text can be an e-mail address that mail goes to as it stands: one `@`, no quoting,
/// no comments, printable ASCII in the local part, a domain of dotted labels.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local_is_plain = local
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte));
    let label_is_plain = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    (1..=64).contains(&local.len())
        && local_is_plain
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.len() <= 255
        && domain.contains('.')
        && domain.split('.').all(label_is_plain)
}

/// Whether a text is a phone number: `+` and up to fifteen digits (E.164).
pub fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the form of a sign-in name of this kind.
pub fn has_form(kind: SignInName, text: &str) -> bool {
    match kind {
        SignInName::Email => is_email(text),
        SignInName::PhoneNumber => is_phone_number(text),
        SignInName::PreferredUsername => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mail_could_misread_are_refused() {
        let good = ["a@b.co", "first.last+tag@sub.example.com", "o'neil@example.com"];
        let bad = [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a@b.co@c.co",
            "a b@c.co",
            "\"a\"@b.co",
            "a(x)@b.co",
            "a@b.co\r\nBcc: x@y.z",
            "a@b..co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "ａ@b.co",
            "a＠b.co",
            "a@-b.co",
            "a,b@c.co",
            "<a@b.co>",
        ];
        assert!(good.iter().all(|text| is_email(text)));
        for text in bad {
            assert!(!is_email(text), "{text:?}");
        }
    }

    #[test]
    fn phone_numbers_are_plus_and_digits() {
        assert!(is_phone_number("+14325551212"));
        assert!(
            ["14325551212", "+", "+1432555121212345", "+1 432", "+1432555a"]
                .iter()
                .all(|text| !is_phone_number(text))
        );
    }
}
