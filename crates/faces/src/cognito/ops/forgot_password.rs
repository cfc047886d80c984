use crate::cognito::Call;
use crate::cognito::convert::{NOT_FOUND, delivery, named};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ForgotPasswordRequest, ForgotPasswordResponse};

pub(super) async fn run(
    call: Call,
    input: ForgotPasswordRequest,
) -> Result<ForgotPasswordResponse, CognitoError> {
    let named = named(&input.client_id, &input.username, input.secret_hash.as_ref());
    let sent = call.engine.forgot_password(&call.context, &named).await.map_err(CognitoError::from);
    let sent = sent.map_err(|error| error.reworded("UserNotFoundException", NOT_FOUND))?;
    Ok(ForgotPasswordResponse { code_delivery_details: Some(delivery(sent)) })
}
