use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{RevokeUserSessionRequest, RevokeUserSessionResponse};

pub(super) async fn run(
    call: Call,
    request: RevokeUserSessionRequest,
) -> Result<RevokeUserSessionResponse, CognitoError> {
    let token = secret(&request.access_token);
    call.engine.revoke_own_session(&token, &request.session_id).await?;
    Ok(RevokeUserSessionResponse {})
}
