use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    SetUserPoolSessionConfigurationRequest, SetUserPoolSessionConfigurationResponse,
    UserSessionTrackingType,
};
use poolkeeper_pool::entity::SessionRules;
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: SetUserPoolSessionConfigurationRequest,
) -> Result<SetUserPoolSessionConfigurationResponse, CognitoError> {
    let rules = SessionRules {
        tracked: request.user_session_tracking == UserSessionTrackingType::Enabled,
        max_per_user: u32::try_from(request.token_session.max_per_user).unwrap_or(1),
    };
    let pool = PoolId::from(request.user_pool_id.as_str());
    call.engine.set_session_rules(&pool, rules).await?;
    Ok(SetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(request.user_pool_id),
        user_session_tracking: Some(request.user_session_tracking),
        token_session: Some(request.token_session),
    })
}
