//! What goes wrong for administrators. The service that came first told its failures with 200 and
//! `success: false`; here they have a status too, and a `detail` like all others.

use super::gate;
use crate::invalid;
use crate::portal::failure::{
    Cause, Disclosure, Exception, Failure, GROUP_EXISTS, INVALID_PASSWORD, LAST_ADMINISTRATOR,
    LIMIT_EXCEEDED, RESOURCE_NOT_FOUND, TOO_MUCH, USER_NOT_FOUND, USERNAME_EXISTS, cause,
    disclosed, internal, unavailable,
};
use axum::http::StatusCode;
use poolkeeper_pool::error::{Error, Fault, Refusal};

/// What failures are called that are none of Cognito's.
const UNKNOWN: &str = "UnknownError";

/// Exceptions that have a status, a name or a text of their own here. Others are 400, and say what
/// is wrong.
const KNOWN: [(Exception, StatusCode, &str, &str); 7] = [
    (USER_NOT_FOUND, StatusCode::NOT_FOUND, USER_NOT_FOUND, "User not found"),
    (RESOURCE_NOT_FOUND, StatusCode::NOT_FOUND, RESOURCE_NOT_FOUND, "Group not found"),
    (USERNAME_EXISTS, StatusCode::BAD_REQUEST, "UserExistsException", "User already exists"),
    (GROUP_EXISTS, StatusCode::BAD_REQUEST, GROUP_EXISTS, "Group already exists"),
    (
        INVALID_PASSWORD,
        StatusCode::BAD_REQUEST,
        INVALID_PASSWORD,
        "Password does not meet requirements",
    ),
    (
        LAST_ADMINISTRATOR,
        StatusCode::CONFLICT,
        LAST_ADMINISTRATOR,
        "Nobody would be left to administer users",
    ),
    (LIMIT_EXCEEDED, StatusCode::TOO_MANY_REQUESTS, LIMIT_EXCEEDED, TOO_MUCH),
];

/// All failures of an operation, with these for exceptions. `failed` says which operation.
pub(super) fn failures(failed: &str, exceptions: &[Exception]) -> Vec<Failure> {
    let named = exceptions.iter().map(|exception| of(exception, "Invalid parameter"));
    let ours = [internal(failed, "Internal error"), unavailable(failed)];
    named.chain(ours.map(|failure| failure.named(UNKNOWN))).chain([gate::refusal()]).collect()
}

/// The answer to an operation that was not done. `failed` says which, for failures of ours.
pub(super) fn failure(failed: &str, error: Error) -> Failure {
    let refusal = match error {
        Error::Refused(refusal) => refusal,
        Error::Fault(fault) => return broken(failed, &fault),
    };
    match cause(&refusal) {
        Cause::Exception(exception) => of(exception, &text(&refusal)),
        Cause::Overloaded => Failure::overloaded().named("TooManyRequestsException"),
        Cause::AccessTokenExpired
        | Cause::FreshSignInRequired
        | Cause::AttributeMissing
        | Cause::Misfit => internal(failed, "Internal error").named(UNKNOWN),
    }
}

/// A failure of ours, under the name that the pool's keeper gave it, if it gave one.
fn broken(failed: &str, fault: &Fault) -> Failure {
    match disclosed(fault) {
        Disclosure::Exception(name) => internal(failed, name).named(name.to_owned()),
        Disclosure::Internal => internal(failed, "Internal error").named(UNKNOWN),
        Disclosure::Unavailable => unavailable(failed).named(UNKNOWN),
    }
}

fn text(refusal: &Refusal) -> String {
    if let Refusal::Invalid(invalid) = refusal {
        invalid::message(invalid)
    } else if *refusal == Refusal::MfaMandatory {
        "MFA is required by the user pool and cannot be turned off.".to_owned()
    } else {
        refusal.to_string()
    }
}

fn of(exception: Exception, text: &str) -> Failure {
    match KNOWN.iter().find(|(known, ..)| *known == exception) {
        Some((_, status, name, text)) => Failure::new(*status, *text).named(*name),
        None => Failure::new(StatusCode::BAD_REQUEST, text).named(exception),
    }
}
