//! What the administrators of a tenant do. Of whom they are, an access token is the proof.

use crate::administration::{Listing, Page};
use crate::entity::Tenant;
use crate::error::Result;
use crate::ids::{GroupName, Username};
use crate::secret::Secret;
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
    async fn administered(&self, access_token: &Secret) -> Result<Option<Tenant>>;

    /// Ends the sign-in that a refresh token of any tenant belongs to.
    async fn log_out(&self, refresh_token: &Secret) -> Result<()>;

    /// A page of the tenant's machine credentials.
    async fn credentials(&self, tenant: &Tenant, page: Page<'_>) -> Result<Listing<Credential>>;

    /// Makes a machine credential. Its secret is told now and never again: it is stored hashed.
    async fn create_credential(
        &self,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)>;

    /// Removes a machine credential; its tokens are dead at once. One of another tenant is
    /// [`crate::Refusal::UserNotFound`], like one that does not exist.
    async fn delete_credential(&self, tenant: &Tenant, client_id: &Username) -> Result<()>;
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
