use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    ClientSSOSessionConfigType, GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    request: GetUserPoolClientSessionConfigurationRequest,
) -> Result<GetUserPoolClientSessionConfigurationResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let client = ClientId::from(request.client_id.as_str());
    let client = call.engine.describe_client(&pool, &client).await?;
    let max_validity_minutes = i32::try_from(client.sso_minutes).unwrap_or(i32::MAX);
    Ok(GetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(request.user_pool_id),
        client_id: Some(request.client_id),
        sso_session: Some(ClientSSOSessionConfigType { max_validity_minutes }),
    })
}
