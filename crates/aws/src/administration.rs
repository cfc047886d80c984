//! `Administration` over Amazon.

use crate::administrators::Loss;
use crate::amazon::Amazon;
use crate::connection::call::{Repeat, none_if_refused};
use crate::connection::trouble::Purpose;
use crate::convert::missing;
use crate::groups::limit;
use crate::users::listed_user;
use async_trait::async_trait;
use futures_util::future::join_all;
use poolkeeper_pool::backend::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::backend::administrators::is_theirs;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::{GroupFlaw, Refusal, Result};
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId, Sub};
use poolkeeper_pool::request::RequestContext;
use std::collections::BTreeMap;

/// How many calls for one page are made at once.
const AT_ONCE: usize = 8;

#[async_trait]
impl Administration for Amazon {
    async fn users(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        let call = self.sdk.list_users().user_pool_id(self.pool(pool)?);
        let cursor = page.cursor.map(str::to_owned);
        let call = call.limit(limit(page.limit)).set_pagination_token(cursor);
        let asked = Purpose::Administration;
        let listed = self.call(Repeat::Safely, asked, || call.clone().send()).await?;
        let users = listed.users.unwrap_or_default().into_iter();
        let entries = users.map(listed_user).collect::<Result<_>>()?;
        Ok(Listing { entries, next: listed.pagination_token })
    }

    async fn number_of_users(&self, _: &RequestContext, pool: &PoolId) -> Result<i64> {
        let call = self.sdk.describe_user_pool().user_pool_id(self.pool(pool)?);
        let asked = Purpose::Administration;
        let described = self.call(Repeat::Safely, asked, || call.clone().send()).await?;
        let pool = described.user_pool.ok_or_else(|| missing("the pool"))?;
        Ok(i64::from(pool.estimated_number_of_users))
    }

    async fn users_in_group(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        self.pool(pool)?;
        self.members(group, page).await
    }

    async fn users_in_group_at(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        self.pool(pool)?;
        self.members_at(group, offset, limit).await
    }

    async fn user(&self, _: &RequestContext, pool: &PoolId, username: &str) -> Result<UserDetails> {
        self.pool(pool)?;
        self.get_user(username).await
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        let refused = match self.make_user(request, new.clone()).await {
            Err(refused) => refused,
            made => return made,
        };
        match new.renamed(&refused, self.parts.rng.as_ref()) {
            Some(renamed) => self.make_user(request, renamed).await,
            None => Err(refused),
        }
    }

    async fn update_attributes(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        self.pool(pool)?;
        self.keep_administered(username, Loss::Attributes(given)).await?;
        self.set_attributes(username, given).await
    }

    async fn set_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        self.pool(pool)?;
        if !permanent {
            self.expect_person(username).await?;
        }
        self.put_password(request, username, password, permanent).await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.pool(pool)?;
        self.reset(request, username).await
    }

    async fn enable_user(&self, _: &RequestContext, pool: &PoolId, username: &str) -> Result<()> {
        self.pool(pool)?;
        self.enable(username).await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        self.pool(pool)?;
        self.keep_administered(username, Loss::User).await?;
        self.disable(request, username).await
    }

    async fn delete_user(&self, _: &RequestContext, pool: &PoolId, username: &str) -> Result<()> {
        self.pool(pool)?;
        self.keep_administered(username, Loss::User).await?;
        self.remove_user(username).await
    }

    async fn sign_out_user(&self, _: &RequestContext, pool: &PoolId, username: &str) -> Result<()> {
        self.pool(pool)?;
        self.sign_out_everywhere(username).await
    }

    async fn groups(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        self.pool(pool)?;
        self.list_groups(page).await
    }

    async fn create_group(&self, _: &RequestContext, new: NewGroup) -> Result<Group> {
        self.make_group(new).await
    }

    async fn delete_group(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        self.pool(pool)?;
        if is_theirs(group) && self.settings.administrators.is_some() {
            return Err(Refusal::invalid(GroupFlaw::Administrators).into());
        }
        self.remove_group(group).await
    }

    async fn groups_of(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        self.pool(pool)?;
        self.groups_of_user(username).await
    }

    /// Amazon has no call for several users: some calls are made at once. By usernames, since those of
    /// other identity providers are not found by their `sub`.
    async fn groups_of_each(
        &self,
        _: &RequestContext,
        pool: &PoolId,
        users: &[UserDetails],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        self.pool(pool)?;
        let mut groups = BTreeMap::new();
        for some in users.chunks(AT_ONCE) {
            let calls = some.iter().map(|user| self.groups_of_user(user.username.as_str()));
            for (UserDetails { sub, .. }, own) in some.iter().zip(join_all(calls).await) {
                groups.extend(
                    none_if_refused(own, &Refusal::UserNotFound)?.map(|own| (sub.clone(), own)),
                );
            }
        }
        Ok(groups)
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        self.pool(pool)?;
        self.expect_one_tenant(request, username, std::slice::from_ref(group)).await?;
        self.put_into_group(username, group).await?;
        self.take_over(request, [group], username).await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        self.pool(pool)?;
        self.keep_administered(username, Loss::Group(group)).await?;
        self.take_out_of_group(username, group).await?;
        self.take_over(request, [group], username).await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        self.pool(pool)?;
        self.suspend_user(request, sub, by).await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        self.pool(pool)?;
        self.let_in_again(request, sub, by.0).await
    }

    async fn change_groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        _: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        self.pool(pool)?;
        for group in added {
            self.put_into_group(username, group).await?;
        }
        for group in removed {
            self.take_out_of_group(username, group).await?;
        }
        self.take_over(request, added.iter().chain(removed), username).await
    }
}
