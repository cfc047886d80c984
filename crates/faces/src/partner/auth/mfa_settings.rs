//! `GET` and `PUT /auth/mfa/settings`: a user's own second factors.

use crate::kit::{Context, Flaw, Members, Operation};
use crate::partner::problem::{Failure, Problem};
use crate::partner::{FaceState, api, names, reply, request, scope};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use poolkeeper_pool::backend::self_service::MfaSwitch;
use poolkeeper_pool::backend::user_pool::Factor;
use poolkeeper_pool::error::{Error, Refusal};
use std::sync::Arc;

const PREFERABLE: [(&str, Factor); 2] = [("totp", Factor::Totp), ("email", Factor::Email)];

/// Nothing said changes nothing.
fn read(members: &mut Members) -> Option<MfaSwitch> {
    let enabled = members.optional_flag(names::ENABLED);
    let preferred = members.optional_one_of(names::PREFERRED, &PREFERABLE);
    match (enabled, preferred) {
        (Some(false), Some(_)) => {
            members.reject(names::PREFERRED, Flaw::Unknown);
            None
        }
        (Some(false), None) => Some(MfaSwitch::Off),
        (_, Some(factor)) => Some(MfaSwitch::Prefer(factor)),
        (Some(true), None) => Some(MfaSwitch::On),
        (None, None) => None,
    }
}

pub(in crate::partner) fn describe() -> Operation {
    let operation = Operation::new(api::MFA, "Show the caller's second factors").bearer();
    reply::describe_settings(operation)
}

pub(in crate::partner) fn describe_change() -> Operation {
    let operation = Operation::new(api::MFA, "Change the caller's second factors")
        .about(
            "An authenticator app must be set up first; mailed codes need no setup. To change \
             factors that are on, the caller needs a recent sign-in.",
        )
        .bearer()
        .optional_body(read);
    reply::describe_settings(operation)
        .fails([Failure::invalid("preferred", "not_available")])
        .fails([Problem::MfaRequired, Problem::FreshSignInRequired])
}

pub(in crate::partner) async fn show(
    State(state): State<Arc<FaceState>>,
    parts: Parts,
) -> Result<Response, Failure> {
    let user = scope::user(&state, &parts).await?;
    Ok(reply::settings(user.profile.mfa))
}

pub(in crate::partner) async fn change(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    parts: Parts,
    request: Request,
) -> Result<Response, Failure> {
    let user = scope::user(&state, &parts).await?;
    if let Some(switch) = request::body(request, read).await? {
        let switched = state.mount.self_service.switch_mfa(&context, &user.token, switch).await;
        switched.map_err(|error| not_available(switch, error))?;
    }
    let profile = state.partners(&context, &parts.headers).profile(&user.caller, None).await?;
    Ok(reply::settings(profile.mfa))
}

/// What the user or the pool does not have cannot be switched on.
fn not_available(switch: MfaSwitch, error: Error) -> Failure {
    match error {
        Error::Refused(Refusal::TotpNotAssociated | Refusal::Invalid(_)) => {
            let preferred = matches!(switch, MfaSwitch::Prefer(_));
            Failure::invalid(if preferred { "preferred" } else { "enabled" }, "not_available")
        }
        error => error.into(),
    }
}
