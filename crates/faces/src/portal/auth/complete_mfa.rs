//! `POST /api/auth/complete-mfa`: answer the second factor that a sign-in asks for.

use super::login::{self, Complete};
use crate::kit::{Context, Members, Name, Operation, SEALED, most};
use crate::portal::failure::{CODE_MISMATCH, EXPIRED_CODE, Failure, NOT_AUTHORIZED, Wording};
use crate::portal::{PortalMount, api, not_found, username, validation};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor, Outcome, Respond, Via};
use poolkeeper_pool::crypto::secret::Secret;
use std::sync::Arc;

pub(in crate::portal) const PATH: &str = "/api/auth/complete-mfa";

pub(in crate::portal) const WORDING: Wording = Wording {
    known: &[
        (CODE_MISMATCH, StatusCode::BAD_REQUEST, "Invalid verification code or session"),
        // Our own text: the documented API has no second factors.
        (
            EXPIRED_CODE,
            StatusCode::BAD_REQUEST,
            "Verification code has expired or was already used",
        ),
        (NOT_AUTHORIZED, StatusCode::UNAUTHORIZED, "Invalid session or credentials"),
    ],
    error: "Authentication error",
    failed: "Login failed",
};

const SESSION: Name =
    Name::new("session").about("The `session` in the answer to the login.").like(SEALED);
const CHALLENGE: Name = Name::new("challenge")
    .about("The `challenge` in the answer to the login.")
    .like("SOFTWARE_TOKEN_MFA");
const CODE: Name = Name::new("code").like("123456");

struct Body {
    username: String,
    session: Secret,
    answer: ChallengeAnswer,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let username = username::read(members);
        let session = members.secret(SESSION, 0..=most::TOKEN);
        let factor = members.one_of(CHALLENGE, &Factor::BY_NAME);
        let code = members.code(CODE, 0..=most::CODE);
        // Without a challenge, what is read here is thrown away.
        let answer = factor.map_or(ChallengeAnswer::MfaSetup, |factor| factor.answer(code));
        Self { username, session, answer }
    }
}

pub(in crate::portal) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Answer with a second factor")
        .about(
            "Available only if the operator has second factors asked for. After a wrong code, the \
             same session takes another one.",
        )
        .body(Body::read)
        .answers::<Complete<'_>>("Signed in.")
        .fails([not_found()])
        .fails(WORDING.failures(&[]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let Body { username, session, answer } = validation::body(request, Body::read).await?;
    let command = Respond {
        remember_device: false,
        via: Via::trusted(&mount.client),
        session,
        username: Some(username),
        answer,
        entry_policy: mount.entry_policy(),
    };
    match mount.pool.respond(&context, command).await {
        Ok(Outcome::SignedIn(signed_in)) => Ok(login::complete(&signed_in, &mount)),
        Ok(Outcome::Challenge(challenge)) => Err(WORDING.exception(challenge.kind.name())),
        Err(error) => Err(WORDING.failure(error)),
    }
}
