//! `POST /RespondToChallenge`: answer the challenge that a login was answered with. Another one may
//! follow. The documented API has no such endpoint: this one is ours.

use super::failure::Failure;
use super::gate::Gate;
use super::{FaceState, api, reply, request};
use crate::kit::{Context, Flaw, Members, Name, Operation, most};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor, Respond, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Attributes;
use std::sync::Arc;

const NEEDED: &str = "TenantName, ChallengeName, Session and a fitting Answer are required";
const CHALLENGE: Name =
    Name::new("ChallengeName").about("The name of the challenge.").like("EMAIL_OTP");
const SESSION: Name = Name::new("Session").about("The session that came with the challenge.");
const ANSWER: Name = Name::new("Answer")
    .about(
        "The new password, the code, or the name of the chosen factor. For `MFA_SETUP`: the e-mail \
         address for codes, or nothing if an authenticator app was verified.",
    )
    .like("123456");
const ATTRIBUTES: Name = Name::new("Attributes")
    .about("The attributes that the challenge for a new password asks for, by name.");

/// What can be asked, by its name in `ChallengeName`.
#[derive(Clone, Copy)]
enum Question {
    NewPassword,
    Code(Factor),
    SelectMfa,
    SetUpMfa,
}

const QUESTIONS: [(&str, Question); 6] = [
    ("NEW_PASSWORD_REQUIRED", Question::NewPassword),
    (Factor::Totp.name(), Question::Code(Factor::Totp)),
    (Factor::Email.name(), Question::Code(Factor::Email)),
    (Factor::Sms.name(), Question::Code(Factor::Sms)),
    ("SELECT_MFA_TYPE", Question::SelectMfa),
    ("MFA_SETUP", Question::SetUpMfa),
];

struct Body {
    tenant_name: String,
    session: Secret,
    answer: ChallengeAnswer,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let question = members.one_of(CHALLENGE, &QUESTIONS);
        let given = members
            .optional_secret(ANSWER, 0..=most::VALUE)
            .filter(|given| !given.expose().is_empty());
        let attributes = members.optional_map(ATTRIBUTES, 0..=50, 0..=2048);
        let attributes = attributes.unwrap_or_default().into_iter().collect();
        let answer = match question.map(|question| answer(question, given, attributes)) {
            Some(Ok(answer)) => answer,
            Some(Err(flaw)) => {
                members.reject(ANSWER, flaw);
                ChallengeAnswer::MfaSetup
            }
            // That the question is none is noted already: what is read here is thrown away.
            None => ChallengeAnswer::MfaSetup,
        };
        Self {
            tenant_name: members.trimmed(request::TENANT_NAME, 1..=most::NAME),
            session: members.secret(SESSION, 1..=most::TOKEN),
            answer,
        }
    }
}

fn answer(
    question: Question,
    given: Option<Secret>,
    attributes: Attributes,
) -> Result<ChallengeAnswer, Flaw> {
    match (question, given) {
        // The proof of an authenticator app is in the session.
        (Question::SetUpMfa, None) => Ok(ChallengeAnswer::MfaSetup),
        (_, None) => Err(Flaw::Missing),
        (Question::SetUpMfa, Some(address)) => {
            Ok(ChallengeAnswer::MfaSetupEmail(address.expose().to_owned()))
        }
        (Question::NewPassword, Some(password)) => {
            Ok(ChallengeAnswer::NewPassword { password, attributes })
        }
        (Question::Code(factor), Some(code)) => {
            // Spaces come along when people copy a code.
            let code = code.expose().trim();
            if code.is_empty() { Err(Flaw::Missing) } else { Ok(factor.answer(code.into())) }
        }
        (Question::SelectMfa, Some(choice)) => {
            let chosen = Factor::BY_NAME.iter().find(|(name, _)| *name == choice.expose());
            chosen.map(|(_, factor)| ChallengeAnswer::MfaType(*factor)).ok_or(Flaw::Unknown)
        }
    }
}

pub(super) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Answer a challenge")
        .about(
            "Another challenge may follow. After a wrong code, the client can try another code \
             with the same session.",
        )
        .spelled("/RespondToChallenge")
        .body(Body::read)
        .answers::<reply::Complete<'_>>("Signed in.")
        .answers::<reply::Asked<'_>>("Another challenge must be answered first.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::CodeMismatch, Failure::SessionEnded])
        .fails([Failure::PasswordRefused("The password was used before".to_owned())])
        .fails([Failure::Conflict("The email belongs to another user".to_owned())])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    state.answers.check(request.extensions()).await?;
    let Body { tenant_name, session, answer } = request::body(request, Body::read, NEEDED).await?;
    let gate = Gate::find(&*state.mount.directory, &tenant_name).await?;
    let gate = gate.ok_or(Failure::SessionEnded)?;
    let command = Respond {
        via: Via::trusted(&gate.client()),
        session,
        username: None,
        answer,
        remember_device: false,
        entry_policy: gate.entry_policy(),
    };
    let outcome = state.mount.pool.respond(&context, command).await;
    let outcome = gate.judge(outcome, Failure::SessionEnded)?;
    Ok(reply::outcome(&outcome, gate.tenant(), state.mount.flat_tokens))
}
