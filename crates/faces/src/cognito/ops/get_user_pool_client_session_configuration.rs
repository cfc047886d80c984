use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    ClientSSOSessionConfigType, GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    input: GetUserPoolClientSessionConfigurationRequest,
) -> Result<GetUserPoolClientSessionConfigurationResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let client = ClientId::from(input.client_id.as_str());
    let client = call.engine.describe_client(&call.context, &pool, &client).await?;
    let max_validity_minutes = i32::try_from(client.sso_minutes).unwrap_or(i32::MAX);
    Ok(GetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(input.user_pool_id),
        client_id: Some(input.client_id),
        sso_session: Some(ClientSSOSessionConfigType { max_validity_minutes }),
    })
}
