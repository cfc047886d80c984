use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminEnableUserRequest, AdminEnableUserResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(call: Call, input: AdminEnableUserRequest) -> Result<AdminEnableUserResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.enable_user(&call.context, &pool, input.username.expose()).await?;
    Ok(AdminEnableUserResponse {})
}
