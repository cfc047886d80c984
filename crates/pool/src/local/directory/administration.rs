//! The verbs of administrators, by the operations of Cognito that they are.

use crate::administration::{Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails};
use crate::entity::{Group, User, UserPoolRecord};
use crate::error::Result;
use crate::ids::{GroupName, PartnerId, PoolId, Sub};
use crate::local::Local;
use crate::local::directory::administrators::By;
use crate::local::directory::user_admin::deleting;
use crate::request::RequestContext;
use crate::secret::Secret;
use crate::sign_in::mfa_summary;
use async_trait::async_trait;
use std::collections::BTreeMap;

fn details(pool: &UserPoolRecord, user: User) -> UserDetails {
    UserDetails {
        mfa: mfa_summary(pool, &user),
        sub: user.sub,
        username: user.username,
        status: user.status,
        enabled: user.enabled,
        attributes: user.attributes,
        created_at: user.created_at,
        modified_at: user.modified_at,
    }
}

#[async_trait]
impl Administration for Local {
    async fn users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request
            .noting(async {
                let record = self.pool(request, pool).await?;
                let listing = self.list_users_in(&record, None, page.cursor, page.limit).await?;
                Ok(listing.map(|user| details(&record, user)))
            })
            .await
    }

    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64> {
        request.noting(async { Ok(self.describe_pool(request, pool).await?.1) }).await
    }

    async fn users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request
            .noting(async {
                let record = self.pool(request, pool).await?;
                let listing = self.list_members(&record, group, page.cursor, page.limit).await?;
                Ok(listing.map(|user| details(&record, user)))
            })
            .await
    }

    async fn users_in_group_at(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        request
            .noting(async {
                let record = self.pool(request, pool).await?;
                let Group { name, .. } = self.group_in(&record, group).await?;
                let total = self.store().count_members(pool, &name).await?;
                let found = self.store().members_at(pool, &name, offset, limit).await?;
                let entries = found.into_iter().map(|user| details(&record, user)).collect();
                Ok(Slice { total, entries })
            })
            .await
    }

    async fn user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<UserDetails> {
        request
            .noting(async {
                let record = self.pool(request, pool).await?;
                Ok(details(&record, self.get_user_in(&record, username).await?))
            })
            .await
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        request
            .noting(async {
                let record = self.pool(request, &new.pool).await?;
                Ok(details(&record, self.create_user_in(request, &record, new).await?))
            })
            .await
    }

    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        request
            .noting(self.administer(
                request,
                pool,
                username,
                By::Administrators,
                self.updating(given),
            ))
            .await
    }

    async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        request.noting(Self::set_password(self, request, pool, username, password, permanent)).await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(Self::reset_password(self, request, pool, username)).await
    }

    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(Self::enable_user(self, request, pool, username)).await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(self.administer(request, pool, username, By::Administrators, self.disabling()))
            .await
    }

    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.administer(request, pool, username, By::Administrators, deleting)).await
    }

    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(Self::sign_out_user(self, request, pool, username)).await
    }

    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        request.noting(self.list_groups(request, pool, page.cursor, page.limit)).await
    }

    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        request.noting(Self::create_group(self, request, new)).await
    }

    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.delete_group_keeping(request, pool, group)).await
    }

    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        request
            .noting(async {
                let user = self.get_user(request, pool, username).await?;
                Ok(self.store().groups_of(&user.pool, &user.sub).await?)
            })
            .await
    }

    async fn groups_of_each(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        subs: &[Sub],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        request.noting(async { Ok(self.store().groups_of_each(pool, subs).await?) }).await
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(Self::add_to_group(self, request, pool, username, group)).await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.remove_from_group_keeping(request, pool, username, group)).await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        request.noting(self.suspend_user(request, pool, sub, by)).await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        partner: &PartnerId,
    ) -> Result<()> {
        request.noting(Self::lift_suspension(self, request, pool, sub, partner)).await
    }

    async fn change_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        by: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        request
            .noting(async {
                let by = by.map_or(By::Operator, By::Partner);
                Self::change_groups(self, request, pool, username, (added, removed), by).await
            })
            .await
    }
}
