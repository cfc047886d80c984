use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminDeleteUserRequest;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(call: Call, request: AdminDeleteUserRequest) -> Result<(), CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    Ok(call.engine.delete_user(&pool, request.username.expose()).await?)
}
