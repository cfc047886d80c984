//! What tenants do.

use super::Pools;
use async_trait::async_trait;
use poolkeeper_pool::backend::administration::{Listing, Page};
use poolkeeper_pool::backend::tenancy::{Credential, NewCredential, Tenancy};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::Username;
use poolkeeper_pool::request::RequestContext;

#[async_trait]
impl Tenancy for Pools {
    async fn administered(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Option<Tenant>> {
        request.noting(self.of_token(access_token).administered(request, access_token)).await
    }

    async fn log_out(&self, request: &RequestContext, refresh_token: &Secret) -> Result<()> {
        let place = self.find(|remote| remote.backend.client_of(refresh_token).is_some());
        request.noting(place.log_out(request, refresh_token)).await
    }

    async fn credentials(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        page: Page<'_>,
    ) -> Result<Listing<Credential>> {
        request.noting(self.of_pool(&tenant.pool).credentials(request, tenant, page)).await
    }

    async fn create_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        new: NewCredential,
    ) -> Result<(Credential, Secret)> {
        request.noting(self.of_pool(&tenant.pool).create_credential(request, tenant, new)).await
    }

    async fn delete_credential(
        &self,
        request: &RequestContext,
        tenant: &Tenant,
        client_id: &Username,
    ) -> Result<()> {
        request
            .noting(self.of_pool(&tenant.pool).delete_credential(request, tenant, client_id))
            .await
    }
}
