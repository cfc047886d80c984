//! What is kept here of tenants whose pool lives elsewhere.

use crate::backend::administration::{Listing, Page};
use crate::backend::tenancy::TenantRecords;
use crate::change::Change;
use crate::crypto::resealing::TENANT_OF_SIGN_IN;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::entity::Tenant;
use crate::error::{Refusal, Result, TenantFlaw};
use crate::ids::{GroupName, PoolId, SessionId, Sub, TenantId};
use crate::local::Local;
use crate::local::cursor::Listed;
use crate::request::RequestContext;
use crate::time::Timestamp;
use async_trait::async_trait;

#[async_trait]
impl TenantRecords for Local {
    async fn tenant_of_id(&self, id: &TenantId) -> Result<Option<Tenant>> {
        Ok(self.store().tenant(id).await?)
    }

    async fn tenants_of_groups(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Tenant>> {
        Ok(self.store().tenants_of_groups(pool, groups).await?)
    }

    async fn keep_sign_in(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sign_in: &SessionId,
        tenant: &TenantId,
        until: Timestamp,
    ) -> Result<()> {
        let name = name(sign_in);
        let value = Secret::from(tenant.as_str());
        let session = self.sealer().seal_secret(context(pool, &name), &value, self.rng());
        let pool = pool.clone();
        self.commit(request, vec![Change::KeepSession { pool, name, session, until }]).await
    }

    async fn tenant_of_sign_in(
        &self,
        pool: &PoolId,
        sign_in: &SessionId,
    ) -> Result<Option<TenantId>> {
        let name = name(sign_in);
        let Some(kept) = self.store().kept_session(pool, &name).await? else { return Ok(None) };
        let tenant = self.sealer().open_secret(context(pool, &name), &kept)?;
        Ok(Some(TenantId::from(tenant.expose())))
    }

    async fn credential_subs(&self, tenant: &Tenant, page: Page<'_>) -> Result<Listing<Sub>> {
        let what = format!("credentials of {}", tenant.id);
        let listed = Listed { pool: &tenant.pool, what: &what };
        let after: Option<Sub> = self.open_cursor(listed, page.cursor)?;
        let all = self.store().credential_subs(tenant).await?.into_iter();
        let rest = all.filter(|sub| after.as_ref().is_none_or(|after| sub > after)).collect();
        Ok(self.page(listed, rest, page.limit, Sub::clone))
    }

    async fn is_credential(&self, tenant: &Tenant, sub: &Sub) -> Result<bool> {
        let tenant_of = self.store().tenant_of_machine(&tenant.pool, sub).await?;
        Ok(tenant_of.as_ref() == Some(&tenant.id))
    }

    async fn tenant_of_machine(&self, pool: &PoolId, sub: &Sub) -> Result<Option<TenantId>> {
        Ok(self.store().tenant_of_machine(pool, sub).await?)
    }

    async fn add_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        sub: &Sub,
    ) -> Result<()> {
        let (pool, sub, tenant) = (tenant.pool.clone(), sub.clone(), tenant.id.clone());
        self.commit(request, vec![Change::AddCredential { pool, sub, tenant }]).await
    }

    async fn remove_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        sub: &Sub,
    ) -> Result<()> {
        let (pool, sub) = (tenant.pool.clone(), sub.clone());
        self.commit(request, vec![Change::RemoveCredential { pool, sub }]).await
    }

    fn check_grants(&self, grants: &[GroupName]) -> Result<(), Refusal> {
        let allowed = &self.settings().grants;
        let Some(other) = grants.iter().find(|grant| !allowed.contains(grant)) else {
            return Ok(());
        };
        let (group, allowed) = (other.clone(), allowed.clone());
        Err(Refusal::invalid(TenantFlaw::NoGrant { group, allowed }))
    }
}

fn name(sign_in: &SessionId) -> String {
    format!("{TENANT_OF_SIGN_IN}{sign_in}")
}

fn context<'a>(pool: &'a PoolId, name: &'a str) -> Context<'a> {
    Context { purpose: SealPurpose::ForeignTenant, pool, subject: name }
}
