use super::admin_link_provider_for_user::{NATIVE, source};
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDisableProviderForUserRequest, AdminDisableProviderForUserResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminDisableProviderForUserRequest,
) -> Result<AdminDisableProviderForUserResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let source = source(input.user)?;
    if source.provider == NATIVE {
        return Err(CognitoError::not_supported("Disabling the provider Cognito"));
    }
    call.engine.unlink_identity(&call.context, &pool, &source).await?;
    Ok(AdminDisableProviderForUserResponse {})
}
