use crate::cognito::Call;
use crate::cognito::convert::secret;
use crate::cognito::error::CognitoError;
use crate::cognito::step::authentication_result;
use poolkeeper_cognito_api::types::{
    GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse,
};
use poolkeeper_pool::ids::{ClientId, DeviceKey};
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{ClientProof, Refresh, Via};
use poolkeeper_pool::{Error, Refusal};

pub(super) async fn run(
    call: Call,
    input: GetTokensFromRefreshTokenRequest,
) -> Result<GetTokensFromRefreshTokenResponse, CognitoError> {
    let proof = ClientProof::Secret(input.client_secret.as_ref().map(secret));
    let command = Refresh {
        via: Via { pool: None, client: ClientId::from(input.client_id.as_str()), proof },
        refresh_token: secret(&input.refresh_token),
        device_key: input.device_key.as_deref().map(DeviceKey::from),
        entry_policy: EntryPolicy::default(),
    };
    let signed_in = call.engine.exchange_refresh_token(&call.context, command).await;
    let signed_in = signed_in.map_err(|error| match error {
        // This operation has no UnauthorizedException, in which a wrong secret is told elsewhere.
        Error::Refused(Refusal::ClientSecretWrong) => CognitoError::new(
            "NotAuthorizedException",
            format!("Unable to verify secret for client {}", input.client_id),
        ),
        error => error.into(),
    })?;
    let authentication_result = Some(authentication_result(&signed_in));
    Ok(GetTokensFromRefreshTokenResponse { authentication_result })
}
