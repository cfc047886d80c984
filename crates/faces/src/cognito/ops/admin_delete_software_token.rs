use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminDeleteSoftwareTokenRequest, AdminDeleteSoftwareTokenResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminDeleteSoftwareTokenRequest,
) -> Result<AdminDeleteSoftwareTokenResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    call.engine.delete_software_token(&pool, request.username.expose()).await?;
    Ok(AdminDeleteSoftwareTokenResponse {})
}
