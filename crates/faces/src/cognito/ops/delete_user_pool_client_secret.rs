use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    DeleteUserPoolClientSecretRequest, DeleteUserPoolClientSecretResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: DeleteUserPoolClientSecretRequest,
) -> Result<DeleteUserPoolClientSecretResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let client = ClientId::from(input.client_id.as_str());
    call.engine.delete_client_secret(&call.context, &pool, &client, &input.client_secret_id).await?;
    Ok(DeleteUserPoolClientSecretResponse {})
}
