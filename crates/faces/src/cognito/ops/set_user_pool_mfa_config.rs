use crate::cognito::error::CognitoError;
use crate::cognito::{Call, mfa_config};
use poolkeeper_cognito_api::types::{SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: SetUserPoolMfaConfigRequest,
) -> Result<SetUserPoolMfaConfigResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let pool = call.engine.set_mfa_config(&call.context, &pool, &mfa_config::from_request(input)).await?;
    Ok(mfa_config::to_type(&pool))
}
