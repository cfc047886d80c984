//! `PUT /auth/challenge/mfa-token`: answer the challenge for a second factor.

use crate::kit::{Context, Members, Operation, SEALED, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, reply, request};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor, Respond, Via};
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

struct Body {
    username: String,
    session: Secret,
    answer: ChallengeAnswer,
    remember_device: bool,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let username = members.trimmed(names::USERNAME, 1..=most::NAME);
        let factor = members.one_of(names::CHALLENGE, &Factor::BY_NAME);
        let session = members.secret(names::SESSION, 1..=most::TOKEN);
        let code = members.code(names::MFA_TOKEN, 1..=most::CODE);
        let remember_device = members.flag(names::REMEMBER_DEVICE);
        // Without a challenge, what is read here is thrown away.
        let answer = factor.map_or(ChallengeAnswer::MfaSetup, |factor| factor.answer(code));
        Self { username, session, answer, remember_device }
    }
}

pub(in crate::partner) fn describe() -> Operation {
    let again = Failure::from(Problem::MfaTokenInvalid).retry_in(Secret::from(SEALED));
    let operation = Operation::new(api::SIGN_IN, "Answer a challenge with a code")
        .about("After a wrong code, the client can try again with the session in the answer.")
        .body(Body::read);
    let others = [Problem::MfaTokenExpired, Problem::SessionInvalid];
    reply::describe(operation).fails([again]).fails(others)
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let entry_policy = state.entry_policy(request.headers());
    let body = request::body(request, Body::read).await?;
    let command = Respond {
        via: Via::trusted(&state.mount.client),
        session: body.session.clone(),
        username: Some(body.username),
        answer: body.answer,
        remember_device: body.remember_device,
        entry_policy,
    };
    let outcome = state.mount.pool.respond(&context, command).await;
    let outcome = outcome.map_err(|error| Failure::from(error).retry_in(body.session))?;
    reply::outcome(&outcome)
}
