//! `POST /auth/partners/users/confirm`: a new user proves the address. Whoever has the code may.

use crate::kit::{Context, Members, Operation, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, request};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use poolkeeper_pool::backend::self_service::conceal_unknown;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Error, Refusal};
use std::sync::Arc;

fn read(members: &mut Members) -> (String, Secret) {
    let email = members.trimmed(names::EMAIL, 1..=most::NAME);
    (email, members.code(names::CONF_CODE, 1..=most::CODE))
}

fn confirmed_before() -> Failure {
    Failure::with_subcode(Problem::Conflict, "ALREADY_CONFIRMED")
}

pub(in crate::partner) fn describe() -> Operation {
    Operation::new(api::USERS, "Confirm a new user with the mailed code")
        .about(
            "A 409 means that this code has already confirmed the user. With any other code, the \
             answer does not reveal that the user is confirmed.",
        )
        .body(read)
        .answers_nothing(StatusCode::NO_CONTENT, "The user may sign in now.")
        .fails([Problem::ConfCodeInvalid, Problem::ConfCodeExpired])
        .fails([confirmed_before()])
}

pub(in crate::partner) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<StatusCode, Failure> {
    let (email, code) = request::body(request, read).await?;
    let service = &state.mount.self_service;
    let confirmed =
        service.confirm_registration(&context, &state.mount.client, &email, &code).await;
    match conceal_unknown(confirmed, Refusal::VerificationCodeExpired) {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(Error::Refused(Refusal::CannotConfirm(_))) => Err(confirmed_before()),
        Err(error) => Err(error.into()),
    }
}
