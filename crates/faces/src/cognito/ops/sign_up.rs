use crate::cognito::Call;
use crate::cognito::convert::{attributes, delivery, secret, secret_hash, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{SignUpRequest, SignUpResponse};
use poolkeeper_pool::ids::ClientId;
use poolkeeper_pool::self_service::Registration;
use poolkeeper_pool::{Error, Refusal};

pub(super) async fn run(call: Call, request: SignUpRequest) -> Result<SignUpResponse, CognitoError> {
    let proof = secret_hash(request.secret_hash.as_ref());
    let new = Registration {
        client: ClientId::from(request.client_id.as_str()),
        username: request.username.expose().to_owned(),
        password: request.password.as_ref().map(secret),
        attributes: attributes(request.user_attributes.as_deref().unwrap_or_default())?,
        groups: Vec::new(),
        by_administrator: false,
    };
    let signed_up = call.engine.sign_up(new, &proof).await.map_err(taken)?;
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
