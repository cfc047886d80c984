use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    SetUserPoolClientSessionConfigurationRequest, SetUserPoolClientSessionConfigurationResponse,
};
use poolkeeper_pool::ids::{ClientId, PoolId};

pub(super) async fn run(
    call: Call,
    request: SetUserPoolClientSessionConfigurationRequest,
) -> Result<SetUserPoolClientSessionConfigurationResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let client = ClientId::from(request.client_id.as_str());
    let minutes = u32::try_from(request.sso_session.max_validity_minutes).unwrap_or_default();
    call.engine.set_sso_minutes(&pool, &client, minutes).await?;
    Ok(SetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(request.user_pool_id),
        client_id: Some(request.client_id),
        sso_session: Some(request.sso_session),
    })
}
