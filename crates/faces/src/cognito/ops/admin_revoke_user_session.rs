use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminRevokeUserSessionRequest, AdminRevokeUserSessionResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminRevokeUserSessionRequest,
) -> Result<AdminRevokeUserSessionResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let username = input.username.expose();
    call.engine.admin_revoke_session(&call.context, &pool, username, &input.session_id).await?;
    Ok(AdminRevokeUserSessionResponse {})
}
