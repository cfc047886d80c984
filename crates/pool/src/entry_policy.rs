//! Who may come in through a face, wherever the pool lives.

use crate::error::Refusal;
use crate::ids::{GroupName, TenantId};
use crate::user_pool::EntryPolicy;

/// What a face looks at of a user who has proved something.
#[derive(Clone, Copy, Debug)]
pub struct AdmissionFacts<'a> {
    /// Whether the user may sign in at all.
    pub enabled: bool,
    /// The user's groups, as of now.
    pub groups: &'a [GroupName],
    /// Whether the user has partners and all of them are suspended. Looked up only for faces that
    /// ask for it.
    pub lacks_active_partner: bool,
    /// What is known of the user's being a machine credential.
    pub machine: &'a Machine,
}

/// What is known of a user's being a machine credential of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Machine {
    /// It is none.
    No,
    /// It is one of this tenant's.
    Of(TenantId),
    /// Nobody has looked. It lets nobody in.
    Unasked,
}

impl EntryPolicy {
    /// Refuses those whom the face is not for, and those who may not come in whatever they prove.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadCredentials`] for users outside the face's group. For others those of
    /// [`Self::check_admitted`].
    pub fn check(&self, facts: AdmissionFacts<'_>) -> Result<(), Refusal> {
        if !self.is_for(facts.groups) {
            return Err(Refusal::BadCredentials);
        }
        self.check_admitted(facts)
    }

    /// Whether users of these groups are among those the face is for at all.
    pub fn is_for(&self, groups: &[GroupName]) -> bool {
        self.required_group.as_ref().is_none_or(|group| groups.contains(group))
    }

    /// Refuses those who may not come in, whatever they prove.
    ///
    /// # Errors
    ///
    /// The first that applies: [`Refusal::BadCredentials`] for a machine that is not known to be
    /// one of the face's tenant, [`Refusal::UserDisabled`], [`Refusal::Barred`],
    /// [`Refusal::External`], [`Refusal::PartnerSuspended`].
    pub fn check_admitted(&self, facts: AdmissionFacts<'_>) -> Result<(), Refusal> {
        let is_in = |group: &Option<GroupName>| {
            group.as_ref().is_some_and(|group| facts.groups.contains(group))
        };
        // A machine has business at its tenant alone: elsewhere its secret is a wrong one.
        let is_at_home = match facts.machine {
            Machine::No => true,
            Machine::Of(tenant) => self.tenant.as_ref() == Some(tenant),
            Machine::Unasked => false,
        };
        if !is_at_home {
            return Err(Refusal::BadCredentials);
        }
        if !facts.enabled {
            return Err(Refusal::UserDisabled);
        }
        if is_in(&self.barred_group) {
            return Err(Refusal::Barred);
        }
        if is_in(&self.excluded_group) {
            return Err(Refusal::External);
        }
        if self.needs_active_partner && facts.lacks_active_partner {
            return Err(Refusal::PartnerSuspended);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody who is kept out by nothing but groups.
    const PERSON: AdmissionFacts<'static> = AdmissionFacts {
        enabled: true,
        groups: &[],
        lacks_active_partner: false,
        machine: &Machine::No,
    };
    const DISABLED: AdmissionFacts<'static> = AdmissionFacts { enabled: false, ..PERSON };

    /// What is refused to a user in these groups.
    fn refused(
        policy: &EntryPolicy,
        groups: &[&str],
        facts: AdmissionFacts<'_>,
    ) -> Option<Refusal> {
        let groups: Vec<_> = groups.iter().map(|group| GroupName::from(*group)).collect();
        policy.check(AdmissionFacts { groups: &groups, ..facts }).err()
    }

    /// All that a face can ask for.
    fn strict() -> EntryPolicy {
        EntryPolicy {
            required_group: Some("members".into()),
            barred_group: Some("barred".into()),
            excluded_group: Some("external".into()),
            needs_active_partner: true,
            ..EntryPolicy::default()
        }
    }

    #[test]
    fn groups_let_in_and_keep_out() {
        for (groups, expected) in [
            (&["members"][..], None),
            (&["members", "other"], None),
            (&[], Some(Refusal::BadCredentials)),
            (&["barred"], Some(Refusal::BadCredentials)),
            (&["members", "barred"], Some(Refusal::Barred)),
            (&["members", "external"], Some(Refusal::External)),
            (&["external", "barred", "members"], Some(Refusal::Barred)),
        ] {
            assert_eq!(refused(&strict(), groups, PERSON), expected, "{groups:?}");
            assert_eq!(refused(&EntryPolicy::default(), groups, PERSON), None, "{groups:?}");
        }
    }

    #[test]
    fn who_is_disabled_hears_of_nothing_else_and_who_is_not_expected_not_even_of_that() {
        for (groups, expected) in [
            (&["members"][..], Refusal::UserDisabled),
            (&["members", "barred"], Refusal::UserDisabled),
            (&["members", "external"], Refusal::UserDisabled),
            (&["barred"], Refusal::BadCredentials),
        ] {
            assert_eq!(refused(&strict(), groups, DISABLED), Some(expected), "{groups:?}");
        }
        let anybody = EntryPolicy::default();
        assert_eq!(refused(&anybody, &[], DISABLED), Some(Refusal::UserDisabled));
    }

    #[test]
    fn a_face_that_works_for_partners_wants_one_that_is_active() {
        let alone = AdmissionFacts { lacks_active_partner: true, ..PERSON };
        let expected = Some(Refusal::PartnerSuspended);
        assert_eq!(refused(&strict(), &["members"], alone), expected);
        assert_eq!(refused(&EntryPolicy::default(), &["members"], alone), None);
    }

    #[test]
    fn a_machine_comes_in_at_its_tenant_alone() {
        let of = |tenant: &str| EntryPolicy { tenant: Some(tenant.into()), ..strict() };
        let policies = [strict(), of("acme"), of("globex")];
        let wrong = || Some(Refusal::BadCredentials);
        for (machine, expected) in [
            (Machine::No, [None, None, None]),
            (Machine::Of("acme".into()), [wrong(), None, wrong()]),
            // Nobody has looked whose it is.
            (Machine::Unasked, [wrong(), wrong(), wrong()]),
        ] {
            let facts = AdmissionFacts { machine: &machine, ..PERSON };
            let told = policies.each_ref().map(|policy| refused(policy, &["members"], facts));
            assert_eq!(told, expected, "{machine:?}");
        }
    }
}
