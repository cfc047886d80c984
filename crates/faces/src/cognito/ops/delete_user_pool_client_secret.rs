use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    DeleteUserPoolClientSecretRequest, DeleteUserPoolClientSecretResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    request: DeleteUserPoolClientSecretRequest,
) -> Result<DeleteUserPoolClientSecretResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let client = ClientId::from(request.client_id.as_str());
    call.engine.delete_client_secret(&pool, &client, &request.client_secret_id).await?;
    Ok(DeleteUserPoolClientSecretResponse {})
}
