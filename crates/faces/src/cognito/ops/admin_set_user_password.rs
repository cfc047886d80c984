use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminSetUserPasswordRequest, AdminSetUserPasswordResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminSetUserPasswordRequest,
) -> Result<AdminSetUserPasswordResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let permanent = request.permanent.unwrap_or_default();
    let (username, password) = (request.username.expose(), secret(&request.password));
    call.engine.set_password(&pool, username, &password, permanent).await?;
    Ok(AdminSetUserPasswordResponse {})
}
