use super::set_user_mfa_preference::{Blocks, preference};
use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminSetUserMFAPreferenceRequest, AdminSetUserMFAPreferenceResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    request: AdminSetUserMFAPreferenceRequest,
) -> Result<AdminSetUserMFAPreferenceResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let preference = preference(Blocks {
        sms: request.sms_mfa_settings,
        totp: request.software_token_mfa_settings,
        email: request.email_mfa_settings,
        web_authn: request.web_authn_mfa_settings,
    })?;
    let username = request.username.expose();
    call.engine.admin_set_mfa_preference(&pool, username, preference).await?;
    Ok(AdminSetUserMFAPreferenceResponse {})
}
