//! What the administrators of a tenant do. Of whom they are, an access token is the proof.

use crate::backend::administration::{Listing, Page};
use crate::crypto::secret::Secret;
use crate::entity::Tenant;
use crate::error::{Refusal, Result};
use crate::ids::{GroupName, PoolId, SessionId, Sub, TenantId, Username};
use crate::request::RequestContext;
use crate::time::Timestamp;
use async_trait::async_trait;

/// How many machine credentials a tenant can have.
pub const MOST_CREDENTIALS: u32 = 100;

/// Tenants as their own administrators see them.
#[async_trait]
pub trait Tenancy: Send + Sync {
    /// The tenant that an access token was issued for, if its user administers it: as of now a
    /// person in the tenant's group and in its [`Tenant::admin_group`]. `None` for other users of
    /// the tenant.
    async fn administered(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Option<Tenant>>;

    /// Ends the sign-in that a refresh token of any tenant belongs to.
    async fn log_out(&self, request: &RequestContext, refresh_token: &Secret) -> Result<()>;

    /// A page of the tenant's machine credentials.
    async fn credentials(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        page: Page<'_>,
    ) -> Result<Listing<Credential>>;

    /// Makes a machine credential. Its secret is told now and never again: it is stored hashed.
    async fn create_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)>;

    /// Removes a machine credential; its tokens are dead at once. One of another tenant is
    /// [`crate::Refusal::UserNotFound`], like one that does not exist.
    async fn delete_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        client_id: &Username,
    ) -> Result<()>;
}

/// What is kept here of tenants whose pool lives elsewhere: that place knows users, but not tenants.
#[async_trait]
pub trait TenantRecords: Send + Sync {
    /// A tenant by its id.
    async fn tenant_of_id(&self, id: &TenantId) -> Result<Option<Tenant>>;

    /// Keeps which tenant a sign-in was made for, until its tokens have expired.
    async fn keep_sign_in(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        sign_in: &SessionId,
        tenant: &TenantId,
        until: Timestamp,
    ) -> Result<()>;

    /// The tenant that a sign-in was made for.
    async fn tenant_of_sign_in(
        &self,
        pool: &PoolId,
        sign_in: &SessionId,
    ) -> Result<Option<TenantId>>;

    /// A page of the users who are machine credentials of a tenant.
    async fn credential_subs(&self, tenant: &Tenant, page: Page<'_>) -> Result<Listing<Sub>>;

    /// Whether a user is a machine credential of a tenant.
    async fn is_credential(&self, tenant: &Tenant, sub: &Sub) -> Result<bool>;

    /// The tenant that a user is a machine credential of.
    async fn tenant_of_machine(&self, pool: &PoolId, sub: &Sub) -> Result<Option<TenantId>>;

    /// Makes a user a machine credential of a tenant.
    async fn add_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        sub: &Sub,
    ) -> Result<()>;

    /// Makes a user no machine credential any more.
    async fn remove_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        sub: &Sub,
    ) -> Result<()>;

    /// Refuses groups that the operator does not let tenants grant.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with a `TenantFlaw` that names the first such group.
    fn check_grants(&self, grants: &[GroupName]) -> Result<(), Refusal>;
}

/// Whether a user of a tenant administers it.
///
/// # Errors
///
/// [`Refusal::AccessTokenRevoked`] for people who have left the tenant: its tokens are no longer
/// theirs.
pub fn administers(
    tenant: &Tenant,
    is_person: bool,
    is_in: impl Fn(&GroupName) -> bool,
) -> Result<bool, Refusal> {
    if !tenant.group.as_ref().is_none_or(&is_in) {
        return Err(Refusal::AccessTokenRevoked);
    }
    // A machine's secret that has leaked must not make others.
    Ok(is_person && tenant.admin_group.as_ref().is_some_and(is_in))
}

/// A machine credential to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// What people call it.
    pub name: String,
    /// The groups it shall be in beside the tenant's own. Each must be one that the operator lets
    /// tenants grant.
    pub grants: Vec<GroupName>,
}

/// A machine credential: a user of the tenant that is a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its `ClientID`: the username.
    pub client_id: Username,
    /// What people call it.
    pub name: String,
    /// The groups it is in beside the tenant's own.
    pub grants: Vec<GroupName>,
    /// When it was made.
    pub created_at: Timestamp,
}
