//! What goes wrong, in this API's words: mostly the name that Cognito has for it, behind a prefix
//! that says which operation failed.

use super::entry::Entry;
use crate::kit::{Crowded, Wait, json, report_fault, report_misconfiguration};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::error::{Error, Fault, Refusal};
use poolkeeper_pool::limits::quota;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// An answer other than success.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    detail: Detail,
    /// What an administrator's operation calls its failure.
    error: Option<Cow<'static, str>>,
    /// After how many seconds it is worth another try, if that is known.
    wait: Option<u64>,
    /// Whether what was sent was not looked at, for want of time or of the pool.
    untried: bool,
}

/// Marks the answer to an attempt that was not looked at.
#[derive(Clone, Copy)]
pub(super) struct Untried;

/// What every failure looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Failure")]
pub(super) struct Shape<'a> {
    detail: &'a Detail,
    /// Always `false`. Only in failures of administrators' requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    /// The name of the failure. Only in failures of administrators' requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// The same as `detail`. Only in failures of administrators' requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Detail>,
}

/// What went wrong, in English, or everything that is wrong with a request.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
pub(super) enum Detail {
    Text(String),
    Entries(Vec<Entry>),
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What is said to who signed in too long ago for what is asked.
const SIGN_IN_AGAIN: &str = "Please sign in again to do this";

/// What is said to who does too much.
pub(super) const TOO_MUCH: &str = "Too many requests. Please try again later";

impl Failure {
    pub(super) fn new(status: StatusCode, detail: impl Into<Detail>) -> Self {
        // The only one of Cognito's exceptions that asks for patience is that of the hourly quotas.
        let wait = (status == StatusCode::TOO_MANY_REQUESTS).then(|| quota::WINDOW.as_secs());
        let untried = status == StatusCode::SERVICE_UNAVAILABLE;
        Self { status, detail: detail.into(), error: None, wait, untried }
    }

    pub(super) fn overloaded() -> Self {
        Self { untried: true, ..Wait(1).into() }
    }

    /// Whether it asks to be tried again later: there is too much to do, or too much was tried.
    pub(super) const fn asks_for_patience(&self) -> bool {
        self.wait.is_some()
    }

    /// The same words, with the time to wait of another failure.
    pub(super) fn waiting_as(self, other: &Self) -> Self {
        Self { wait: other.wait, untried: other.untried, ..self }
    }

