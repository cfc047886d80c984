use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{ChangePasswordRequest, ChangePasswordResponse};

pub(super) async fn run(
    call: Call,
    input: ChangePasswordRequest,
) -> Result<ChangePasswordResponse, CognitoError> {
    let previous = input.previous_password.as_ref().map(secret);
    let (token, proposed) = (secret(&input.access_token), secret(&input.proposed_password));
    call.engine.change_password(&call.context, &token, previous.as_ref(), &proposed).await?;
    Ok(ChangePasswordResponse {})
}
