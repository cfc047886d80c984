use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{GlobalSignOutRequest, GlobalSignOutResponse};

pub(super) async fn run(
    call: Call,
    input: GlobalSignOutRequest,
) -> Result<GlobalSignOutResponse, CognitoError> {
    call.engine.global_sign_out(&call.context, &secret(&input.access_token)).await?;
    Ok(GlobalSignOutResponse {})
}
