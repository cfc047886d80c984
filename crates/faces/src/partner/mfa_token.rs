//! `PUT /auth/challenge/mfa-token`: answer the challenge for a second factor.

use super::problem::Failure;
use super::{PartnerMount, admission, names, reply, request};
use crate::kit::{Flaw, Members, caller_address};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::{Answer, Respond};
use std::sync::Arc;

/// Codes have six digits. A text that has not is as wrong as another code, and answered alike.
const MAX_CODE: usize = 64;

struct Body {
    username: String,
    session: Secret,
    answer: Answer,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        let username = members.trimmed(names::USERNAME, 1..=usize::MAX);
        let challenge = members.text(names::CHALLENGE, 0..=usize::MAX);
        let session = members.secret(names::SESSION, 1..=usize::MAX);
        let code = members.secret(names::MFA_TOKEN, 1..=MAX_CODE);
        // No device is remembered yet: the keys in the answer stay null.
        members.flag(names::REMEMBER_DEVICE);
        let answer = match challenge.as_str() {
            "SOFTWARE_TOKEN_MFA" => Answer::SoftwareToken(code),
            "EMAIL_OTP" => Answer::EmailCode(code),
            "SMS_MFA" => Answer::SmsCode(code),
            _ => {
                members.reject(names::CHALLENGE, Flaw::Unknown);
                Answer::MfaSetup
            }
        };
        Self { username, session, answer }
    }
}

pub(super) async fn handle(
    State(mount): State<Arc<PartnerMount>>,
    request: Request,
) -> Result<Response, Failure> {
    let address = caller_address(request.extensions());
    let body = request::body(request, Body::read).await?;
    let command = Respond {
        client: mount.client.clone(),
        session: body.session.clone(),
        username: Some(body.username),
        answer: body.answer,
        admission: admission(),
        address,
    };
    let outcome = mount.pool.respond(command).await;
    let outcome = outcome.map_err(|error| Failure::from(error).retry_in(body.session))?;
    Ok(reply::outcome(&outcome))
}
