use crate::ids::{GroupName, PartnerId, PoolId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A partner: the tenant of the partner API. Users belong to it by being in the group of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// The pool whose users it has.
    pub pool: PoolId,
    /// `partner-id-<slug>` or `fd<digits>`; also the name of its group.
    pub id: PartnerId,
    /// The numeric id of older clients.
    pub client_id: i64,
    /// Display name.
    pub name: String,
    /// Web domain.
    pub domain: String,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Line of business, e.g. `live_entertainment`.
    pub vertical: String,
    /// Whether demand prediction is switched on.
    pub demand_prediction: bool,
    /// Whether campaign recommendations are switched on.
    pub campaign_recommendations: bool,
    /// Whether it may be worked for.
    pub status: PartnerStatus,
    /// Price list it is on.
    pub pricing_tier: String,
    /// How campaigns are priced.
    pub campaign_pricing_model: String,
    /// Whether named-entity recognition is switched on.
    pub ner_active: bool,
    /// What is switched on or off for it, by names of the operator's.
    // Not written while empty, as before there were any: a change compares with what is stored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, bool>,
}

impl Partner {
    /// Whether there are partners and each of them is suspended: then their user may not come in.
    pub fn all_suspended(partners: &[Self]) -> bool {
        let is_suspended = |partner: &Self| partner.status == PartnerStatus::Suspended;
        !partners.is_empty() && partners.iter().all(is_suspended)
    }
}

/// Whether a partner may be worked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerStatus {
    /// It may.
    #[default]
    Active,
    /// Calls for it are refused, and so are sign-ins of users who have no other partner.
    Suspended,
}

impl PartnerStatus {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl PartnerId {
    /// The partner that a group stands for, if it does: `^(partner-id-.+|fd\d+)$`, where `.` is no
    /// line break and `\d` is an ASCII digit.
    pub fn of_group(group: &GroupName) -> Option<Self> {
        is_partner(group.as_str()).then(|| Self::from(group.as_str()))
    }

    /// The group that its users are in.
    pub fn group(&self) -> GroupName {
        GroupName::from(self.as_str())
    }

    /// What the id of a new partner looks like.
    pub const FORM: &str = "partner-id-<slug> or fd<digits>, 128 characters at most, of ASCII \
                            letters, digits, '.', '_' and '-'";

    /// Whether a partner can be made with this id. Headers carry it, paths hold it, and lists
    /// separate ids by commas: so there are fewer than groups that stand for one.
    pub fn is_well_formed(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        is_partner(self.as_str())
            && self.as_str().len() <= 128
            && self.as_str().bytes().all(is_plain)
    }
}

fn is_partner(text: &str) -> bool {
    let is_line_break = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    let is_slug = |slug: &str| !slug.is_empty() && !slug.contains(is_line_break);
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix("partner-id-").is_some_and(is_slug)
        || text.strip_prefix("fd").is_some_and(is_number)
}

/// A permission that a group carries. What permissions there are and what they mean is the
/// operator's and the applications' business, but for [`Grant::MANAGE_USERS`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The pool.
    pub pool: PoolId,
    /// The group whose members have it.
    pub group: GroupName,
    /// The partner it is limited to; `None` means whichever partner the member works for.
    pub partner: Option<PartnerId>,
    /// The permission, e.g. `campaign.edit`.
    pub permission: String,
}

impl Grant {
    /// The permission to administer a partner's users.
    pub const MANAGE_USERS: &'static str = "user.manage";

    /// Whether a text can be a permission: 1 to 128 letters, digits, `.`, `_`, `-` and `:`.
    pub fn is_permission(text: &str) -> bool {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
        (1..=128).contains(&text.len()) && text.chars().all(allowed)
    }

    /// Whether it counts for members who work for this partner. A partner's own group carries
    /// permissions for that partner alone, whatever the grant says.
    pub fn counts_for(&self, partner: &PartnerId) -> bool {
        let own = PartnerId::of_group(&self.group);
        self.partner.as_ref().is_none_or(|limit| limit == partner)
            && own.is_none_or(|own| own == *partner)
    }
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

    #[test]
    fn permissions_do_not_cross_partners() {
        let grant = |group: &str, partner: Option<&str>| Grant {
            pool: "p".into(),
            group: group.into(),
            partner: partner.map(PartnerId::from),
            permission: "event.read".to_owned(),
        };
        let counts = |grant: Grant| ["fd1", "fd2"].map(|partner| grant.counts_for(&partner.into()));
        assert_eq!(counts(grant("staff", None)), [true, true]);
        assert_eq!(counts(grant("staff", Some("fd2"))), [false, true]);
        assert_eq!(counts(grant("fd1", None)), [true, false]);
        assert_eq!(counts(grant("fd1", Some("fd2"))), [false, false]);
    }
}
