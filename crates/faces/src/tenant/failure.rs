//! What goes wrong, in this API's words.

use crate::invalid;
use crate::kit::{BodyFlaw, Crowded, Exception, json, report_fault, report_misconfiguration};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::error::{Counted, Error, Refusal};
use poolkeeper_pool::limits::quota;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Display;

/// What every body must be.
const NOT_AN_OBJECT: &str = "The request body must be a JSON object";

/// Everything this API can answer instead of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The body is no JSON object, or a member of it is missing, sent twice or not what it should
    /// be. Says what is needed, and what is wrong.
    Invalid(Cow<'static, str>),
    /// A code is wrong, too old or was used before. Another may be tried in the same session.
    CodeMismatch,
    /// A new password is refused. Says why.
    PasswordRefused(String),
    /// The password is not this user's, or this user, this tenant or their connection does not
    /// exist. Which of them is not told.
    NotAuthorized,
    /// A challenge cannot be answered (any more), for whatever reason.
    SessionEnded,
    /// A refresh token is good for nothing (any more), for whatever reason.
    RefreshTokenEnded,
    /// There is no access token of this API that is still good.
    TokenInvalid,
    /// The access token is good, but not an administrator's.
    NotAdministrator,
    FreshSignInRequired,
    UserNotConfirmed,
    PasswordResetRequired,
    /// A trigger of the pool said no.
    TriggerRefused,
    NotFound,
    /// The tenant has no such credential.
    CredentialNotFound,
    MethodNotAllowed,
    /// The request asks for another host.
    Misdirected,
    /// What is there already is in the way. Says what.
    Conflict(String),
    TooLarge,
    /// Seconds after which it may be tried again.
    TooManyRequests(u64),
    /// The same, because everybody together asks for too much.
    Overloaded(u64),
    Internal,
    Unavailable,
}

impl Failure {
    /// Status, `message` and `error`.
    fn row(&self) -> (StatusCode, &str, &'static str) {
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
        const NOT_AUTHORIZED: &str = "NotAuthorizedException";
        match self {
            Self::Invalid(needed) => (BAD_REQUEST, needed, "BadRequest"),
            Self::CodeMismatch => (BAD_REQUEST, "Incorrect code", "CodeMismatch"),
            Self::PasswordRefused(why) => (BAD_REQUEST, why, "InvalidPassword"),
            Self::NotAuthorized => (UNAUTHORIZED, "Incorrect username or password", NOT_AUTHORIZED),
            Self::SessionEnded => (UNAUTHORIZED, "Invalid session", NOT_AUTHORIZED),
            Self::RefreshTokenEnded => (UNAUTHORIZED, "Invalid refresh token", NOT_AUTHORIZED),
            Self::TokenInvalid => (UNAUTHORIZED, "Invalid access token", NOT_AUTHORIZED),
            Self::NotAdministrator => (
                StatusCode::FORBIDDEN,
                "Only administrators of the tenant may do this",
                "Forbidden",
            ),
            Self::FreshSignInRequired => (
                StatusCode::FORBIDDEN,
                "A recent sign-in is needed for this",
                "FreshSignInRequired",
            ),
            Self::UserNotConfirmed => {
                (StatusCode::FORBIDDEN, "The user is not confirmed", "UserNotConfirmed")
            }
            Self::PasswordResetRequired => {
                (StatusCode::FORBIDDEN, "The password must be reset", "PasswordResetRequired")
            }
            Self::TriggerRefused => {
                (StatusCode::FORBIDDEN, "A trigger of the user pool refused this", "TriggerRefused")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "NotFound"),
            Self::CredentialNotFound => {
                (StatusCode::NOT_FOUND, "There is no such credential", "NotFound")
            }
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "MethodNotAllowed")
            }
            Self::Misdirected => {
                (StatusCode::MISDIRECTED_REQUEST, "Misdirected request", "MisdirectedRequest")
            }
            Self::Conflict(what) => (StatusCode::CONFLICT, what, "Conflict"),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Request too large", "RequestTooLarge")
            }
            Self::TooManyRequests(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "Too many requests", "TooManyRequests")
            }
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal error", "InternalError")
            }
            Self::Overloaded(_) | Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "ServiceUnavailable")
            }
        }
    }

    /// Whether it says nothing about who asked for what.
    pub(super) const fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::TooManyRequests(_) | Self::Overloaded(_) | Self::Internal | Self::Unavailable
        )
    }
}

/// What every failure looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Failure")]
pub(super) struct Body<'a> {
    /// What went wrong, in English.
    message: &'a str,
    /// The failure's name, for programs.
    error: &'static str,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
        let (status, message, error) = self.row();
        let mut response = json(status, &Body { message, error });
        response.extensions_mut().insert(Exception(error));
        match self {
            Self::TooManyRequests(seconds) | Self::Overloaded(seconds) => {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Self::TokenInvalid => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
            }
            _ => {}
        }
        response
    }
}

