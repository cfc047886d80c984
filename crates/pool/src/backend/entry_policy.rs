//! Who may come in through a face, wherever the pool lives.

use crate::entity::{Face, Tenant};
use crate::error::Refusal;
use crate::ids::{GroupName, TenantId};
use std::borrow::Cow;

/// How a face lets users in: which of them, beyond knowing the password, and what it asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryPolicy {
    /// The face.
    pub face: Face,
    /// The users whom the face is for. Others do not exist for it.
    pub audience: Audience,
    /// Users in this group are refused with [`crate::Refusal::Barred`].
    pub barred_group: Option<GroupName>,
    /// Users in this group are refused with [`crate::Refusal::External`].
    pub excluded_group: Option<GroupName>,
    /// Whether users whose partners are all suspended are refused with
    /// [`crate::Refusal::PartnerSuspended`].
    pub needs_active_partner: bool,
    /// The second factor that is asked for if a user has several and prefers none.
    pub selection: Selection,
    /// The tenant that the sign-in is for. Its challenges and tokens are good for this tenant
    /// alone, and failures under unknown names are counted apart for each tenant.
    pub tenant: Option<TenantId>,
    /// Whether users who are disabled, or whose temporary password has expired, are refused as if
    /// their password were wrong, with the same work.
    pub conceals_account_state: bool,
    /// Whether this face tells nobody who exists. What a pool tells of users without the right
    /// password, as pools at Amazon do, is then a wrong password.
    pub hides_users: bool,
}

/// The users whom a face is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// All users of the pool.
    #[default]
    Everybody,
    /// The users in this group.
    Members(GroupName),
    /// Nobody: the face only does the same work as for somebody.
    Nobody,
}

impl EntryPolicy {
    /// How the tenant API lets users of a tenant in.
    pub fn of_tenant(tenant: &Tenant) -> Self {
        let audience = tenant.group.clone().map_or(Audience::Everybody, Audience::Members);
        Self { audience, tenant: Some(tenant.id.clone()), ..Self::of_any_tenant() }
    }

    /// The same for a name that no tenant has. Nobody comes in, and failures count for this name
    /// alone.
    pub fn of_no_tenant(name: &str) -> Self {
        // No tenant's id has a space.
        let tenant = Some(TenantId::new(format!("? {}", Tenant::key(name))));
        Self { audience: Audience::Nobody, tenant, ..Self::of_any_tenant() }
    }

    fn of_any_tenant() -> Self {
        Self {
            face: Face::Tenant,
            conceals_account_state: true,
            hides_users: true,
            ..Self::default()
        }
    }

    /// The name under which failures are counted if `name` leads to nobody. Failures at one tenant
    /// must not show at another: they would reveal whether a tenant exists.
    pub(crate) fn counted_name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.tenant {
            Some(tenant) => Cow::Owned(format!("{tenant}\n{name}")),
            None => Cow::Borrowed(name),
        }
    }
}

/// The second factor that is asked for if a user has several and prefers none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// They are asked which one (`SELECT_MFA_TYPE`).
    #[default]
    ByUser,
    /// They are asked for the strongest one, the authenticator app: for faces whose API cannot put
    /// the question.
    Strongest,
}

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

    /// Whether a refusal of a user who proved the password is told as a wrong password.
    pub fn conceals(&self, refusal: &Refusal) -> bool {
        match refusal {
            Refusal::BadCredentials => true,
            Refusal::UserDisabled | Refusal::Barred | Refusal::TemporaryPasswordExpired => {
                self.conceals_account_state
            }
            _ => false,
        }
    }

    /// The same for a pool with partners: nobody comes in who is in the group of suspended users,
    /// unless another group is barred already.
    #[must_use]
    pub fn barring(mut self, suspended: &GroupName) -> Self {
        self.barred_group.get_or_insert_with(|| suspended.clone());
        self
    }

    /// Whether users of these groups are among those the face is for at all.
    pub fn is_for(&self, groups: &[GroupName]) -> bool {
        match &self.audience {
            Audience::Everybody => true,
            Audience::Members(group) => groups.contains(group),
            Audience::Nobody => false,
        }
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
            audience: Audience::Members("members".into()),
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
