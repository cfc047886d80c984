use crate::cognito::Call;
use crate::cognito::convert::{secret, sensitive};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse,
};
use poolkeeper_pool::crypto::secret::Secret;

/// Who sets up an authenticator app: a signed-in user, or one in the middle of a sign-in.
pub(super) enum SetupProof {
    /// By access token.
    AccessToken(Secret),
    /// By the session of an `MFA_SETUP` challenge.
    Session(Secret),
}

pub(super) async fn run(
    call: Call,
    input: AssociateSoftwareTokenRequest,
) -> Result<AssociateSoftwareTokenResponse, CognitoError> {
    let proof = setup_proof(input.access_token.as_ref(), input.session.as_ref())?;
    let (key, session) = match &proof {
        SetupProof::AccessToken(token) => (call.self_service.associate_totp(&call.context, token).await?, None),
        SetupProof::Session(session) => {
            let (key, next) = call.self_service.associate_totp_by_session(&call.context, session).await?;
            (key, Some(next))
        }
    };
    Ok(AssociateSoftwareTokenResponse {
        secret_code: Some(sensitive(&key)),
        session: session.as_ref().map(sensitive),
    })
}

/// Either a signed-in user's token or the session of a sign-in that demands a set-up.
pub(super) fn setup_proof(
    access_token: Option<&Sensitive>,
    session: Option<&Sensitive>,
) -> Result<SetupProof, CognitoError> {
    match (access_token, session) {
        (Some(token), None) => Ok(SetupProof::AccessToken(secret(token))),
        (None, Some(session)) => Ok(SetupProof::Session(secret(session))),
        _ => Err(CognitoError::invalid_parameter(
            "Exactly one of AccessToken and Session must be given.",
        )),
    }
}
