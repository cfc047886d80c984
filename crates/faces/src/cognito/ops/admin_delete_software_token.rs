use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDeleteSoftwareTokenRequest, AdminDeleteSoftwareTokenResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminDeleteSoftwareTokenRequest,
) -> Result<AdminDeleteSoftwareTokenResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.delete_software_token(&call.context, &pool, input.username.expose()).await?;
    Ok(AdminDeleteSoftwareTokenResponse {})
}
