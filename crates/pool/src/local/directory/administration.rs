//! The verbs of administrators, by the operations of Cognito that they are.

use crate::backend::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use crate::crypto::secret::Secret;
use crate::entity::{Group, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PartnerId, PoolId, Sub};
use crate::local::Local;
use crate::local::directory::administrators::By;
use crate::local::directory::user_admin::deleting;
use crate::ports::MemberSlice;
use crate::request::RequestContext;
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
        let record = self.pool(request, pool).await?;
        let listing = self.list_users_in(&record, None, page.cursor, page.limit).await?;
        Ok(listing.map(|user| details(&record, user)))
    }

    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64> {
        Ok(self.describe_pool(request, pool).await?.1)
    }

    async fn users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        let record = self.pool(request, pool).await?;
        let listing = self.list_members(&record, group, page.cursor, page.limit).await?;
        Ok(listing.map(|user| details(&record, user)))
    }

    async fn users_in_group_at(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        let slice = self.store().member_slice(pool, group, offset, limit).await?;
        let slice = slice.ok_or_else(|| Refusal::PoolNotFound(pool.clone()))?;
        request.note_pool(pool);
        let MemberSlice { pool: record, members } = slice;
        let (total, found) = members.ok_or_else(|| Refusal::GroupNotFound(group.clone()))?;
        let entries = found.into_iter().map(|user| details(&record, user)).collect();
        Ok(Slice { total, entries })
    }

    async fn user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<UserDetails> {
        let record = self.pool(request, pool).await?;
        Ok(details(&record, self.get_user_in(request, &record, username).await?))
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        let record = self.pool(request, &new.pool).await?;
        let made = match self.create_user_in(request, &record, new.clone()).await {
            Err(refused) => match new.renamed(&refused, self.rng()) {
                Some(renamed) => self.create_user_in(request, &record, renamed).await?,
                None => return Err(refused),
            },
            Ok(made) => made,
        };
        Ok(details(&record, made))
    }

    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        self.administer(request, pool, username, By::Administrators, self.updating(given)).await
    }

    async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        Self::set_password(self, request, pool, username, password, permanent).await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        Self::reset_password(self, request, pool, username).await
    }

    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        Self::enable_user(self, request, pool, username).await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Administrators, self.disabling()).await
    }

    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Administrators, deleting).await
    }

    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        Self::sign_out_user(self, request, pool, username).await
    }

    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        self.list_groups(request, pool, page.cursor, page.limit).await
    }

    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        Self::create_group(self, request, new).await
    }

    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        self.delete_group_keeping(request, pool, group).await
    }

    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        let user = self.get_user(request, pool, username).await?;
        Ok(self.store().groups_of(&user.pool, &user.sub).await?)
    }

    async fn groups_of_each(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        users: &[UserDetails],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        let subs: Vec<_> = users.iter().map(|user| user.sub.clone()).collect();
        Ok(self.store().groups_of_each(pool, &subs).await?)
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        Self::add_to_group(self, request, pool, username, group).await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        self.remove_from_group_keeping(request, pool, username, group).await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        self.suspend_user(request, pool, sub, by).await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        Self::lift_suspension(self, request, pool, sub, by).await
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
        let by = by.map_or(By::Operator, By::Partner);
        Self::change_groups(self, request, pool, username, (added, removed), by).await
    }
}
