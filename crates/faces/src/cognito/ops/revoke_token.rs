use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{RevokeTokenRequest, RevokeTokenResponse};
use poolkeeper_pool::ids::ClientId;

pub(super) async fn run(
    call: Call,
    request: RevokeTokenRequest,
) -> Result<RevokeTokenResponse, CognitoError> {
    let client = ClientId::from(request.client_id.as_str());
    let client_secret = request.client_secret.as_ref().map(secret);
    call.engine.revoke_token(&client, &secret(&request.token), client_secret.as_ref()).await?;
    Ok(RevokeTokenResponse {})
}
