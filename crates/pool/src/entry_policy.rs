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
