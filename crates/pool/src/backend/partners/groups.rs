use crate::entity::Grant;
use crate::ids::{GroupName, PartnerId};
use std::collections::BTreeSet;

/// The names of the groups that mean something to the partner API, beside those of partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerGroups {
    /// Marks suspended accounts.
    pub suspended: GroupName,
    /// Users who may not sign in to the operator's own applications.
    pub external: GroupName,
    /// The operator's own administrators. In the partners that they are members of, they administer
    /// users.
    pub administrators: Vec<GroupName>,
    /// What the names of access groups begin with; a number follows.
    pub access_prefix: String,
}

impl Default for PartnerGroups {
    fn default() -> Self {
        Self {
            suspended: GroupName::from("account-disabled"),
            external: GroupName::from("external-user"),
            administrators: Vec::new(),
            access_prefix: "access-group-".to_owned(),
        }
    }
}

impl PartnerGroups {
    /// Whether it is an access group: the only groups that can be given through the API.
    pub fn is_access_group(&self, group: &GroupName) -> bool {
        let number = group.as_str().strip_prefix(self.access_prefix.as_str());
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    }

    /// What members of these groups may do for a partner: what the grants of the groups say, and what
    /// the operator's administrators may.
    pub(crate) fn permissions(
        &self,
        groups: &[GroupName],
        grants: &[Grant],
        partner: &PartnerId,
    ) -> BTreeSet<String> {
        let counting = grants.iter().filter(|grant| grant.counts_for(partner));
        let mut permissions: BTreeSet<_> = counting.map(|grant| grant.permission.clone()).collect();
        if groups.iter().any(|group| self.administrators.contains(group)) {
            permissions.insert(Grant::MANAGE_USERS.to_owned());
        }
        permissions
    }

    /// Whether a group means something to the partner API: beside those of its own, the groups whose
    /// members administer it.
    pub fn claims(&self, group: &GroupName) -> bool {
        self.administrators.contains(group) || self.is_of_this_api(group)
    }

    /// Whether a group means something to the partner API alone: it names a partner, is one of those
    /// that can be given, or marks users.
    pub(super) fn is_of_this_api(&self, group: &GroupName) -> bool {
        let marks = [&self.suspended, &self.external].contains(&group);
        marks || self.is_access_group(group) || PartnerId::of_group(group).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "partner-id-acme";

    fn groups() -> PartnerGroups {
        PartnerGroups { administrators: vec!["staff".into()], ..PartnerGroups::default() }
    }

    fn named(names: &[&str]) -> Vec<GroupName> {
        names.iter().map(|name| GroupName::from(*name)).collect()
    }

    fn grant(group: &str, partner: Option<&str>, permission: &str) -> Grant {
        let (pool, permission) = ("p".into(), permission.to_owned());
        Grant { pool, group: group.into(), partner: partner.map(PartnerId::from), permission }
    }

    #[test]
    fn groups_mean_something_by_their_names() {
        for (name, is_access_group, is_claimed) in [
            ("access-group-1", true, true),
            ("access-group-007", true, true),
            ("access-group-", false, false),
            ("access-group-1a", false, false),
            ("access-group-١", false, false),
            ("Access-group-1", false, false),
            ("my-access-group-1", false, false),
            (ACME, false, true),
            ("fd42", false, true),
            ("account-disabled", false, true),
            ("external-user", false, true),
            ("staff", false, true),
            ("readers", false, false),
        ] {
            let (groups, group) = (groups(), GroupName::from(name));
            assert_eq!(groups.is_access_group(&group), is_access_group, "{name}");
            assert_eq!(groups.claims(&group), is_claimed, "{name}");
        }
    }

    #[test]
    fn permissions_are_those_that_count_for_the_partner() {
        let grants = [
            grant("access-group-1", None, "event.read"),
            grant("access-group-1", Some(ACME), "event.edit"),
            grant("access-group-2", Some("fd42"), "event.delete"),
            grant("fd42", None, "report.read"),
        ];
        let acme = ["event.edit", "event.read"];
        let fd42 = ["event.delete", "event.read", "report.read"];
        for (partner, expected) in [(ACME, &acme[..]), ("fd42", &fd42)] {
            let of_all = named(&["access-group-1", "access-group-2", "fd42"]);
            let permissions = groups().permissions(&of_all, &grants, &partner.into());
            assert_eq!(permissions.iter().collect::<Vec<_>>(), expected, "{partner}");
        }
    }

    #[test]
    fn the_operator_s_administrators_manage_users_without_a_grant() {
        let may = |names: &[&str]| groups().permissions(&named(names), &[], &ACME.into());
        assert_eq!(may(&["staff", ACME]), BTreeSet::from([Grant::MANAGE_USERS.to_owned()]));
        assert_eq!(may(&["access-group-1", ACME]), BTreeSet::new());
    }
}
