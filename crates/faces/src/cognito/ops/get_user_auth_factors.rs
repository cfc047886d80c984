use crate::cognito::Call;
use crate::cognito::convert::{mfa_of, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    AuthFactorType, GetUserAuthFactorsRequest, GetUserAuthFactorsResponse,
};
use poolkeeper_pool::entity::{User, UserPoolRecord};
use poolkeeper_pool::sign_in::first_choices;
use poolkeeper_pool::backend::user_pool::FirstChoice;

pub(super) async fn run(
    call: Call,
    input: GetUserAuthFactorsRequest,
) -> Result<GetUserAuthFactorsResponse, CognitoError> {
    let authorized = call.engine.authorize(&call.context, &secret(&input.access_token)).await?;
    let (pool, user) = (&authorized.pool, &authorized.user);
    let (user_mfa_setting_list, preferred_mfa_setting) = mfa_of(pool, user);
    Ok(GetUserAuthFactorsResponse {
        username: Sensitive::from(user.username.as_str()),
        preferred_mfa_setting,
        user_mfa_setting_list,
        configured_user_auth_factors: Some(configured(pool, user)),
    })
}

/// What a user can begin a sign-in with. Of the two ways to prove a password one is named.
pub(super) fn configured(pool: &UserPoolRecord, user: &User) -> Vec<AuthFactorType> {
    let factor = |choice| match choice {
        FirstChoice::PasswordSrp => None,
        FirstChoice::Password => Some(AuthFactorType::Password),
        FirstChoice::EmailOtp => Some(AuthFactorType::EmailOtp),
        FirstChoice::SmsOtp => Some(AuthFactorType::SmsOtp),
    };
    first_choices(pool, user).into_iter().filter_map(factor).collect()
}
