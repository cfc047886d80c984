//! `Administration` over Amazon.

use crate::administrators::Loss;
use crate::amazon::Amazon;
use crate::call::Repeat;
use crate::convert::missing;
use crate::failure::Asked;
use crate::groups::limit;
use crate::users::listed_user;
use async_trait::async_trait;
use poolkeeper_pool::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::administrators::is_theirs;
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::{GroupFlaw, Refusal, Result};
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId, Sub};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::secret::Secret;

#[async_trait]
impl Administration for Amazon {
    async fn users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request
            .noting(async {
                let call = self.sdk.list_users().user_pool_id(self.pool(pool)?);
                let cursor = page.cursor.map(str::to_owned);
                let call = call.limit(limit(page.limit)).set_pagination_token(cursor);
                let asked = Asked::Administration;
                let listed = self.call(Repeat::Safely, asked, || call.clone().send()).await?;
                let users = listed.users.unwrap_or_default().into_iter();
                let entries = users.map(listed_user).collect::<Result<_>>()?;
                Ok(Listing { entries, next: listed.pagination_token })
            })
            .await
    }

    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64> {
        request
            .noting(async {
                let call = self.sdk.describe_user_pool().user_pool_id(self.pool(pool)?);
                let asked = Asked::Administration;
                let described = self.call(Repeat::Safely, asked, || call.clone().send()).await?;
                let pool = described.user_pool.ok_or_else(|| missing("the pool"))?;
                Ok(i64::from(pool.estimated_number_of_users))
            })
            .await
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
                self.pool(pool)?;
                self.members(group, page).await
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
                self.pool(pool)?;
                self.members_at(group, offset, limit).await
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
                self.pool(pool)?;
                self.get_user(username).await
            })
            .await
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        request.noting(self.make_user(new)).await
    }

    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.keep_administered(username, Loss::Attributes(given)).await?;
                self.set_attributes(username, given).await
            })
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
        request
            .noting(async {
                self.pool(pool)?;
                self.put_password(username, password, permanent).await
            })
            .await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.reset(username).await
            })
            .await
    }

    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.enable(username).await
            })
            .await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.keep_administered(username, Loss::User).await?;
                self.disable(username).await
            })
            .await
    }

    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.keep_administered(username, Loss::User).await?;
                self.remove_user(username).await
            })
            .await
    }

    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.sign_out_everywhere(username).await
            })
            .await
    }

    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        request
            .noting(async {
                self.pool(pool)?;
                self.list_groups(page).await
            })
            .await
    }

    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        request.noting(self.make_group(new)).await
    }

    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                if is_theirs(group) && self.settings.administrators.is_some() {
                    return Err(Refusal::invalid(GroupFlaw::Administrators).into());
                }
                self.remove_group(group).await
            })
            .await
    }

    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        request
            .noting(async {
                self.pool(pool)?;
                self.groups_of_user(username).await
            })
            .await
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.put_into_group(username, group).await?;
                self.take_over(request, [group], username).await
            })
            .await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.keep_administered(username, Loss::Group(group)).await?;
                self.take_out_of_group(username, group).await?;
                self.take_over(request, [group], username).await
            })
            .await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.suspend_user(request, sub, by).await
            })
            .await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        partner: &PartnerId,
    ) -> Result<()> {
        request
            .noting(async {
                self.pool(pool)?;
                self.let_in_again(request, sub, partner).await
            })
            .await
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
        request
            .noting(async {
                self.pool(pool)?;
                for group in added {
                    self.put_into_group(username, group).await?;
                }
                for group in removed {
                    self.take_out_of_group(username, group).await?;
                }
                self.take_over(request, added.iter().chain(removed), username).await
            })
            .await
    }
}
