use crate::cognito::Call;
use crate::cognito::convert::{attribute_list, mfa_of, mfa_options, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{GetUserRequest, GetUserResponse};

pub(super) async fn run(
    call: Call,
    input: GetUserRequest,
) -> Result<GetUserResponse, CognitoError> {
    let authorized = call.engine.authorize(&call.context, &secret(&input.access_token)).await?;
    let (user, client) = (&authorized.user, &authorized.client);
    let (user_mfa_setting_list, preferred_mfa_setting) = mfa_of(&authorized.pool, user);
    Ok(GetUserResponse {
        username: Sensitive::from(user.username.as_str()),
        user_attributes: attribute_list(user, |name| name == "sub" || client.may_read(name)),
        mfa_options: mfa_options(user),
        preferred_mfa_setting,
        user_mfa_setting_list,
    })
}
