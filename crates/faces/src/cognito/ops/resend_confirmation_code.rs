use crate::cognito::Call;
use crate::cognito::convert::{NOT_FOUND, delivery, named};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    ResendConfirmationCodeRequest, ResendConfirmationCodeResponse,
};

pub(super) async fn run(
    call: Call,
    input: ResendConfirmationCodeRequest,
) -> Result<ResendConfirmationCodeResponse, CognitoError> {
    let named = named(&input.client_id, &input.username, input.secret_hash.as_ref());
    let sent = call.engine.resend_sign_up_code(&call.context, &named).await.map_err(CognitoError::from);
    let sent = sent.map_err(|error| error.reworded("UserNotFoundException", NOT_FOUND))?;
    Ok(ResendConfirmationCodeResponse { code_delivery_details: Some(delivery(sent)) })
}
