use crate::cognito::Call;
use crate::cognito::convert::{attribute_list, epoch, mfa_of, mfa_options, status};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{AdminGetUserRequest, AdminGetUserResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: AdminGetUserRequest,
) -> Result<AdminGetUserResponse, CognitoError> {
    let id = PoolId::from(input.user_pool_id.as_str());
    let pool = call.engine.pool(&call.context, &id).await?;
    let user = call.engine.get_user_in(&call.context, &pool, input.username.expose()).await?;
    let (user_mfa_setting_list, preferred_mfa_setting) = mfa_of(&pool, &user);
    Ok(AdminGetUserResponse {
        username: Sensitive::from(user.username.as_str()),
        user_attributes: Some(attribute_list(&user, |_| true)),
        user_create_date: Some(epoch(user.created_at)),
        user_last_modified_date: Some(epoch(user.modified_at)),
        enabled: Some(user.enabled),
        user_status: Some(status(user.status)),
        mfa_options: mfa_options(&user),
        preferred_mfa_setting,
        user_mfa_setting_list,
    })
}
