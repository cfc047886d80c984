//! Who calls, and for which partner.

use super::problem::{Failure, Problem};
use super::{DISABLED_GROUP, PartnerMount};
use crate::kit::{Parameter, bearer};
use axum::http::{HeaderMap, HeaderValue};
use poolkeeper_pool::ids::{GroupName, PartnerId};
use poolkeeper_pool::user_pool::Caller;

const HEADER: &str = "x-preferred-partner-id";

/// The header as it is documented.
pub(super) const SHOWN_HEADER: &str = "X-Preferred-Partner-Id";

/// What documents say of the header.
pub(super) fn parameter() -> Parameter {
    Parameter::header(
        SHOWN_HEADER,
        "The partner that the call is for: one of those in the token. Without it, the first of \
         them.",
    )
}

/// The caller, by the access token. Suspended accounts are nobody, from the moment a token says
/// that they are suspended.
pub(super) async fn caller(mount: &PartnerMount, headers: &HeaderMap) -> Result<Caller, Failure> {
    let token = bearer(headers)?;
    let caller = mount.pool.authenticate(&mount.client, &token).await?;
    if caller.groups.iter().any(|group| group.as_str() == DISABLED_GROUP) {
        return Err(Problem::AccountDisabled.into());
    }
    Ok(caller)
}

/// The partner a call is for: the one the header names, which must be among the partners in the
/// caller's token, whatever other groups the caller is in; without a header, the first of them.
pub(super) fn partner(caller: &Caller, headers: &HeaderMap) -> Result<PartnerId, Failure> {
    let groups = caller.groups.iter().map(GroupName::as_str);
    let mut partners = groups.filter(|group| is_partner(group));
    let chosen = if let Some(wanted) = preferred(headers)? {
        // As bytes: names of groups are not all ASCII, and what is no text is no group either.
        partners.find(|partner| partner.as_bytes() == wanted.as_bytes())
    } else {
        let first = partners.next();
        if let (Some(partner), Some(_)) = (first, partners.next()) {
            let sub = caller.sub.as_str();
            tracing::warn!(sub, partner, "no partner named, and the user has several");
        }
        first
    };
    chosen.map(PartnerId::from).ok_or(Problem::PartnerForbidden.into())
}

/// The header's value. An empty one is none; two that differ are a mistake nobody should guess at.
fn preferred(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Failure> {
    let mut values = headers.get_all(HEADER).iter().filter(|value| !value.is_empty());
    let first = values.next();
    if values.any(|value| Some(value) != first) {
        return Err(Failure::invalid(SHOWN_HEADER, "duplicate"));
    }
    Ok(first)
}

/// Whether a group is a partner: `^(partner-id-.+|fd\d+)$`, where `.` is no line break and `\d` is
/// an ASCII digit.
fn is_partner(group: &str) -> bool {
    let is_line_break = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    let is_slug = |slug: &str| !slug.is_empty() && !slug.contains(is_line_break);
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    group.strip_prefix("partner-id-").is_some_and(is_slug)
        || group.strip_prefix("fd").is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partners_are_told_from_other_groups() {
        for partner in ["partner-id-acme", "partner-id-é x", "partner-id--", "fd0", "fd123"] {
            assert!(is_partner(partner), "{partner}");
        }
        for other in [
            "",
            "partner-id-",
            "partner-id-a\nb",
            "Partner-id-a",
            "xpartner-id-a",
            " fd1",
            "fd",
            "fd1x",
            "fd-admin",
            "fd١",
            "FD1",
            "xfd1",
            "fd1\n",
            "account-disabled",
            "external-user",
            "back-office-admin",
            "webapp-access-group-2",
        ] {
            assert!(!is_partner(other), "{other:?}");
        }
    }
}
