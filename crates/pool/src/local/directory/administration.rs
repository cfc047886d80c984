//! The verbs of administrators, by the operations of Cognito that they are.

use crate::administration::{Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails};
use crate::entity::{Group, User, UserPoolRecord};
use crate::error::Result;
use crate::ids::{GroupName, PartnerId, PoolId, Sub};
use crate::local::Local;
use crate::local::directory::administrators::By;
use crate::local::directory::user_admin::deleting;
use crate::secret::Secret;
use crate::sign_in::mfa_summary;
use async_trait::async_trait;

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
    async fn users(&self, pool: &PoolId, page: Page<'_>) -> Result<Listing<UserDetails>> {
        let record = self.pool(pool).await?;
        let listing = self.list_users(pool, None, page.cursor, page.limit).await?;
        Ok(listing.map(|user| details(&record, user)))
    }

    async fn number_of_users(&self, pool: &PoolId) -> Result<i64> {
        Ok(self.describe_pool(pool).await?.1)
    }

    async fn users_in_group(
        &self,
        pool: &PoolId,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        let record = self.pool(pool).await?;
        let listing = self.list_users_in_group(pool, group, page.cursor, page.limit).await?;
        Ok(listing.map(|user| details(&record, user)))
    }

    async fn users_in_group_at(
        &self,
        pool: &PoolId,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        let record = self.pool(pool).await?;
        let Group { name, .. } = self.group(pool, group).await?;
        let total = self.store().count_members(pool, &name).await?;
        let found = self.store().members_at(pool, &name, offset, limit).await?;
        let entries = found.into_iter().map(|user| details(&record, user)).collect();
        Ok(Slice { total, entries })
    }

    async fn user(&self, pool: &PoolId, username: &str) -> Result<UserDetails> {
        let record = self.pool(pool).await?;
        Ok(details(&record, self.get_user(pool, username).await?))
    }

    async fn create_user(&self, new: NewUser) -> Result<UserDetails> {
        let record = self.pool(&new.pool).await?;
        Ok(details(&record, Self::create_user(self, new).await?))
    }

    async fn update_attributes(
        &self,
        pool: &PoolId,
        username: &str,
        given: &[(String, String)],
    ) -> Result<()> {
        self.administer(pool, username, By::Administrators, self.updating(given)).await
    }

    async fn set_password(
        &self,
        pool: &PoolId,
        username: &str,
        password: &Secret,
        permanent: bool,
    ) -> Result<()> {
        Self::set_password(self, pool, username, password, permanent).await
    }

    async fn reset_password(&self, pool: &PoolId, username: &str) -> Result<()> {
        Self::reset_password(self, pool, username).await
    }

    async fn enable_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        Self::enable_user(self, pool, username).await
    }

    async fn disable_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.administer(pool, username, By::Administrators, self.disabling()).await
    }

    async fn delete_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        self.administer(pool, username, By::Administrators, deleting).await
    }

    async fn sign_out_user(&self, pool: &PoolId, username: &str) -> Result<()> {
        Self::sign_out_user(self, pool, username).await
    }

    async fn groups(&self, pool: &PoolId, page: Page<'_>) -> Result<Listing<Group>> {
        self.list_groups(pool, page.cursor, page.limit).await
    }

    async fn create_group(&self, new: NewGroup) -> Result<Group> {
        Self::create_group(self, new).await
    }

    async fn delete_group(&self, pool: &PoolId, group: &GroupName) -> Result<()> {
        self.delete_group_keeping(pool, group).await
    }

    async fn groups_of(&self, pool: &PoolId, username: &str) -> Result<Vec<Group>> {
        let user = self.get_user(pool, username).await?;
        Ok(self.store().groups_of(&user.pool, &user.sub).await?)
    }

    async fn add_to_group(&self, pool: &PoolId, username: &str, group: &GroupName) -> Result<()> {
        Self::add_to_group(self, pool, username, group).await
    }

    async fn remove_from_group(
        &self,
        pool: &PoolId,
        username: &str,
        group: &GroupName,
    ) -> Result<()> {
        self.remove_from_group_keeping(pool, username, group).await
    }

    async fn suspend(&self, pool: &PoolId, sub: &Sub, by: (&PartnerId, &Sub)) -> Result<()> {
        self.suspend_user(pool, sub, by).await
    }

    async fn lift_suspension(&self, pool: &PoolId, sub: &Sub, partner: &PartnerId) -> Result<()> {
        Self::lift_suspension(self, pool, sub, partner).await
    }

    async fn change_groups(
        &self,
        pool: &PoolId,
        username: &str,
        added: &[GroupName],
        removed: &[GroupName],
        by: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        let by = by.map_or(By::Operator, By::Partner);
        Self::change_groups(self, pool, username, (added, removed), by).await
    }
}
