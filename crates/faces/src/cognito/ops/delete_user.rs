use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::DeleteUserRequest;

pub(super) async fn run(call: Call, request: DeleteUserRequest) -> Result<(), CognitoError> {
    Ok(call.engine.delete_self(&secret(&request.access_token)).await?)
}
