use super::set_user_mfa_preference::{Blocks, preference};
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminSetUserMFAPreferenceRequest, AdminSetUserMFAPreferenceResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminSetUserMFAPreferenceRequest,
) -> Result<AdminSetUserMFAPreferenceResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let preference = preference(Blocks {
        sms: input.sms_mfa_settings,
        totp: input.software_token_mfa_settings,
        email: input.email_mfa_settings,
        web_authn: input.web_authn_mfa_settings,
    })?;
    let username = input.username.expose();
    call.engine.admin_set_mfa_preference(&call.context, &pool, username, preference).await?;
    Ok(AdminSetUserMFAPreferenceResponse {})
}
