use super::admin_link_provider_for_user::{NATIVE, source};
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDisableProviderForUserRequest, AdminDisableProviderForUserResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminDisableProviderForUserRequest,
) -> Result<AdminDisableProviderForUserResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let source = source(request.user)?;
    if source.provider == NATIVE {
        return Err(CognitoError::not_supported("Disabling the provider Cognito"));
    }
    call.engine.unlink_identity(&pool, &source).await?;
    Ok(AdminDisableProviderForUserResponse {})
}
