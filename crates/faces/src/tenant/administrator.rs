//! Who calls, by the access token.

use super::FaceState;
use super::failure::Failure;
use crate::kit::bare_or_bearer;
use axum::http::HeaderMap;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::request::RequestContext;

/// The tenant that the caller administers, as of now. The token is taken with the word `Bearer` and
/// without, as this API is documented in both ways.
pub(super) async fn tenant(
    state: &FaceState,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Result<Tenant, Failure> {
    let token = bare_or_bearer(headers).map_err(|_| Failure::TokenInvalid)?;
    match state.mount.tenancy.administered(context, &token).await.map_err(Failure::from) {
        Ok(tenant) => tenant.ok_or(Failure::NotAdministrator),
        Err(Failure::NotAuthorized) => Err(Failure::TokenInvalid),
        Err(failure) => Err(failure),
    }
}
