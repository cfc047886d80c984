use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    GetUserPoolSessionConfigurationRequest, GetUserPoolSessionConfigurationResponse,
    UserPoolTokenSessionConfigType, UserSessionTrackingType,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: GetUserPoolSessionConfigurationRequest,
) -> Result<GetUserPoolSessionConfigurationResponse, CognitoError> {
    let pool = call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    let max_per_user = i32::try_from(pool.sessions.max_per_user).unwrap_or(i32::MAX);
    Ok(GetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(input.user_pool_id),
        user_session_tracking: Some(if pool.sessions.tracked {
            UserSessionTrackingType::Enabled
        } else {
            UserSessionTrackingType::Disabled
        }),
        token_session: Some(UserPoolTokenSessionConfigType { max_per_user }),
    })
}