    /// Says it as the operations of administrators do, too: under this name.
    pub(super) fn named(self, error: impl Into<Cow<'static, str>>) -> Self {
        Self { error: Some(error.into()), ..self }
    }
}

impl From<Wait> for Failure {
    fn from(Wait(seconds): Wait) -> Self {
        let wait = Some(seconds);
        Self { wait, ..Self::new(StatusCode::TOO_MANY_REQUESTS, TOO_MUCH) }
    }
}

impl From<Crowded> for Failure {
    fn from(crowded: Crowded) -> Self {
        let wait = Some(Crowded::WAIT);
        match crowded {
            Crowded::Origin => Wait(Crowded::WAIT).into(),
            Crowded::Everywhere => {
                Self { wait, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable") }
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, detail, error, wait, untried } = self;
        let error = error.as_deref();
        let message = error.map(|_| &detail);
        let success = error.map(|_| false);
        let mut response = json(status, &Shape { detail: &detail, success, error, message });
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if untried {
            response.extensions_mut().insert(Untried);
        }
        response
    }
}

/// How an operation words its failures.
pub(super) struct Wording {
    /// Cognito's exceptions that have a status and a text of their own.
    pub(super) known: &'static [(Exception, StatusCode, &'static str)],
    /// Goes before the name of any other exception.
    pub(super) error: &'static str,
    /// Goes before failures that are none of Cognito's.
    pub(super) failed: &'static str,
}

/// The name of one of Cognito's exceptions.
pub(super) type Exception = &'static str;

pub(super) const NOT_AUTHORIZED: Exception = "NotAuthorizedException";
pub(super) const USER_NOT_FOUND: Exception = "UserNotFoundException";
pub(super) const INVALID_PASSWORD: Exception = "InvalidPasswordException";
pub(super) const INVALID_PARAMETER: Exception = "InvalidParameterException";
pub(super) const CODE_MISMATCH: Exception = "CodeMismatchException";
pub(super) const EXPIRED_CODE: Exception = "ExpiredCodeException";
pub(super) const LIMIT_EXCEEDED: Exception = "LimitExceededException";
pub(super) const USERNAME_EXISTS: Exception = "UsernameExistsException";
pub(super) const ALIAS_EXISTS: Exception = "AliasExistsException";
pub(super) const GROUP_EXISTS: Exception = "GroupExistsException";
pub(super) const LAST_ADMINISTRATOR: Exception = "LastAdministratorException";
pub(super) const RESOURCE_NOT_FOUND: Exception = "ResourceNotFoundException";
pub(super) const TOO_MANY_REQUESTS: Exception = "TooManyRequestsException";

impl Wording {
    pub(super) fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Refused(refusal) => match cause(&refusal) {
                Cause::Exception(exception) => self.exception(exception),
                Cause::AccessTokenExpired => self.exception(NOT_AUTHORIZED),
                Cause::FreshSignInRequired => Failure::new(StatusCode::FORBIDDEN, SIGN_IN_AGAIN),
                Cause::AttributeMissing => self.failed("A required attribute is missing"),
                Cause::Overloaded => Failure::overloaded(),
                Cause::Misfit => self.failed("Internal error"),
            },
            Error::Fault(fault) => match disclosed(&fault) {
                Disclosure::Exception(name) => internal(self.error, name),
                Disclosure::Internal => self.failed("Internal error"),
                Disclosure::Unavailable => unavailable(self.failed),
            },
        }
    }

    /// All failures, with these for exceptions that have no words of their own.
    pub(super) fn failures(&self, exceptions: &[Exception]) -> Vec<Failure> {
        let known = self.known.iter().map(|(exception, ..)| exception);
        let named = known.chain(exceptions).map(|exception| self.exception(exception));
        named.chain([self.failed("Internal error"), unavailable(self.failed)]).collect()
    }

    /// A failure under a name that Cognito gives it.
    pub(super) fn exception(&self, exception: &str) -> Failure {
        let known = self.known.iter().find(|(known, ..)| *known == exception);
        match known {
            Some((_, status, detail)) => Failure::new(*status, *detail),
            None => internal(self.error, exception),
        }
    }

    fn failed(&self, tail: &str) -> Failure {
        internal(self.failed, tail)
    }
}

/// What this API tells of a fault.
pub(super) enum Disclosure<'a> {
    /// The name that the service that keeps the pool gave it: clients read these.
    Exception(&'a str),
    Internal,
    Unavailable,
}

/// What is told of a failure of ours. It is logged here.
pub(super) fn disclosed(fault: &Fault) -> Disclosure<'_> {
    match (report_fault(fault), fault) {
        (StatusCode::SERVICE_UNAVAILABLE, _) => Disclosure::Unavailable,
        (_, Fault::Exception { name, .. }) => Disclosure::Exception(name.as_str()),
        _ => Disclosure::Internal,
    }
}

pub(super) fn unavailable(prefix: &str) -> Failure {
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, format!("{prefix}: Service unavailable"))
}

pub(super) fn internal(prefix: &str, tail: &str) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("{prefix}: {tail}"))
}

/// What this API makes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// One of Cognito's exceptions.
    Exception(Exception),
    /// The access token was good once.
    AccessTokenExpired,
    /// The sign-in is too long ago.
    FreshSignInRequired,
    /// A new password is not all that is asked for, and this API can send nothing else.
    AttributeMissing,
    /// We have too much to do: no word of the pool's about this caller.
    Overloaded,
    /// The face is mounted on an app client that does not fit it.
    Misfit,
}

