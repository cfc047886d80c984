use crate::cognito::error::CognitoError;
use crate::cognito::flow::initiate;
use crate::cognito::step::Initiation;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::{InitiateAuthRequest, InitiateAuthResponse};
use poolkeeper_pool::ids::ClientId;

pub(super) async fn run(
    call: Call,
    input: InitiateAuthRequest,
) -> Result<InitiateAuthResponse, CognitoError> {
    let parameters = input.auth_parameters.unwrap_or_default();
    let begun = Initiation {
        pool: None,
        client: ClientId::from(input.client_id.as_str()),
        flow: input.auth_flow,
        parameters: &parameters,
        session: input.session.as_ref(),
    };
    let step = initiate(&call, begun).await?;
    Ok(InitiateAuthResponse {
        challenge_name: step.challenge_name,
        session: step.session,
        challenge_parameters: Some(step.challenge_parameters),
        authentication_result: step.authentication_result,
        available_challenges: step.available_challenges,
    })
}
