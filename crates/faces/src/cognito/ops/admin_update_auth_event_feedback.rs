use super::admin_list_user_auth_events::threat_protection_is_off;
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminUpdateAuthEventFeedbackRequest, AdminUpdateAuthEventFeedbackResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminUpdateAuthEventFeedbackRequest,
) -> Result<AdminUpdateAuthEventFeedbackResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.get_user(&call.context, &pool, input.username.expose()).await?;
    Err(threat_protection_is_off())
}
