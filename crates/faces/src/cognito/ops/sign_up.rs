use crate::cognito::Call;
use crate::cognito::convert::{attributes, delivery, secret, sensitive, via};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{SignUpRequest, SignUpResponse};
use poolkeeper_pool::backend::self_service::Registration;
use poolkeeper_pool::{Error, Refusal};

pub(super) async fn run(call: Call, input: SignUpRequest) -> Result<SignUpResponse, CognitoError> {
    let new = Registration {
        via: via(&input.client_id, input.secret_hash.as_ref()),
        username: input.username.expose().to_owned(),
        password: input.password.as_ref().map(secret),
        attributes: attributes(input.user_attributes.as_deref().unwrap_or_default())?,
        groups: Vec::new(),
        by_administrator: false,
    };
    let signed_up = call.engine.sign_up(&call.context, new).await.map_err(taken)?;
    Ok(SignUpResponse {
        user_confirmed: false,
        user_sub: signed_up.sub.to_string(),
        code_delivery_details: signed_up.delivery.map(delivery),
        session: signed_up.session.as_ref().map(sensitive),
    })
}

/// A name that is taken, in the words of this operation.
fn taken(error: Error) -> CognitoError {
    const NAME: &str = "UsernameExistsException";
    match error {
        Error::Refused(Refusal::UsernameExists) => CognitoError::new(NAME, "User already exists"),
        Error::Refused(Refusal::AliasExists(attribute)) => {
            let message = format!("An account with the given {attribute} already exists.");
            CognitoError::new(NAME, message)
        }
        error => error.into(),
    }
}
