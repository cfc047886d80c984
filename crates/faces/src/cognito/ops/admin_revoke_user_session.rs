use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminRevokeUserSessionRequest, AdminRevokeUserSessionResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminRevokeUserSessionRequest,
) -> Result<AdminRevokeUserSessionResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let username = request.username.expose();
    call.engine.admin_revoke_session(&pool, username, &request.session_id).await?;
    Ok(AdminRevokeUserSessionResponse {})
}
