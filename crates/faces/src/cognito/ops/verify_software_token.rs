use super::associate_software_token::{SetupProof, setup_proof};
use crate::cognito::Call;
use crate::cognito::convert::{secret, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, VerifySoftwareTokenResponseType,
};

pub(super) async fn run(
    call: Call,
    request: VerifySoftwareTokenRequest,
) -> Result<VerifySoftwareTokenResponse, CognitoError> {
    let proof = setup_proof(request.access_token.as_ref(), request.session.as_ref())?;
    let name = request.friendly_device_name;
    let code = secret(&request.user_code);
    let state = call.self_service;
    let session = match &proof {
        SetupProof::AccessToken(token) => {
            state.verify_totp(token, &code, name).await?;
            None
        }
        SetupProof::Session(session) => {
            Some(state.verify_totp_by_session(session, &code, name).await?)
        }
    };
    Ok(VerifySoftwareTokenResponse {
        status: Some(VerifySoftwareTokenResponseType::Success),
        session: session.as_ref().map(sensitive),
    })
}
