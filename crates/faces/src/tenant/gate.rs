//! The way in to the tenant that a request names.

use super::failure::Failure;
use poolkeeper_pool::entity::{Face, Tenant};
use poolkeeper_pool::ids::{ClientId, GroupName, TenantId};
use poolkeeper_pool::user_pool::{Directory, EntryPolicy};

/// A group that nobody can be in: names of groups have no spaces.
const NOBODY: &str = "nobody at all";

/// A tenant to be tried. If there is none of the name, it is another one's: what is tried there is
/// the same work, in which nobody exists, so that neither the time nor anything else tells which
/// tenants there are.
pub(super) struct Gate {
    tenant: Tenant,
    /// The name, if it is nobody's.
    unknown: Option<String>,
}

impl Gate {
    /// `None` if there is not a single tenant.
    pub(super) async fn find(
        directory: &dyn Directory,
        name: &str,
    ) -> Result<Option<Self>, Failure> {
        let found = directory.tenant_or_other(name).await?;
        Ok(found.map(|tenant| {
            let unknown = (!tenant.is_called(name)).then(|| Tenant::key(name));
            Self { tenant, unknown }
        }))
    }

    pub(super) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    pub(super) fn client(&self) -> ClientId {
        self.tenant.client.clone()
    }

    pub(super) fn entry_policy(&self) -> EntryPolicy {
        let (group, tenant) = match &self.unknown {
            None => (self.tenant.group.clone(), self.tenant.id.clone()),
            // No id: whatever failed here is counted for this name and no other.
            Some(name) => (Some(GroupName::from(NOBODY)), TenantId::new(format!("? {name}"))),
        };
        EntryPolicy {
            face: Face::Tenant,
            required_group: group,
            tenant: Some(tenant),
            conceals_account_state: true,
            hides_users: true,
            ..EntryPolicy::default()
        }
    }

    /// What to tell of an attempt. All that would say who or what exists is `unauthorized`.
    pub(super) fn judge<T>(
        &self,
        result: poolkeeper_pool::Result<T>,
        unauthorized: Failure,
    ) -> Result<T, Failure> {
        let failure = match result {
            Ok(outcome) if self.unknown.is_none() => return Ok(outcome),
            Ok(_) => Failure::NotAuthorized,
            Err(error) => Failure::from(error),
        };
        let hidden =
            failure == Failure::NotAuthorized || self.unknown.is_some() && !failure.is_ours();
        Err(if hidden { unauthorized } else { failure })
    }
}
