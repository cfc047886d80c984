//! Machine credentials of tenants: who manages them, and what becomes of them.

use crate::backend::administration::{Listing, NewServiceAccount, Page};
use crate::backend::tenancy::{
    Credential, NewCredential, Tenancy, TenantRecords as _, administers, check_one_tenant,
};
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{Attributes, Face, Group, Kind, Tenant, User};
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PoolId, TenantId, Username, random_machine_id};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::cursor::Listed;
use crate::local::directory::groups::alone;
use crate::local::directory::service_accounts::Draft;
use crate::ports::UserCursor;
use crate::request::RequestContext;
use crate::token::{client_of_refresh_token, open_refresh_token};
use async_trait::async_trait;

impl Local {
    /// Refuses groups of several tenants for a machine, of this tenant if it is one's credential.
    pub(in crate::local) async fn expect_one_tenant(
        &self,
        pool: &PoolId,
        own_tenant: Option<&TenantId>,
        groups: &[GroupName],
    ) -> Result<()> {
        let tenants = self.store().tenants_of_groups(pool, groups).await?;
        Ok(check_one_tenant(own_tenant, groups, &tenants)?)
    }

    /// The same of a user who is put into a group, if it is a machine.
    pub(in crate::local) async fn expect_one_tenant_with(
        &self,
        user: &User,
        added: &GroupName,
    ) -> Result<()> {
        if user.kind != Kind::Service {
            return Ok(());
        }
        let added_of = self.store().tenants_of_groups(&user.pool, std::slice::from_ref(added));
        if added_of.await?.is_empty() {
            return Ok(());
        }
        let own_tenant = self.store().tenant_of_machine(&user.pool, &user.sub).await?;
        let present = self.store().groups_of(&user.pool, &user.sub).await?;
        let mut groups: Vec<_> = present.into_iter().map(|group| group.name).collect();
        groups.push(added.clone());
        self.expect_one_tenant(&user.pool, own_tenant.as_ref(), &groups).await
    }

    /// The groups a new credential is put into: the tenant's own, and those granted to it.
    async fn granted(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        grants: Vec<GroupName>,
    ) -> Result<Vec<GroupName>> {
        self.check_grants(&grants)?;
        for grant in &grants {
            self.ensure_group(request, &tenant.pool, grant).await?;
        }
        Ok(tenant.group.clone().into_iter().chain(grants).collect())
    }

    /// Makes a service account that is there already a machine credential of a tenant, to be
    /// listed and deleted as one.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::WrongUserState`] if it is a
    /// person; [`Refusal::Invalid`] (`TenantFlaw`) if it is in groups of another tenant;
    /// [`Refusal::TooMany`] if the tenant can have no more, is gone, or the account is a credential
    /// already; faults on our side.
    pub async fn adopt_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        username: &str,
    ) -> Result<()> {
        self.decide(request, || async {
            let user = self.get_user(request, &tenant.pool, username).await?;
            if user.kind != Kind::Service {
                return Err(Refusal::WrongUserState.into());
            }
            let groups = self.store().groups_of(&user.pool, &user.sub).await?;
            let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
            self.expect_one_tenant(&user.pool, Some(&tenant.id), &groups).await?;
            let expected = alone(&user);
            let (pool, sub, tenant) = (user.pool, user.sub, tenant.id.clone());
            let add = Change::AddCredential { pool, sub, tenant };
            Ok(Plan::accept((), vec![expected, add]))
        })
        .await
    }
}

#[async_trait]
impl Tenancy for Local {
    async fn administered(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Option<Tenant>> {
        let (authorized, groups) =
            self.authorize_with_groups(request, access_token, Face::Tenant).await?;
        let user = authorized.user;
        let id = authorized.caller.tenant.ok_or(Refusal::AccessTokenInvalid)?;
        let tenant = self.store().tenant(&id).await?;
        let issued_for =
            |tenant: &Tenant| tenant.pool == user.pool && tenant.client == authorized.client.id;
        let tenant = tenant.filter(issued_for).ok_or(Refusal::AccessTokenRevoked)?;
        let is_in = |name: &GroupName| groups.iter().any(|group| group.name == *name);
        Ok(administers(&tenant, user.kind == Kind::Person, is_in)?.then_some(tenant))
    }

    async fn log_out(&self, request: &RequestContext, refresh_token: &Secret) -> Result<()> {
        let client = client_of_refresh_token(refresh_token).ok_or(Refusal::RefreshTokenInvalid)?;
        let client = self.store().client(&client).await?.ok_or(Refusal::RefreshTokenInvalid)?;
        let token = open_refresh_token(&client.pool, &client.id, refresh_token, self.sealer())?;
        let session = self.store().session(&client.pool, &token.session).await?;
        let session = session.filter(|session| session.tenant.is_some());
        let session = session.ok_or(Refusal::RefreshTokenInvalid)?;
        let (pool, id, at) = (session.pool, session.id, self.now());
        self.commit(request, vec![Change::RevokeSession { pool, id, at }]).await
    }

    async fn credentials(
        &self,
        _: &RequestContext,
        tenant: &Tenant,
        page: Page<'_>,
    ) -> Result<Listing<Credential>> {
        let what = format!("credentials of {}", tenant.id);
        let listed = Listed { pool: &tenant.pool, what: &what };
        let after: Option<UserCursor> = self.open_cursor(listed, page.cursor)?;
        let found = self.store().credentials(tenant, after.as_ref(), page.limit).await?;
        let subs: Vec<_> = found.users.iter().map(|user| user.sub.clone()).collect();
        let mut groups = self.store().groups_of_each(&tenant.pool, &subs).await?;
        let entries = found.users.into_iter().map(|user| {
            let groups = groups.remove(&user.sub).unwrap_or_default();
            described(tenant, user, groups)
        });
        let next = found.next.map(|after| self.seal_cursor(listed, after));
        Ok(Listing { entries: entries.collect(), next })
    }

    async fn create_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)> {
        let pool = self.pool(request, &tenant.pool).await?;
        let new = NewServiceAccount {
            pool: tenant.pool.clone(),
            username: random_machine_id(self.rng()),
            attributes: Attributes::from_iter([("name", new.name)]),
            groups: self.granted(request, tenant, new.grants).await?,
        };
        self.expect_one_tenant(&new.pool, Some(&tenant.id), &new.groups).await?;
        let Draft { user, secret, mut changes } = self.draft_service_account(&pool, &new).await?;
        let (pool, sub, tenant_id) = (pool.id, user.sub.clone(), tenant.id.clone());
        changes.push(Change::AddCredential { pool, sub, tenant: tenant_id });
        self.commit(request, changes).await?;
        let groups = self.store().groups_of(&user.pool, &user.sub).await?;
        Ok((described(tenant, user, groups), secret))
    }

    async fn delete_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        client_id: &Username,
    ) -> Result<()> {
        let key = self.pool(request, &tenant.pool).await?.username_key(client_id.as_str());
        self.decide(request, || async {
            let user = self.store().credential(tenant, &key).await?;
            let User { pool, sub, version, .. } = user.ok_or(Refusal::UserNotFound)?;
            let delete = Change::DeleteUser { pool, sub, version };
            Ok(Plan::accept((), vec![delete]))
        })
        .await
    }
}

fn described(tenant: &Tenant, user: User, groups: Vec<Group>) -> Credential {
    let own = tenant.group.as_ref();
    let grants = groups.into_iter().map(|group| group.name).filter(|name| Some(name) != own);
    Credential {
        name: user.attributes.get("name").unwrap_or_default().to_owned(),
        client_id: user.username,
        grants: grants.collect(),
        created_at: user.created_at,
    }
}
