use super::add_user_pool_client_secret::descriptor;
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    ListUserPoolClientSecretsRequest, ListUserPoolClientSecretsResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: ListUserPoolClientSecretsRequest,
) -> Result<ListUserPoolClientSecretsResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let client = ClientId::from(input.client_id.as_str());
    let client = call.engine.describe_client(&call.context, &pool, &client).await?;
    // There are two at most: no page has a next one.
    if input.next_token.is_some() {
        return Err(CognitoError::invalid_parameter("Invalid pagination token."));
    }
    Ok(ListUserPoolClientSecretsResponse {
        client_secrets: Some(client.secrets.iter().map(descriptor).collect()),
        next_token: None,
    })
}
