use crate::cognito::Call;
use crate::cognito::convert::{attributes, secret, user_type};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminCreateUserRequest, AdminCreateUserResponse, MessageActionType,
};
use poolkeeper_pool::entity::Kind;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{Invitation, NewUser};

pub(super) async fn run(
    call: Call,
    request: AdminCreateUserRequest,
) -> Result<AdminCreateUserResponse, CognitoError> {
    let pool = PoolId::from(request.user_pool_id.as_str());
    let username = request.username.expose().to_owned();
    let password = request.temporary_password.as_ref().map(secret);
    let user = if request.message_action == Some(MessageActionType::Resend) {
        call.engine.resend_invitation(&pool, &username, password.as_ref()).await?
    } else {
        let new = NewUser {
            pool,
            username,
            attributes: attributes(request.user_attributes.as_deref().unwrap_or_default())?,
            temporary_password: password,
            kind: Kind::Person,
            invitation: match request.message_action {
                Some(MessageActionType::Suppress) => Invitation::Suppress,
                _ => Invitation::Send,
            },
        };
        call.engine.create_user(new).await?
    };
    Ok(AdminCreateUserResponse { user: Some(user_type(&user, |_| true)) })
}
