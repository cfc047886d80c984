use crate::cognito::error::CognitoError;
use crate::cognito::flow::respond;
use crate::cognito::step::Response;
use crate::cognito::Call;
use poolkeeper_cognito_api::types::{
    RespondToAuthChallengeRequest, RespondToAuthChallengeResponse,
};
use poolkeeper_pool::ids::ClientId;

pub(super) async fn run(
    call: Call,
    input: RespondToAuthChallengeRequest,
) -> Result<RespondToAuthChallengeResponse, CognitoError> {
    let responses = input.challenge_responses.unwrap_or_default();
    let given = Response {
        pool: None,
        client: ClientId::from(input.client_id.as_str()),
        challenge: input.challenge_name,
        session: input.session.as_ref(),
        responses: &responses,
    };
    let step = respond(&call, given).await?;
    Ok(RespondToAuthChallengeResponse {
        challenge_name: step.challenge_name,
        session: step.session,
        challenge_parameters: Some(step.challenge_parameters),
        authentication_result: step.authentication_result,
        available_challenges: None,
    })
}