impl Failure {
    /// That there is no room for a request.
    pub(super) const fn crowded(crowded: Crowded) -> Self {
        match crowded {
            Crowded::Origin => Self::TooManyRequests(Crowded::WAIT),
            Crowded::Everywhere => Self::Overloaded(Crowded::WAIT),
        }
    }

    /// What a body says that is no object; `needed` is what one that is empty lacks.
    pub(super) fn of_body(flaw: BodyFlaw, needed: &'static str) -> Self {
        let wrong: Cow<'static, str> = match flaw {
            BodyFlaw::TooLarge => return Self::TooLarge,
            BodyFlaw::Crowded(crowded) => return Self::crowded(crowded),
            BodyFlaw::Empty => {
                return Self::Invalid(format!("{needed}: the request body is empty").into());
            }
            BodyFlaw::Unfinished => "it is incomplete".into(),
            BodyFlaw::NotJson => "web pages must send it as application/json".into(),
            BodyFlaw::NotText => "it is not UTF-8".into(),
            BodyFlaw::TooDeep => "it is nested too deeply".into(),
            BodyFlaw::Malformed { position, reason } => {
                let first = position.saturating_add(1);
                format!("it is not valid JSON at character {first} ({reason})").into()
            }
            BodyFlaw::Null => "it is null".into(),
            BodyFlaw::NotAnObject => "it is another JSON value".into(),
        };
        Self::Invalid(format!("{NOT_AN_OBJECT}: {wrong}").into())
    }

    /// The failure whose text documents show for bodies that are no object.
    pub(super) const fn not_an_object() -> Self {
        Self::Invalid(Cow::Borrowed(NOT_AN_OBJECT))
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
    #[expect(clippy::too_many_lines, reason = "one table, read as one")]
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
            | Refusal::SuspendedByOperator
            | Refusal::ChallengeSessionInvalid
            | Refusal::ChallengeSessionExpired
            | Refusal::ChallengeSessionSpent
            | Refusal::AccessTokenInvalid
            | Refusal::AccessTokenExpired
            | Refusal::AccessTokenRevoked
            | Refusal::AccessTokenLacksScope
            | Refusal::RefreshTokenInvalid
            | Refusal::RefreshTokenExpired
            | Refusal::RefreshTokenRevoked
            | Refusal::RefreshTokenReused => Self::NotAuthorized,
            Refusal::FreshSignInRequired => Self::FreshSignInRequired,
            Refusal::UserNotConfirmed => Self::UserNotConfirmed,
            Refusal::PasswordResetRequired => Self::PasswordResetRequired,
            Refusal::TriggerRefused => Self::TriggerRefused,
            Refusal::CodeMismatch
            | Refusal::CodeSpent
            | Refusal::VerificationCodeWrong
            | Refusal::VerificationCodeExpired
            | Refusal::TotpSetupMismatch => Self::CodeMismatch,
            Refusal::PasswordPolicy(_) | Refusal::PasswordReused => {
                Self::PasswordRefused(sentence(refusal))
            }
            Refusal::AttributeMissing(_) | Refusal::AttributeNotWritable => {
                Self::Invalid(sentence(refusal).into())
            }
            Refusal::Invalid(invalid) => Self::Invalid(invalid::message(invalid).into()),
            Refusal::GroupNotFound(_)
            | Refusal::PartnerNotFound
            | Refusal::ClientSecretNotFound(_)
            | Refusal::SignInSessionNotFound
            | Refusal::DeviceNotFound => Self::NotFound,
            Refusal::GroupExists
            | Refusal::DeviceExists
            | Refusal::UsernameExists
            | Refusal::AliasExists(_)
            | Refusal::WrongUserState
            | Refusal::SignUpNotPermitted
            | Refusal::CannotConfirm(_)
            | Refusal::CannotResetPassword
            | Refusal::TotpNotAssociated
            | Refusal::TotpNotEnabled => Self::Conflict(sentence(refusal)),
            Refusal::TooMany(Counted::Credentials) => {
                let problem = "The tenant has as many machine credentials as there can be.";
                Self::Conflict(problem.to_owned())
            }
            Refusal::TooMany(counted) => Self::Conflict(sentence(counted)),
            Refusal::MfaMandatory => {
                let problem = "MFA is required by the user pool and cannot be turned off.";
                Self::Conflict(problem.to_owned())
            }
            Refusal::LastAdministrator => {
                Self::Conflict("Nobody would be left to administer the pool.".to_owned())
            }
            Refusal::Busy => Self::TooManyRequests(1),
            Refusal::LimitExceeded => Self::TooManyRequests(quota::WINDOW.as_secs()),
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
                Self::Internal
            }
        }
    }
}

/// What the engine says, as a sentence.
pub(super) fn sentence(problem: &impl Display) -> String {
    let text = problem.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
