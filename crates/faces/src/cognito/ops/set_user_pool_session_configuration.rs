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
    input: SetUserPoolSessionConfigurationRequest,
) -> Result<SetUserPoolSessionConfigurationResponse, CognitoError> {
    let rules = SessionRules {
        tracked: input.user_session_tracking == UserSessionTrackingType::Enabled,
        max_per_user: u32::try_from(input.token_session.max_per_user).unwrap_or(1),
    };
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.set_session_rules(&call.context, &pool, rules).await?;
    Ok(SetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(input.user_pool_id),
        user_session_tracking: Some(input.user_session_tracking),
        token_session: Some(input.token_session),
    })
}
