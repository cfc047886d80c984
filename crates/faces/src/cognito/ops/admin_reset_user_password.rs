use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminResetUserPasswordRequest, AdminResetUserPasswordResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminResetUserPasswordRequest,
) -> Result<AdminResetUserPasswordResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    call.engine.reset_password(&pool, request.username.expose()).await?;
    Ok(AdminResetUserPasswordResponse {})
}
