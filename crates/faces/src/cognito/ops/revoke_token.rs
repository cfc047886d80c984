use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{RevokeTokenRequest, RevokeTokenResponse};
use poolkeeper_pool::ids::ClientId;

pub(super) async fn run(
    call: Call,
    input: RevokeTokenRequest,
) -> Result<RevokeTokenResponse, CognitoError> {
    let client = ClientId::from(input.client_id.as_str());
    let client_secret = input.client_secret.as_ref().map(secret);
    call.engine.revoke_token(&call.context, &client, &secret(&input.token), client_secret.as_ref()).await?;
    Ok(RevokeTokenResponse {})
}
