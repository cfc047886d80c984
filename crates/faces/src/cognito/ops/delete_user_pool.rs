use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::DeleteUserPoolRequest;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(call: Call, request: DeleteUserPoolRequest) -> Result<(), CognitoError> {
    Ok(call.engine.delete_pool(&PoolId::from(request.user_pool_id.as_str())).await?)
}
