use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminConfirmSignUpRequest, AdminConfirmSignUpResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminConfirmSignUpRequest,
) -> Result<AdminConfirmSignUpResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.admin_confirm_sign_up(&call.context, &pool, input.username.expose()).await?;
    Ok(AdminConfirmSignUpResponse {})
}
