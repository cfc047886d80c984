use super::Local;
use crate::change::Change;
use crate::entity::{Partner, Tenant};
use crate::error::Result;

impl Local {
    /// Creates or replaces a partner.
    pub async fn put_partner(&self, partner: Partner) -> Result<()> {
        self.pool(&partner.pool).await?;
        self.commit(vec![Change::PutPartner(partner)]).await
    }

    /// Creates or replaces a tenant.
    pub async fn put_tenant(&self, tenant: Tenant) -> Result<()> {
        self.client_in(&tenant.client, Some(&tenant.pool)).await?;
        self.commit(vec![Change::PutTenant(tenant)]).await
    }
}