/// The one place where refusals turn into this API's causes. Misfits are logged here.
pub(super) fn cause(refusal: &Refusal) -> Cause {
    match refusal {
        Refusal::BadCredentials
        | Refusal::LockedOut { .. }
        | Refusal::UserDisabled
        | Refusal::TemporaryPasswordExpired
        | Refusal::Barred
        | Refusal::External
        | Refusal::PartnerSuspended
        | Refusal::PartnerForbidden
        | Refusal::PermissionDenied
        | Refusal::SuspendedByOperator
        | Refusal::ChallengeSessionExpired
        | Refusal::ChallengeSessionSpent
        | Refusal::AccessTokenInvalid
        | Refusal::AccessTokenRevoked
        | Refusal::AccessTokenLacksScope
        | Refusal::RefreshTokenInvalid
        | Refusal::RefreshTokenExpired
        | Refusal::RefreshTokenRevoked
        | Refusal::RefreshTokenReused
        | Refusal::AttributeNotWritable
        | Refusal::SignUpNotPermitted
        | Refusal::CannotConfirm(_)
        | Refusal::CannotResetPassword
        | Refusal::WrongUserState => Cause::Exception(NOT_AUTHORIZED),
        Refusal::UserNotFound => Cause::Exception(USER_NOT_FOUND),
        Refusal::UserNotConfirmed => Cause::Exception("UserNotConfirmedException"),
        Refusal::PasswordResetRequired => Cause::Exception("PasswordResetRequiredException"),
        // Clients of this API know a forged session under this name.
        Refusal::ChallengeSessionInvalid
        | Refusal::CodeMismatch
        | Refusal::VerificationCodeWrong => Cause::Exception(CODE_MISMATCH),
        Refusal::VerificationCodeExpired | Refusal::CodeSpent => Cause::Exception(EXPIRED_CODE),
        Refusal::LimitExceeded | Refusal::TooMany(_) => Cause::Exception(LIMIT_EXCEEDED),
        Refusal::TotpSetupMismatch => Cause::Exception("EnableSoftwareTokenMFAException"),
        Refusal::TotpNotAssociated | Refusal::TotpNotEnabled => {
            Cause::Exception("SoftwareTokenMFANotFoundException")
        }
        Refusal::AccessTokenExpired => Cause::AccessTokenExpired,
        Refusal::FreshSignInRequired => Cause::FreshSignInRequired,
        Refusal::GroupNotFound(_)
        | Refusal::PartnerNotFound
        | Refusal::ClientSecretNotFound(_)
        | Refusal::SignInSessionNotFound
        | Refusal::DeviceNotFound => Cause::Exception(RESOURCE_NOT_FOUND),
        Refusal::DeviceExists => Cause::Exception("DeviceKeyExistsException"),
        Refusal::TriggerRefused => Cause::Exception("UserLambdaValidationException"),
        Refusal::LastAdministrator => Cause::Exception(LAST_ADMINISTRATOR),
        Refusal::GroupExists => Cause::Exception(GROUP_EXISTS),
        Refusal::UsernameExists => Cause::Exception(USERNAME_EXISTS),
        Refusal::AliasExists(_) => Cause::Exception(ALIAS_EXISTS),
        Refusal::PasswordPolicy(_) | Refusal::PasswordReused => Cause::Exception(INVALID_PASSWORD),
        Refusal::AttributeMissing(_) => Cause::AttributeMissing,
        Refusal::Invalid(_) | Refusal::MfaMandatory => Cause::Exception(INVALID_PARAMETER),
        Refusal::Busy => Cause::Overloaded,
        Refusal::FlowNotEnabled(_)
        | Refusal::SecretHashMissing(_)
        | Refusal::SecretHashWrong(_)
        | Refusal::ClientSecretWrong
        | Refusal::TokenNotRevocable
        | Refusal::RevocationNotEnabled
        | Refusal::SignInSessionsNotTracked
        | Refusal::PoolNotFound(_)
        | Refusal::ClientNotFound(_) => {
            report_misconfiguration(refusal);
            Cause::Misfit
        }
    }
}
