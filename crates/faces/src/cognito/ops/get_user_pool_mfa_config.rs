use crate::cognito::error::CognitoError;
use crate::cognito::{Call, mfa_config};
use poolkeeper_cognito_api::types::{
    GetUserPoolMfaConfigRequest, GetUserPoolMfaConfigResponse, SetUserPoolMfaConfigResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: GetUserPoolMfaConfigRequest,
) -> Result<GetUserPoolMfaConfigResponse, CognitoError> {
    let pool = call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    let SetUserPoolMfaConfigResponse {
        sms_mfa_configuration,
        software_token_mfa_configuration,
        email_mfa_configuration,
        mfa_configuration,
        web_authn_configuration,
    } = mfa_config::to_type(&pool);
    Ok(GetUserPoolMfaConfigResponse {
        sms_mfa_configuration,
        software_token_mfa_configuration,
        email_mfa_configuration,
        mfa_configuration,
        web_authn_configuration,
    })
}
