use super::set_user_settings::asks_for_sms;
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{AdminSetUserSettingsRequest, AdminSetUserSettingsResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminSetUserSettingsRequest,
) -> Result<AdminSetUserSettingsResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let sms = asks_for_sms(&input.mfa_options)?;
    call.engine.admin_set_user_settings(&call.context, &pool, input.username.expose(), sms).await?;
    Ok(AdminSetUserSettingsResponse {})
}
