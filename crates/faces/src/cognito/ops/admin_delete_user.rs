use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::AdminDeleteUserRequest;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(call: Call, input: AdminDeleteUserRequest) -> Result<(), CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    Ok(call.engine.delete_user(&call.context, &pool, input.username.expose()).await?)
}
