//! What goes wrong, in this API's words.

use crate::kit::{BearerFlaw, Exception, SealedText, json};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;

/// Everything this API can answer instead of success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    InvalidCredentials,
    AccountDisabled,
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    RefreshTokenInvalid,
    SessionInvalid,
    MfaTokenInvalid,
    MfaTokenExpired,
    MfaRequired,
    FreshSignInRequired,
    PasswordPolicy,
    ConfCodeInvalid,
    ConfCodeExpired,
    UserExists,
    UserNotConfirmed,
    PasswordResetRequired,
    ExternalUser,
    PartnerForbidden,
    PermissionDenied,
    SuspendedByOperator,
    Validation,
    TooLarge,
    NotFound,
    Conflict,
    MethodNotAllowed,
    /// The request asks for another host.
    Misdirected,
    RateLimited,
    Internal,
    Unavailable,
}

impl Problem {
    /// Status, `message` and `error_code`.
    ///
    /// A wrong MFA code is a 400 on purpose: clients sign their user out on every 401. So
    /// is a 403 that a sign-in is too long ago.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidCredentials => {
                (401, "error.auth.invalid_credentials", "INVALID_CREDENTIALS")
            }
            Self::AccountDisabled => (401, "error.auth.account_disabled", "ACCOUNT_DISABLED"),
            Self::TokenMissing => (401, "error.auth.token_missing", "TOKEN_MISSING"),
            Self::TokenInvalid => (401, "error.auth.token_invalid", "TOKEN_INVALID"),
            Self::TokenExpired => (401, "error.auth.token_expired", "TOKEN_EXPIRED"),
            Self::RefreshTokenInvalid => {
                (401, "error.auth.refresh_token_invalid", "REFRESH_TOKEN_INVALID")
            }
            Self::SessionInvalid => (401, "error.auth.session_invalid", "SESSION_INVALID"),
            Self::MfaTokenInvalid => (400, "error.auth.mfa_token_invalid", "MFA_TOKEN_INVALID"),
            Self::MfaTokenExpired => (400, "error.auth.mfa_token_expired", "MFA_TOKEN_EXPIRED"),
            Self::MfaRequired => (403, "error.auth.mfa_required", "MFA_REQUIRED"),
            Self::FreshSignInRequired => {
                (403, "error.auth.fresh_sign_in_required", "FRESH_SIGN_IN_REQUIRED")
            }
            Self::ConfCodeInvalid => (400, "error.auth.conf_code_invalid", "CONF_CODE_INVALID"),
            Self::ConfCodeExpired => (400, "error.auth.conf_code_expired", "CONF_CODE_EXPIRED"),
            Self::PasswordPolicy => (400, "error.auth.password_policy", "PASSWORD_POLICY"),
            Self::UserExists => (409, "error.auth.user_exists", "USER_EXISTS"),
            Self::UserNotConfirmed => (403, "error.auth.user_not_confirmed", "USER_NOT_CONFIRMED"),
            Self::PasswordResetRequired => {
                (403, "error.auth.password_reset_required", "PASSWORD_RESET_REQUIRED")
            }
            Self::ExternalUser => (403, "error.auth.external_user", "EXTERNAL_USER"),
            Self::PartnerForbidden => (403, "error.partner.forbidden", "PARTNER_FORBIDDEN"),
            Self::PermissionDenied => (403, "error.permission.denied", "PERMISSION_DENIED"),
            Self::SuspendedByOperator => {
                (403, "error.user.suspended_by_operator", "SUSPENDED_BY_OPERATOR")
            }
            Self::Validation => (400, "error.validation", "VALIDATION_ERROR"),
            Self::TooLarge => (413, "error.request_too_large", "REQUEST_TOO_LARGE"),
            Self::NotFound => (404, "error.not_found", "NOT_FOUND"),
            Self::Conflict => (409, "error.conflict", "CONFLICT"),
            Self::MethodNotAllowed => (405, "error.method_not_allowed", "METHOD_NOT_ALLOWED"),
            Self::Misdirected => (421, "error.misdirected_request", "MISDIRECTED_REQUEST"),
            Self::RateLimited => (429, "error.rate_limited", "RATE_LIMITED"),
            Self::Internal => (500, "error.internal", "INTERNAL"),
            Self::Unavailable => (503, "error.upstream_unavailable", "UPSTREAM_UNAVAILABLE"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}

