//! The records of tenants, as the operator keeps them.

use crate::backend::administration::NewGroup;
use crate::backend::tenancy::MOST_CREDENTIALS;
use crate::change::Change;
use crate::entity::{AuthFlow, Tenant, User};
use crate::error::{Error, Refusal, Result, TenantFlaw};
use crate::ids::{ClientId, GroupName, PoolId, TenantId};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::name;
use crate::request::RequestContext;

/// A tenant to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// Its id; a fresh one if none is given.
    pub id: Option<TenantId>,
    /// The pool its users are in.
    pub pool: PoolId,
    /// The app client they sign in through.
    pub client: ClientId,
    /// The group they must be in, made if it is missing.
    pub group: Option<GroupName>,
    /// The group of those who manage its machine credentials, made if it is missing.
    pub admin_group: Option<GroupName>,
}

impl Local {
    /// A tenant by its name.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn tenant(&self, name: &str) -> Result<Option<Tenant>> {
        let found = self.store().tenant_or_other(&Tenant::key(name)).await?;
        Ok(found.filter(|tenant| tenant.is_called(name)))
    }

    /// The tenants by name, at most so many, after this one.
    ///
    /// # Errors
    ///
    /// Faults on our side alone.
    pub async fn tenants(&self, after: Option<&Tenant>, limit: usize) -> Result<Vec<Tenant>> {
        let after = after.map(|tenant| Tenant::key(&tenant.name)).unwrap_or_default();
        Ok(self.store().tenants(&after, limit).await?)
    }

    /// Makes a tenant, and its groups where they are missing.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] ([`TenantFlaw`], `GroupFlaw`); [`Refusal::PoolNotFound`],
    /// [`Refusal::ClientNotFound`]; faults on our side.
    pub async fn create_tenant(&self, request: &RequestContext, new: NewTenant) -> Result<Tenant> {
        let NewTenant { name, id, pool, client, group, admin_group } = new;
        let id = id.unwrap_or_else(|| TenantId::random(self.rng()));
        let name = name.trim().to_owned();
        let tenant = Tenant { name, id, pool, client, group, admin_group };
        self.check_tenant(request, &tenant).await?;
        self.commit(request, vec![Change::CreateTenant(tenant.clone())]).await?;
        Ok(tenant)
    }

    /// Changes a tenant. Whoever signed in through it goes on under its new name; nobody is moved
    /// from its old group to a new one.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] ([`TenantFlaw`], `GroupFlaw`); [`Refusal::PoolNotFound`],
    /// [`Refusal::ClientNotFound`]; faults on our side.
    pub async fn update_tenant(
        &self,
        request: &RequestContext,
        id: &TenantId,
        edit: impl Fn(Tenant) -> Tenant,
    ) -> Result<Option<Tenant>> {
        self.decide(request, || async {
            let Some(before) = self.store().tenant(id).await? else {
                return Ok(Plan::accept(None, Vec::new()));
            };
            let after = edit(before.clone());
            let after = Tenant { id: before.id.clone(), pool: before.pool.clone(), ..after };
            self.check_tenant(request, &after).await?;
            if self.tenant(&after.name).await?.is_some_and(|other| other.id != *id) {
                return Err(taken(&after.name).into());
            }
            let update = Change::UpdateTenant { before, after: after.clone() };
            Ok(Plan::accept(Some(after), vec![update]))
        })
        .await
    }

    /// Brings about a tenant that the configuration declares. The id says which one it is.
    ///
    /// # Errors
    ///
    /// Those of [`Local::create_tenant`]; [`Refusal::Invalid`] ([`TenantFlaw`]) for a tenant that
    /// is in another pool, too.
    pub async fn put_tenant(&self, request: &RequestContext, tenant: Tenant) -> Result<()> {
        match self.store().tenant(&tenant.id).await? {
            None => {
                let Tenant { name, id, pool, client, group, admin_group } = tenant;
                let id = Some(id);
                self.create_tenant(
                    request,
                    NewTenant { name, id, pool, client, group, admin_group },
                )
                .await?;
            }
            Some(found) if found.pool != tenant.pool => {
                let Tenant { name, pool, .. } = found;
                return Err(Refusal::invalid(TenantFlaw::InPool { name, pool }).into());
            }
            Some(found) if found != tenant => {
                self.update_tenant(request, &tenant.id, |_| tenant.clone()).await?;
            }
            // Somebody may have deleted its groups.
            Some(found) => self.ensure_groups(request, &found).await?,
        }
        Ok(())
    }

    /// Removes a tenant with its machine credentials. People stay users of the pool, but nobody
    /// signs in or refreshes through the tenant any more, nor through another one of its name.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] ([`TenantFlaw`]) if it has machine credentials at Amazon;
    /// faults on our side.
    pub async fn delete_tenant(
        &self,
        request: &RequestContext,
        id: &TenantId,
    ) -> Result<Option<Tenant>> {
        let most = MOST_CREDENTIALS as usize + 1;
        self.decide(request, || async {
            let Some(tenant) = self.store().tenant(id).await? else {
                return Ok(Plan::accept(None, Vec::new()));
            };
            let credentials = self.store().credentials(&tenant, None, most).await?.users;
            if self.store().credential_subs(&tenant).await?.len() > credentials.len() {
                return Err(Refusal::invalid(TenantFlaw::ForeignCredentials).into());
            }
            let delete =
                |User { pool, sub, version, .. }| Change::DeleteUser { pool, sub, version };
            let mut changes: Vec<_> = credentials.into_iter().map(delete).collect();
            changes.push(Change::DeleteTenant(tenant.clone()));
            Ok(Plan::accept(Some(tenant), changes))
        })
        .await
    }

    /// What must hold for a tenant to be of use, and its groups where they are missing.
    async fn check_tenant(&self, request: &RequestContext, tenant: &Tenant) -> Result<()> {
        let invalid = |flaw: TenantFlaw| Err(Refusal::invalid(flaw).into());
        let length = Tenant::key(&tenant.name).chars().count();
        if !(1..=128).contains(&length) || !name::is_visible(&tenant.name) {
            return invalid(TenantFlaw::Name);
        }
        let (_, client) = self.client_of(request, &tenant.client, Some(&tenant.pool)).await?;
        // How users sign in elsewhere is not kept here.
        let is_elsewhere = self.settings().elsewhere.contains(&tenant.pool);
        if !is_elsewhere && !client.allows(AuthFlow::AdminUserPassword) {
            return invalid(TenantFlaw::Client(client.id));
        }
        for name in tenant.groups() {
            if self.settings().grants.contains(name) {
                return invalid(TenantFlaw::Grantable(name.clone()));
            }
            if self.serves_partners(&tenant.pool) && self.settings().partner_groups.claims(name) {
                return invalid(TenantFlaw::OfPartnerApi(name.clone()));
            }
        }
        self.ensure_groups(request, tenant).await
    }

    /// Makes the tenant's groups where they are missing.
    async fn ensure_groups(&self, request: &RequestContext, tenant: &Tenant) -> Result<()> {
        for name in tenant.groups() {
            self.ensure_group(request, &tenant.pool, name).await?;
        }
        Ok(())
    }

    pub(in crate::local) async fn ensure_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        name: &GroupName,
    ) -> Result<()> {
        if self.store().group(pool, name).await?.is_some() {
            return Ok(());
        }
        let (pool, name) = (pool.clone(), name.clone());
        let new = NewGroup { pool, name, description: None, role_arn: None, precedence: None };
        match self.create_group(request, new).await {
            Ok(_) | Err(Error::Refused(Refusal::GroupExists)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn taken(name: &str) -> Refusal {
    Refusal::invalid(TenantFlaw::Exists(name.to_owned()))
}
