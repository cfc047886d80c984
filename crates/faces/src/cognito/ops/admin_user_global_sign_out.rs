use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminUserGlobalSignOutRequest, AdminUserGlobalSignOutResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminUserGlobalSignOutRequest,
) -> Result<AdminUserGlobalSignOutResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.sign_out_user(&call.context, &pool, input.username.expose()).await?;
    Ok(AdminUserGlobalSignOutResponse {})
}
