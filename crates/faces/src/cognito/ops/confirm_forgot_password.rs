use crate::cognito::Call;
use crate::cognito::convert::{NOT_FOUND, named, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ConfirmForgotPasswordRequest, ConfirmForgotPasswordResponse};
use poolkeeper_pool::crypto::secret::Secret;

pub(super) async fn run(
    call: Call,
    input: ConfirmForgotPasswordRequest,
) -> Result<ConfirmForgotPasswordResponse, CognitoError> {
    let named = named(&input.client_id, &input.username, input.secret_hash.as_ref());
    let code = Secret::from(input.confirmation_code.as_str());
    let password = secret(&input.password);
    let reset = call.engine.confirm_forgot_password(&call.context, &named, &code, &password).await;
    let reset = reset.map_err(CognitoError::from);
    reset.map_err(|error| error.reworded("UserNotFoundException", NOT_FOUND))?;
    Ok(ConfirmForgotPasswordResponse {})
}
