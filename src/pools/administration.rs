//! What administrators do.

use super::Pools;
use async_trait::async_trait;
use poolkeeper_pool::backend::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId, Sub};
use poolkeeper_pool::request::RequestContext;
use std::collections::BTreeMap;

#[async_trait]
impl Administration for Pools {
    async fn users(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request.noting(self.of_pool(pool).users(request, pool, page)).await
    }

    async fn number_of_users(&self, request: &RequestContext, pool: &PoolId) -> Result<i64> {
        request.noting(self.of_pool(pool).number_of_users(request, pool)).await
    }

    async fn users_in_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        request.noting(self.of_pool(pool).users_in_group(request, pool, group, page)).await
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
            .noting(self.of_pool(pool).users_in_group_at(request, pool, group, offset, limit))
            .await
    }

    async fn user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<UserDetails> {
        request.noting(self.of_pool(pool).user(request, pool, username)).await
    }

    async fn create_user(&self, request: &RequestContext, new: NewUser) -> Result<UserDetails> {
        request.noting(self.of_pool(&new.pool).create_user(request, new)).await
    }

    async fn update_attributes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        request.noting(self.of_pool(pool).update_attributes(request, pool, username, given)).await
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
            .noting(self.of_pool(pool).set_password(request, pool, username, password, permanent))
            .await
    }

    async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).reset_password(request, pool, username)).await
    }

    async fn enable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).enable_user(request, pool, username)).await
    }

    async fn disable_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).disable_user(request, pool, username)).await
    }

    async fn delete_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).delete_user(request, pool, username)).await
    }

    async fn sign_out_user(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).sign_out_user(request, pool, username)).await
    }

    async fn groups(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        page: Page<'_>,
    ) -> Result<Listing<Group>> {
        request.noting(self.of_pool(pool).groups(request, pool, page)).await
    }

    async fn create_group(&self, request: &RequestContext, new: NewGroup) -> Result<Group> {
        request.noting(self.of_pool(&new.pool).create_group(request, new)).await
    }

    async fn delete_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).delete_group(request, pool, group)).await
    }

    async fn groups_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<Group>> {
        request.noting(self.of_pool(pool).groups_of(request, pool, username)).await
    }

    async fn groups_of_each(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        users: &[UserDetails],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        request.noting(self.of_pool(pool).groups_of_each(request, pool, users)).await
    }

    async fn add_to_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).add_to_group(request, pool, username, group)).await
    }

    async fn remove_from_group(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        request.noting(self.of_pool(pool).remove_from_group(request, pool, username, group)).await
    }

    async fn suspend(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        request.noting(self.of_pool(pool).suspend(request, pool, sub, by)).await
    }

    async fn lift_suspension(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sub: &Sub,
        by: (&PartnerId, &Sub),
    ) -> Result<()> {
        request.noting(self.of_pool(pool).lift_suspension(request, pool, sub, by)).await
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
            .noting(self.of_pool(pool).change_groups(request, pool, username, added, removed, by))
            .await
    }
}
