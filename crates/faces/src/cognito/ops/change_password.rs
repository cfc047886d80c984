use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ChangePasswordRequest, ChangePasswordResponse};

pub(super) async fn run(
    call: Call,
    request: ChangePasswordRequest,
) -> Result<ChangePasswordResponse, CognitoError> {
    let previous = request.previous_password.as_ref().map(secret);
    let (token, proposed) = (secret(&request.access_token), secret(&request.proposed_password));
    call.engine.change_password(&token, previous.as_ref(), &proposed).await?;
    Ok(ChangePasswordResponse {})
}
