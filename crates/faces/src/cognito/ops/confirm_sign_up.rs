use crate::cognito::Call;
use crate::cognito::convert::{NOT_FOUND, named, secret, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ConfirmSignUpRequest, ConfirmSignUpResponse};
use poolkeeper_pool::crypto::secret::Secret;

pub(super) async fn run(
    call: Call,
    input: ConfirmSignUpRequest,
) -> Result<ConfirmSignUpResponse, CognitoError> {
    let named = named(&input.client_id, &input.username, input.secret_hash.as_ref());
    let code = Secret::from(input.confirmation_code.as_str());
    let force = input.force_alias_creation.unwrap_or_default();
    let session = input.session.as_ref().map(secret);
    let confirmed = call.engine.confirm_sign_up(&call.context, &named, &code, force, session.as_ref()).await;
    let session = confirmed.map_err(CognitoError::from).map_err(|error| {
        error
            .reworded("UserNotFoundException", NOT_FOUND)
            .without_given("AliasExistsException")
    })?;
    Ok(ConfirmSignUpResponse { session: session.as_ref().map(sensitive) })
}
