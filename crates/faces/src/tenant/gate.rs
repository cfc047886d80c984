//! The way in to the tenant that a request names.

use super::failure::Failure;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::Directory;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::ClientId;

/// A tenant to be tried. If there is none of the name, it is another one's: what is tried there is
/// the same work, in which nobody exists, so that neither the time nor anything else tells which
/// tenants there are.
pub(super) struct Gate {
    tenant: Tenant,
    is_known: bool,
    entry_policy: EntryPolicy,
}

impl Gate {
    /// `None` if there is not a single tenant.
    pub(super) async fn find(
        directory: &dyn Directory,
        name: &str,
    ) -> Result<Option<Self>, Failure> {
        let found = directory.tenant_or_other(name).await?;
        Ok(found.map(|tenant| {
            let is_known = tenant.is_called(name);
            let entry_policy = if is_known {
                EntryPolicy::of_tenant(&tenant)
            } else {
                EntryPolicy::of_no_tenant(name)
            };
            Self { tenant, is_known, entry_policy }
        }))
    }

    pub(super) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    pub(super) fn client(&self) -> ClientId {
        self.tenant.client.clone()
    }

    pub(super) fn entry_policy(&self) -> EntryPolicy {
        self.entry_policy.clone()
    }

    /// What to tell of an attempt. All that would say who or what exists is `unauthorized`.
    pub(super) fn judge<T>(
        &self,
        result: poolkeeper_pool::Result<T>,
        unauthorized: Failure,
    ) -> Result<T, Failure> {
        let failure = match result {
            Ok(outcome) if self.is_known => return Ok(outcome),
            Ok(_) => Failure::NotAuthorized,
            Err(error) => Failure::from(error),
        };
        let hidden = failure == Failure::NotAuthorized || !self.is_known && !failure.is_ours();
        Err(if hidden { unauthorized } else { failure })
    }
}