/// A problem with what is to be said about it.
#[derive(Debug)]
pub(super) struct Failure {
    problem: Problem,
    subcode: Option<&'static str>,
    validation: Vec<FieldError>,
    session: Option<Secret>,
    /// After how many seconds another try may be allowed.
    wait: Option<u64>,
}

/// An invalid part of a request.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct FieldError {
    /// What is wrong: `missing`, `duplicate`, `invalid_type`, `too_short`, `too_long`,
    /// `invalid_value`, `invalid_json` or `not_available`.
    code: &'static str,
    /// The name of the member or header, or `body`.
    field: String,
}

impl FieldError {
    pub(super) fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { code, field: field.into() }
    }
}

/// What every failure looks like.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Failure")]
pub(super) struct Envelope<'a> {
    /// A key for the client's own translations.
    message: &'static str,
    /// The failure's name in capitals, for programs.
    error_code: &'static str,
    /// The kind of failure, where `error_code` covers several.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_subcode: Option<&'static str>,
    /// Everything that is wrong with the request.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    validation_errors: &'a [FieldError],
    /// After a wrong code: the session for another try.
    #[serde(rename = "Session", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SealedText>")]
    session: Option<&'a Secret>,
}

impl Failure {
    /// These things in the request are wrong.
    pub(super) fn validation(validation: Vec<FieldError>) -> Self {
        Self { validation, ..Problem::Validation.into() }
    }

    /// A single thing in the request is wrong.
    pub(super) fn invalid(field: impl Into<String>, code: &'static str) -> Self {
        Self::validation(vec![FieldError::new(field, code)])
    }

    /// After a wrong code the user may try again in the same session: hand it back.
    #[must_use]
    pub(super) fn retry_in(self, session: Secret) -> Self {
        let again = matches!(self.problem, Problem::MfaTokenInvalid | Problem::MfaTokenExpired);
        Self { session: again.then_some(session), ..self }
    }

    /// Too often; another try may be allowed after so many seconds.
    pub(super) fn rate_limited(wait: u64) -> Self {
        Self { wait: Some(wait), ..Problem::RateLimited.into() }
    }

    /// There is no room; another try is worth it after so many seconds.
    pub(super) fn unavailable_for(wait: u64) -> Self {
        Self { wait: Some(wait), ..Problem::Unavailable.into() }
    }

    /// A problem whose kind is told more exactly.
    pub(super) fn with_subcode(problem: Problem, subcode: &'static str) -> Self {
        Self { subcode: Some(subcode), ..problem.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
        let (status, message, error_code) = self.problem.row();
        let envelope = Envelope {
            message,
            error_code,
            error_subcode: self.subcode,
            validation_errors: &self.validation,
            session: self.session.as_ref(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &envelope);
        response.extensions_mut().insert(Exception(error_code));
        match self.problem {
            Problem::TokenMissing | Problem::TokenInvalid | Problem::TokenExpired => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
            }
            Problem::RateLimited => {
                let soon = HeaderValue::from(self.wait.unwrap_or(1));
                response.headers_mut().insert(header::RETRY_AFTER, soon);
            }
            _ => {
                if let Some(wait) = self.wait {
                    response.headers_mut().insert(header::RETRY_AFTER, wait.into());
                }
            }
        }
        response
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, subcode: None, validation: Vec::new(), session: None, wait: None }
    }
}

impl From<BearerFlaw> for Failure {
    fn from(flaw: BearerFlaw) -> Self {
        match flaw {
            BearerFlaw::Missing => Problem::TokenMissing.into(),
            BearerFlaw::Unusable => Problem::TokenInvalid.into(),
        }
    }
}
