use crate::cognito::Call;
use crate::cognito::convert::{attributes, secret, user_type};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminCreateUserRequest, AdminCreateUserResponse, DeliveryMediumType, MessageActionType,
};
use poolkeeper_pool::entity::{Contact, Kind};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::backend::administration::{Invitation, NewUser};

pub(super) async fn run(
    call: Call,
    input: AdminCreateUserRequest,
) -> Result<AdminCreateUserResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let username = input.username.expose().to_owned();
    let password = input.temporary_password.as_ref().map(secret);
    let mediums = mediums(input.desired_delivery_mediums.as_deref().unwrap_or_default());
    let user = if input.message_action == Some(MessageActionType::Resend) {
        call.engine.resend_invitation(&call.context, &pool, &username, password.as_ref(), &mediums).await?
    } else {
        let new = NewUser {
            pool,
            username,
            attributes: attributes(input.user_attributes.as_deref().unwrap_or_default())?,
            temporary_password: password,
            kind: Kind::Person,
            invitation: match input.message_action {
                Some(MessageActionType::Suppress) => Invitation::Suppress,
                _ => Invitation::Send,
            },
            mediums,
            force_alias: input.force_alias_creation.unwrap_or_default(),
            groups: Vec::new(),
        };
        call.engine.admin_create_user(&call.context, new).await?
    };
    Ok(AdminCreateUserResponse { user: Some(user_type(&user, |_| true)) })
}

fn mediums(given: &[DeliveryMediumType]) -> Vec<Contact> {
    let contact = |medium: &DeliveryMediumType| match medium {
        DeliveryMediumType::Email => Contact::Email,
        DeliveryMediumType::Sms => Contact::PhoneNumber,
    };
    given.iter().map(contact).collect()
}
