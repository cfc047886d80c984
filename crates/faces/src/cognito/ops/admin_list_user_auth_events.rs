use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminListUserAuthEventsRequest, AdminListUserAuthEventsResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminListUserAuthEventsRequest,
) -> Result<AdminListUserAuthEventsResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    call.engine.get_user(&call.context, &pool, input.username.expose()).await?;
    Err(threat_protection_is_off())
}

/// No pool of this release has it on: creating one that has is refused.
pub(super) fn threat_protection_is_off() -> CognitoError {
    let message = "Threat protection is not enabled for the user pool.";
    CognitoError::new("UserPoolAddOnNotEnabledException", message)
}
