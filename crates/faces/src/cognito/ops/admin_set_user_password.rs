use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminSetUserPasswordRequest, AdminSetUserPasswordResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminSetUserPasswordRequest,
) -> Result<AdminSetUserPasswordResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let permanent = input.permanent.unwrap_or_default();
    let (username, password) = (input.username.expose(), secret(&input.password));
    call.engine.set_password(&call.context, &pool, username, &password, permanent).await?;
    Ok(AdminSetUserPasswordResponse {})
}
