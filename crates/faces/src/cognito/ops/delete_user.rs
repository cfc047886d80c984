use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::DeleteUserRequest;

pub(super) async fn run(call: Call, input: DeleteUserRequest) -> Result<(), CognitoError> {
    Ok(call.engine.delete_self(&call.context, &secret(&input.access_token)).await?)
}
