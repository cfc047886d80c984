use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{RevokeUserSessionRequest, RevokeUserSessionResponse};

pub(super) async fn run(
    call: Call,
    input: RevokeUserSessionRequest,
) -> Result<RevokeUserSessionResponse, CognitoError> {
    let token = secret(&input.access_token);
    call.engine.revoke_own_session(&call.context, &token, &input.session_id).await?;
    Ok(RevokeUserSessionResponse {})
}
