//! `POST /auth/forgot_password` and `/confirm`: replace a forgotten password by a code.

use crate::kit::{Context, Members, Operation, most};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, request};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::self_service::{conceal_recipient, conceal_unknown};
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

fn read(members: &mut Members) -> String {
    members.trimmed(names::LOST_USERNAME, 1..=most::NAME)
}

struct Body {
    username: String,
    code: Secret,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            username: read(members),
            code: members.code(names::CONF_CODE, 1..=most::CODE),
            password: members.secret(names::LOST_PASSWORD, 1..=most::PASSWORD),
        }
    }
}

pub(in crate::partner) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Request a code for a forgotten password")
        .about(
            "The answer is the same whether or not the user exists. The server mails no code to \
             users whose second factor is a mailed code: otherwise their mailbox alone would be \
             enough to sign in.",
        )
        .body(read)
        .answers_nothing(StatusCode::NO_CONTENT, "A code was mailed if the user can get one.")
}

pub(in crate::partner) fn describe_confirm() -> Operation {
    Operation::new(api::SIGN_IN, "Set a new password with the code")
        .about("Ends all of the user's sign-ins and forgets the remembered device.")
        .body(Body::read)
        .answers_nothing(StatusCode::NO_CONTENT, "The password is set.")
        .fails([Problem::ConfCodeInvalid, Problem::ConfCodeExpired])
        .fails([Failure::with_subcode(Problem::PasswordPolicy, "TOO_SHORT")])
}

pub(in crate::partner) async fn ask(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<StatusCode, Failure> {
    let username = request::body(request, read).await?;
    let sent =
        state.mount.self_service.forgot_password(&context, &state.mount.client, &username).await;
    conceal_recipient(sent)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::partner) async fn confirm(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<StatusCode, Failure> {
    let Body { username, code, password } = request::body(request, Body::read).await?;
    let service = &state.mount.self_service;
    let client = &state.mount.client;
    let confirmed =
        service.confirm_forgot_password(&context, client, &username, &code, &password).await;
    conceal_unknown(confirmed, Refusal::VerificationCodeExpired)?;
    Ok(StatusCode::NO_CONTENT)
}
