//! What goes wrong, in this API's words: mostly the name that Cognito has for it, behind a prefix
//! that says which operation failed.

use super::validation::Entry;
use crate::kit::{json, report_fault, report_misconfiguration};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::error::{Error, Refusal};
use schemars::JsonSchema;
use serde::Serialize;

/// An answer other than success.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    detail: Detail,
}

/// What every failure looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Failure")]
pub(super) struct Shape<'a> {
    detail: &'a Detail,
}

/// What went wrong, in English, or all that is wrong with a body.
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

impl Failure {
    pub(super) fn new(status: StatusCode, detail: impl Into<Detail>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub(super) fn overloaded() -> Self {
        let detail = "Too many requests. Please try again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        const SOON: HeaderValue = HeaderValue::from_static("1");
        let mut response = json(self.status, &Shape { detail: &self.detail });
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, SOON);
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
const INVALID_PARAMETER: Exception = "InvalidParameterException";

impl Wording {
    pub(super) fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Refused(refusal) => match cause(&refusal) {
                Cause::Exception(exception) => self.exception(exception),
                Cause::AccessTokenExpired => self.exception(NOT_AUTHORIZED),
                Cause::AttributeMissing => self.failed("A required attribute is missing"),
                Cause::Overloaded => Failure::overloaded(),
                Cause::Misfit => self.failed("Internal error"),
            },
            Error::Fault(fault) => match report_fault(&fault) {
                StatusCode::SERVICE_UNAVAILABLE => self.unavailable(),
                _ => self.failed("Internal error"),
            },
        }
    }

    fn unavailable(&self) -> Failure {
        let detail = format!("{}: Service unavailable", self.failed);
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// All failures, with these for exceptions that have no words of their own.
    pub(super) fn failures(&self, exceptions: &[Exception]) -> Vec<Failure> {
        let known = self.known.iter().map(|(exception, ..)| exception);
        let named = known.chain(exceptions).map(|exception| self.exception(exception));
        named.chain([self.failed("Internal error"), self.unavailable()]).collect()
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

fn internal(prefix: &str, tail: &str) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("{prefix}: {tail}"))
}

/// What this API makes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// One of Cognito's exceptions.
    Exception(Exception),
    /// The access token was good once.
    AccessTokenExpired,
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
        | Refusal::SessionExpired
        | Refusal::SessionSpent
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
        Refusal::SessionInvalid | Refusal::CodeMismatch => {
            Cause::Exception("CodeMismatchException")
        }
        Refusal::VerificationCodeWrong => Cause::Exception("CodeMismatchException"),
        Refusal::VerificationCodeExpired | Refusal::CodeSpent => {
            Cause::Exception("ExpiredCodeException")
        }
        Refusal::LimitExceeded | Refusal::TooMany(_) => Cause::Exception("LimitExceededException"),
        Refusal::TotpSetupMismatch => Cause::Exception("EnableSoftwareTokenMFAException"),
        Refusal::TotpNotAssociated | Refusal::TotpNotEnabled => {
            Cause::Exception("SoftwareTokenMFANotFoundException")
        }
        Refusal::AccessTokenExpired => Cause::AccessTokenExpired,
        Refusal::GroupNotFound(_)
        | Refusal::PartnerNotFound
        | Refusal::ClientSecretNotFound(_)
        | Refusal::SessionNotFound
        | Refusal::DeviceNotFound => Cause::Exception("ResourceNotFoundException"),
        Refusal::DeviceExists => Cause::Exception("DeviceKeyExistsException"),
        Refusal::GroupExists => Cause::Exception("GroupExistsException"),
        Refusal::UsernameExists => Cause::Exception("UsernameExistsException"),
        Refusal::AliasExists(_) => Cause::Exception("AliasExistsException"),
        Refusal::PasswordPolicy(_) | Refusal::PasswordReused => Cause::Exception(INVALID_PASSWORD),
        Refusal::AttributeMissing(_) => Cause::AttributeMissing,
        Refusal::InvalidParameter(_) | Refusal::MfaMandatory => Cause::Exception(INVALID_PARAMETER),
        Refusal::Busy => Cause::Overloaded,
        Refusal::FlowNotEnabled(_)
        | Refusal::SecretHashMissing(_)
        | Refusal::SecretHashWrong(_)
        | Refusal::ClientSecretWrong
        | Refusal::TokenNotRevocable
        | Refusal::RevocationNotEnabled
        | Refusal::SessionsNotTracked
        | Refusal::PoolNotFound(_)
        | Refusal::ClientNotFound(_) => {
            report_misconfiguration(refusal);
            Cause::Misfit
        }
    }
}
