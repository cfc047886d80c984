use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::DeleteUserPoolClientRequest;
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: DeleteUserPoolClientRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let client = ClientId::from(input.client_id.as_str());
    Ok(call.engine.delete_client(&call.context, &pool, &client).await?)
}
