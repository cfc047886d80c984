use super::associate_software_token::{SetupProof, setup_proof};
use crate::cognito::Call;
use crate::cognito::convert::{secret, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, VerifySoftwareTokenResponseType,
};

pub(super) async fn run(
    call: Call,
    input: VerifySoftwareTokenRequest,
) -> Result<VerifySoftwareTokenResponse, CognitoError> {
    let proof = setup_proof(input.access_token.as_ref(), input.session.as_ref())?;
    let name = input.friendly_device_name;
    let code = secret(&input.user_code);
    let state = &call.self_service;
    let session = match &proof {
        SetupProof::AccessToken(token) => {
            state.verify_totp(&call.context, token, &code, name).await?;
            None
        }
        SetupProof::Session(session) => {
            Some(state.verify_totp_by_session(&call.context, session, &code, name).await?)
        }
    };
    Ok(VerifySoftwareTokenResponse {
        status: Some(VerifySoftwareTokenResponseType::Success),
        session: session.as_ref().map(sensitive),
    })
}
