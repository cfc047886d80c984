//! What goes wrong, in this API's words.

use crate::kit::{BodyFlaw, json, report_fault, report_misconfiguration};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::error::{Error, Refusal};
use schemars::JsonSchema;
use serde::Serialize;

/// Everything this API can answer instead of success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The body is no JSON object.
    NotAnObject,
    /// A member is missing, empty, sent twice or no text.
    Incomplete,
    /// The password is not this user's, or this user, this tenant or their connection does not
    /// exist. Which of them is not told.
    NotAuthorized,
    UserNotConfirmed,
    PasswordResetRequired,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    TooManyRequests,
    Internal,
    Unavailable,
}

impl Failure {
    /// Status, `message` and `error`.
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotAnObject => {
                (StatusCode::BAD_REQUEST, "The request body must be a JSON object", "BadRequest")
            }
            Self::Incomplete => (
                StatusCode::BAD_REQUEST,
                "UserName, TenantName and Password are required",
                "BadRequest",
            ),
            Self::NotAuthorized => (
                StatusCode::UNAUTHORIZED,
                "Incorrect username or password",
                "NotAuthorizedException",
            ),
            Self::UserNotConfirmed => {
                (StatusCode::FORBIDDEN, "The user is not confirmed", "UserNotConfirmed")
            }
            Self::PasswordResetRequired => {
                (StatusCode::FORBIDDEN, "The password must be reset", "PasswordResetRequired")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "NotFound"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "MethodNotAllowed")
            }
            Self::Conflict => (StatusCode::CONFLICT, "Conflict", "Conflict"),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Request too large", "RequestTooLarge")
            }
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "Too many requests", "TooManyRequests")
            }
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal error", "InternalError")
            }
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "ServiceUnavailable")
            }
        }
    }
}

/// What every failure looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Failure")]
pub(super) struct Body {
    /// What went wrong, in English.
    message: &'static str,
    /// The same in one word, for programs.
    error: &'static str,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        const SOON: HeaderValue = HeaderValue::from_static("1");
        let (status, message, error) = self.row();
        let mut response = json(status, &Body { message, error });
        if self == Self::TooManyRequests {
            response.headers_mut().insert(header::RETRY_AFTER, SOON);
        }
        response
    }
}

impl From<BodyFlaw> for Failure {
    fn from(flaw: BodyFlaw) -> Self {
        match flaw {
            BodyFlaw::TooLarge => Self::TooLarge,
            BodyFlaw::Empty => Self::Incomplete,
            BodyFlaw::Unfinished
            | BodyFlaw::NotJson
            | BodyFlaw::NotText
            | BodyFlaw::TooDeep
            | BodyFlaw::Malformed { .. }
            | BodyFlaw::Null
            | BodyFlaw::NotAnObject => Self::NotAnObject,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::of(&refusal),
            Error::Fault(fault) => match report_fault(&fault) {
                StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
                _ => Self::Internal,
            },
        }
    }
}

impl Failure {
    fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::BadCredentials
            | Refusal::LockedOut { .. }
            | Refusal::UserDisabled
            | Refusal::UserNotFound
            | Refusal::TemporaryPasswordExpired
            | Refusal::Barred
            | Refusal::External
            | Refusal::PartnerSuspended
            | Refusal::PartnerForbidden
            | Refusal::PermissionDenied
            | Refusal::SessionInvalid
            | Refusal::SessionExpired
            | Refusal::SessionSpent
            | Refusal::AccessTokenInvalid
            | Refusal::AccessTokenExpired
            | Refusal::AccessTokenRevoked
            | Refusal::AccessTokenLacksScope
            | Refusal::RefreshTokenInvalid
            | Refusal::RefreshTokenExpired
            | Refusal::RefreshTokenRevoked
            | Refusal::RefreshTokenReused => Self::NotAuthorized,
            Refusal::UserNotConfirmed => Self::UserNotConfirmed,
            Refusal::PasswordResetRequired => Self::PasswordResetRequired,
            Refusal::CodeMismatch
            | Refusal::CodeSpent
            | Refusal::VerificationCodeWrong
            | Refusal::VerificationCodeExpired
            | Refusal::TotpSetupMismatch
            | Refusal::PasswordPolicy(_)
            | Refusal::PasswordReused
            | Refusal::AttributeMissing(_)
            | Refusal::AttributeNotWritable
            | Refusal::InvalidParameter(_) => Self::Incomplete,
            Refusal::GroupNotFound(_)
            | Refusal::PartnerNotFound
            | Refusal::ClientSecretNotFound(_)
            | Refusal::SessionNotFound
            | Refusal::DeviceNotFound => Self::NotFound,
            Refusal::GroupExists
            | Refusal::DeviceExists
            | Refusal::TooMany(_)
            | Refusal::UsernameExists
            | Refusal::AliasExists(_)
            | Refusal::WrongUserState
            | Refusal::SignUpNotPermitted
            | Refusal::CannotConfirm(_)
            | Refusal::CannotResetPassword
            | Refusal::MfaMandatory
            | Refusal::TotpNotAssociated
            | Refusal::TotpNotEnabled => Self::Conflict,
            Refusal::Busy | Refusal::LimitExceeded => Self::TooManyRequests,
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
                Self::Internal
            }
        }
    }
}
