use super::get_user_auth_factors::configured;
use crate::cognito::Call;
use crate::cognito::convert::mfa_of;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    AdminGetUserAuthFactorsRequest, AdminGetUserAuthFactorsResponse,
};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminGetUserAuthFactorsRequest,
) -> Result<AdminGetUserAuthFactorsResponse, CognitoError> {
    let pool = call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    let user = call.engine.get_user_in(&call.context, &pool, input.username.expose()).await?;
    let (user_mfa_setting_list, preferred_mfa_setting) = mfa_of(&pool, &user);
    Ok(AdminGetUserAuthFactorsResponse {
        username: Sensitive::from(user.username.as_str()),
        preferred_mfa_setting,
        user_mfa_setting_list,
        configured_user_auth_factors: Some(configured(&pool, &user)),
    })
}
