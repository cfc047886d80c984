use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminResetUserPasswordRequest, AdminResetUserPasswordResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminResetUserPasswordRequest,
) -> Result<AdminResetUserPasswordResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.reset_password(&call.context, &pool, input.username.expose()).await?;
    Ok(AdminResetUserPasswordResponse {})
}
