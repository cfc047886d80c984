use crate::cognito::error::CognitoError;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::DeleteUserPoolClientRequest;
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    request: DeleteUserPoolClientRequest,
) -> Result<(), CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let client = ClientId::from(request.client_id.as_str());
    Ok(call.engine.delete_client(&pool, &client).await?)
}
