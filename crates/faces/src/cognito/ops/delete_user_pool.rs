use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::DeleteUserPoolRequest;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(call: Call, input: DeleteUserPoolRequest) -> Result<(), CognitoError> {
    Ok(call.engine.delete_pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?)
}
