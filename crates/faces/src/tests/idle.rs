//! A pool in which everything but signing in is broken: what faces say then. What they say of a pool
//! that works is tested through the real engine.

use async_trait::async_trait;
use poolkeeper_pool::Result;
use poolkeeper_pool::backend::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::backend::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::{Error, Fault};
use poolkeeper_pool::ids::{ClientId, GroupName, PartnerId, PoolId, Sub};
use poolkeeper_pool::request::RequestContext;
use std::collections::BTreeMap;

/// Fails at everything.
pub(super) struct Idle;

fn broken<T>() -> Result<T> {
    Err(Error::Fault(Fault::Signing))
}

#[async_trait]
impl SelfService for Idle {
    async fn forgot_password(&self, _: &RequestContext, _: &ClientId, _: &str) -> Result<Delivery> {
        broken()
    }

    async fn confirm_forgot_password(
        &self,
        _: &RequestContext,
        _: &ClientId,
        _: &str,
        _: &Secret,
        _: &Secret,
    ) -> Result<()> {
        broken()
    }

    async fn register(&self, _: &RequestContext, _: Registration) -> Result<SignedUp> {
        broken()
    }

    async fn confirm_registration(
        &self,
        _: &RequestContext,
        _: &ClientId,
        _: &str,
        _: &Secret,
    ) -> Result<()> {
        broken()
    }

    async fn change_password(
        &self,
        _: &RequestContext,
        _: &Secret,
        _: &Secret,
        _: &Secret,
    ) -> Result<()> {
        broken()
    }

    async fn associate_totp(&self, _: &RequestContext, _: &Secret) -> Result<Secret> {
        broken()
    }

    async fn verify_totp(
        &self,
        _: &RequestContext,
        _: &Secret,
        _: &Secret,
        _: Option<String>,
    ) -> Result<()> {
        broken()
    }

    async fn associate_totp_by_session(
        &self,
        _: &RequestContext,
        _: &Secret,
    ) -> Result<(Secret, Secret)> {
        broken()
    }

    async fn verify_totp_by_session(
        &self,
        _: &RequestContext,
        _: &Secret,
        _: &Secret,
        _: Option<String>,
    ) -> Result<Secret> {
        broken()
    }

    async fn enrol_totp(&self, _: &RequestContext, _: &Secret, _: &Secret) -> Result<()> {
        broken()
    }

    async fn switch_mfa(&self, _: &RequestContext, _: &Secret, _: MfaSwitch) -> Result<()> {
        broken()
    }

    async fn set_mfa_preference(
        &self,
        _: &RequestContext,
        _: &Secret,
        _: MfaPreference,
    ) -> Result<()> {
        broken()
    }
}

#[async_trait]
impl Administration for Idle {
    async fn users(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        broken()
    }

    async fn number_of_users(&self, _: &RequestContext, _: &PoolId) -> Result<i64> {
        broken()
    }

    async fn users_in_group(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &GroupName,
        _: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        broken()
    }

    async fn users_in_group_at(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &GroupName,
        _: u64,
        _: u64,
    ) -> Result<Slice<UserDetails>> {
        broken()
    }

    async fn user(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<UserDetails> {
        broken()
    }

    async fn create_user(&self, _: &RequestContext, _: NewUser) -> Result<UserDetails> {
        broken()
    }

    async fn update_attributes(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &str,
        _: &[(String, String)],
    ) -> Result<()> {
        broken()
    }

    async fn set_password(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &str,
        _: &Secret,
        _: bool,
    ) -> Result<()> {
        broken()
    }

    async fn reset_password(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<()> {
        broken()
    }

    async fn enable_user(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<()> {
        broken()
    }

    async fn disable_user(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<()> {
        broken()
    }

    async fn delete_user(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<()> {
        broken()
    }

    async fn sign_out_user(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<()> {
        broken()
    }

    async fn groups(&self, _: &RequestContext, _: &PoolId, _: Page<'_>) -> Result<Listing<Group>> {
        broken()
    }

    async fn create_group(&self, _: &RequestContext, _: NewGroup) -> Result<Group> {
        broken()
    }

    async fn delete_group(&self, _: &RequestContext, _: &PoolId, _: &GroupName) -> Result<()> {
        broken()
    }

    async fn groups_of_each(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &[UserDetails],
    ) -> Result<BTreeMap<Sub, Vec<Group>>> {
        broken()
    }

    async fn groups_of(&self, _: &RequestContext, _: &PoolId, _: &str) -> Result<Vec<Group>> {
        broken()
    }

    async fn add_to_group(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &str,
        _: &GroupName,
    ) -> Result<()> {
        broken()
    }

    async fn remove_from_group(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &str,
        _: &GroupName,
    ) -> Result<()> {
        broken()
    }

    async fn suspend(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &Sub,
        _: (&PartnerId, &Sub),
    ) -> Result<()> {
        broken()
    }

    async fn lift_suspension(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &Sub,
        _: (&PartnerId, &Sub),
    ) -> Result<()> {
        broken()
    }

    async fn change_groups(
        &self,
        _: &RequestContext,
        _: &PoolId,
        _: &str,
        _: &[GroupName],
        _: &[GroupName],
        _: Option<(&PartnerId, &Sub)>,
    ) -> Result<()> {
        broken()
    }
}
