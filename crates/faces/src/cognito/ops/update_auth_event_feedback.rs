use super::admin_list_user_auth_events::threat_protection_is_off;
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    UpdateAuthEventFeedbackRequest, UpdateAuthEventFeedbackResponse,
};
use poolkeeper_pool::ids::PoolId;

/// Anybody may call this: whether the user exists is not looked at.
pub(super) async fn run(
    call: Call,
    input: UpdateAuthEventFeedbackRequest,
) -> Result<UpdateAuthEventFeedbackResponse, CognitoError> {
    call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    Err(threat_protection_is_off())
}
