//! What the administrators of a tenant do. Of whom they are, an access token is the proof.

use crate::backend::administration::{Listing, Page};
use crate::crypto::secret::Secret;
use crate::entity::Tenant;
use crate::error::{Refusal, Result, TenantFlaw};
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

    /// The tenants of a pool that have one of these groups.
    async fn tenants_of_groups(&self, pool: &PoolId, groups: &[GroupName]) -> Result<Vec<Tenant>>;

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

/// Refuses a machine that is or would be in groups of several tenants. `tenants` are all tenants that
/// have one of these groups; a group that tenants share counts for each of them.
///
/// # Errors
///
/// [`Refusal::Invalid`] with [`TenantFlaw::OneTenant`].
pub fn check_one_tenant(
    own_tenant: Option<&TenantId>,
    groups: &[GroupName],
    tenants: &[Tenant],
) -> Result<(), Refusal> {
    let is_of = |group: &GroupName, tenant: &Tenant| tenant.groups().any(|own| own == group);
    let could_be_own = |id: &TenantId| {
        groups.iter().all(|group| {
            let mut owners = tenants.iter().filter(|tenant| is_of(group, tenant)).peekable();
            owners.peek().is_none() || owners.any(|tenant| tenant.id == *id)
        })
    };
    let fits_one_tenant = match own_tenant {
        Some(own_tenant) => could_be_own(own_tenant),
        None => tenants.is_empty() || tenants.iter().any(|tenant| could_be_own(&tenant.id)),
    };
    if fits_one_tenant { Ok(()) } else { Err(Refusal::invalid(TenantFlaw::OneTenant)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(id: &str, group: Option<&str>, admin_group: Option<&str>) -> Tenant {
        Tenant {
            name: id.to_owned(),
            id: id.into(),
            pool: "eu-west-1_a".into(),
            client: "c".into(),
            group: group.map(GroupName::from),
            admin_group: admin_group.map(GroupName::from),
        }
    }

    #[test]
    fn a_machine_is_in_the_groups_of_one_tenant() {
        let tenants = [
            tenant("acme", Some("acme"), Some("acme-admins")),
            tenant("globex", Some("globex"), Some("staff")),
            tenant("hooli", None, Some("staff")),
        ];
        for (own_tenant, groups, expected) in [
            (None, &[][..], true),
            (None, &["other"], true),
            (None, &["acme", "other", "acme-admins"], true),
            (None, &["acme", "globex"], false),
            (None, &["acme-admins", "globex"], false),
            (Some("acme"), &["acme", "other"], true),
            (Some("acme"), &["globex"], false),
            (Some("initech"), &["acme"], false),
            (Some("initech"), &["other"], true),
            // A group that two tenants share.
            (None, &["staff"], true),
            (None, &["staff", "globex"], true),
            (None, &["staff", "acme"], false),
            (Some("hooli"), &["staff"], true),
        ] {
            let names: Vec<_> = groups.iter().map(|name| GroupName::from(*name)).collect();
            let own_tenant = own_tenant.map(TenantId::from);
            let checked = check_one_tenant(own_tenant.as_ref(), &names, &tenants);
            assert_eq!(checked.is_ok(), expected, "{own_tenant:?} {groups:?}");
        }
    }
}
