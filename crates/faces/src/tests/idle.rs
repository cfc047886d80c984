//! A pool in which nothing can be done but sign in.

use async_trait::async_trait;
use poolkeeper_pool::Result;
use poolkeeper_pool::administration::{
    Administration, Listing, NewGroup, NewUser, Page, Slice, UserDetails,
};
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::self_service::{
    Delivery, MfaPreference, MfaSwitch, Registration, SelfService, SignedUp,
};

/// Refuses everything.
pub(super) struct Idle;

fn refused() -> Error {
    Refusal::PermissionDenied.into()
}

#[async_trait]
impl SelfService for Idle {
    async fn forgot_password(&self, _: &ClientId, _: &str) -> Result<Delivery> {
        Err(refused())
    }

    async fn confirm_forgot_password(
        &self,
        _: &ClientId,
        _: &str,
        _: &Secret,
        _: &Secret,
    ) -> Result<()> {
        Err(refused())
    }

    async fn register(&self, _: Registration) -> Result<SignedUp> {
        Err(refused())
    }

    async fn confirm_registration(&self, _: &ClientId, _: &str, _: &Secret) -> Result<()> {
        Err(refused())
    }

    async fn change_password(&self, _: &Secret, _: &Secret, _: &Secret) -> Result<()> {
        Err(refused())
    }

    async fn associate_totp(&self, _: &Secret) -> Result<Secret> {
        Err(refused())
    }

    async fn verify_totp(&self, _: &Secret, _: &Secret, _: Option<String>) -> Result<()> {
        Err(refused())
    }

    async fn enrol_totp(&self, _: &Secret, _: &Secret) -> Result<()> {
        Err(refused())
    }

    async fn switch_mfa(&self, _: &Secret, _: MfaSwitch) -> Result<()> {
        Err(refused())
    }

    async fn set_mfa_preference(&self, _: &Secret, _: MfaPreference) -> Result<()> {
        Err(refused())
    }
}

#[async_trait]
impl Administration for Idle {
    async fn users(&self, _: &PoolId, _: Page<'_>) -> Result<Listing<UserDetails>> {
        Err(refused())
    }

    async fn users_in_group(
        &self,
        _: &PoolId,
        _: &GroupName,
        _: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        Err(refused())
    }

    async fn users_in_group_at(
        &self,
        _: &PoolId,
        _: &GroupName,
        _: u64,
        _: u64,
    ) -> Result<Slice<UserDetails>> {
        Err(refused())
    }

    async fn user(&self, _: &PoolId, _: &str) -> Result<UserDetails> {
        Err(refused())
    }

    async fn create_user(&self, _: NewUser) -> Result<UserDetails> {
        Err(refused())
    }

    async fn update_attributes(&self, _: &PoolId, _: &str, _: &[(String, String)]) -> Result<()> {
        Err(refused())
    }

    async fn set_password(&self, _: &PoolId, _: &str, _: &Secret, _: bool) -> Result<()> {
        Err(refused())
    }

    async fn reset_password(&self, _: &PoolId, _: &str) -> Result<()> {
        Err(refused())
    }

    async fn enable_user(&self, _: &PoolId, _: &str) -> Result<()> {
        Err(refused())
    }

    async fn disable_user(&self, _: &PoolId, _: &str) -> Result<()> {
        Err(refused())
    }

    async fn delete_user(&self, _: &PoolId, _: &str) -> Result<()> {
        Err(refused())
    }

    async fn sign_out_user(&self, _: &PoolId, _: &str) -> Result<()> {
        Err(refused())
    }

    async fn groups(&self, _: &PoolId, _: Page<'_>) -> Result<Listing<Group>> {
        Err(refused())
    }

    async fn create_group(&self, _: NewGroup) -> Result<Group> {
        Err(refused())
    }

    async fn delete_group(&self, _: &PoolId, _: &GroupName) -> Result<()> {
        Err(refused())
    }

    async fn groups_of(&self, _: &PoolId, _: &str) -> Result<Vec<Group>> {
        Err(refused())
    }

    async fn add_to_group(&self, _: &PoolId, _: &str, _: &GroupName) -> Result<()> {
        Err(refused())
    }

    async fn remove_from_group(&self, _: &PoolId, _: &str, _: &GroupName) -> Result<()> {
        Err(refused())
    }

    async fn change_groups(
        &self,
        _: &PoolId,
        _: &str,
        _: &[GroupName],
        _: &[GroupName],
    ) -> Result<()> {
        Err(refused())
    }
}
