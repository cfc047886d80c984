//! `PUT /auth/challenge/new-password`: replace a temporary password. A challenge for a second
//! factor may follow.

use crate::kit::{Context, Members, Operation, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, reply, request};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Respond, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use std::sync::Arc;

struct Body {
    username: String,
    session: Secret,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: members.trimmed(names::USERNAME, 1..=most::NAME),
            session: members.secret(names::SESSION, 1..=most::TOKEN),
            password: members.secret(names::NEW_PASSWORD, 1..=most::CLAIMED_PASSWORD),
        }
    }
}

pub(in crate::partner) fn describe() -> Operation {
    let short = Failure::with_subcode(Problem::PasswordPolicy, "TOO_SHORT");
    let operation = Operation::new(api::SIGN_IN, "Replace a temporary password")
        .about("A challenge for a second factor may follow.")
        .body(Body::read);
    reply::describe(operation).fails([short]).fails([Problem::SessionInvalid])
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let entry_policy = state.entry_policy(request.headers());
    let Body { username, session, password } = request::body(request, Body::read).await?;
    let command = Respond {
        via: Via::trusted(&state.mount.client),
        session,
        username: Some(username),
        answer: ChallengeAnswer::NewPassword { password, attributes: Attributes::default() },
        remember_device: false,
        entry_policy,
    };
    reply::outcome(&state.mount.pool.respond(&context, command).await?)
}
