//! What the engine refuses, as one of this API's problems.

use super::problem::{Failure, Problem};
use crate::kit::{report_fault, report_misconfiguration};
use axum::http::StatusCode;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::limits::quota;
use poolkeeper_pool::password::PolicyBreach;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::from(refusal),
            Error::Fault(fault) if report_fault(&fault) == StatusCode::SERVICE_UNAVAILABLE => {
                Problem::Unavailable.into()
            }
            Error::Fault(_) => Problem::Internal.into(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            // That somebody is locked out is told to nobody who has not proved the password.
            Refusal::BadCredentials | Refusal::LockedOut { .. } | Refusal::UserNotFound => {
                Problem::InvalidCredentials.into()
            }
            Refusal::TemporaryPasswordExpired => {
                Self::with_subcode(Problem::InvalidCredentials, "TEMPORARY_PASSWORD_EXPIRED")
            }
            Refusal::UserDisabled | Refusal::Barred => Problem::AccountDisabled.into(),
            Refusal::External => Problem::ExternalUser.into(),
            Refusal::PartnerForbidden => Problem::PartnerForbidden.into(),
            Refusal::PartnerSuspended => Self::with_subcode(Problem::PartnerForbidden, "SUSPENDED"),
            Refusal::PermissionDenied
            | Refusal::LastAdministrator
            | Refusal::AccessTokenLacksScope
            | Refusal::SignUpNotPermitted => Problem::PermissionDenied.into(),
            Refusal::TriggerRefused => {
                Self::with_subcode(Problem::PermissionDenied, "TRIGGER_REFUSED")
            }
            Refusal::SuspendedByOperator => Problem::SuspendedByOperator.into(),
            Refusal::FreshSignInRequired => Problem::FreshSignInRequired.into(),
            Refusal::MfaMandatory => Problem::MfaRequired.into(),
            Refusal::UserNotConfirmed => Problem::UserNotConfirmed.into(),
            Refusal::PasswordResetRequired => Problem::PasswordResetRequired.into(),
            Refusal::ChallengeSessionInvalid
            | Refusal::ChallengeSessionExpired
            | Refusal::ChallengeSessionSpent => Problem::SessionInvalid.into(),
            Refusal::CodeMismatch | Refusal::TotpSetupMismatch => Problem::MfaTokenInvalid.into(),
            Refusal::VerificationCodeWrong => Problem::ConfCodeInvalid.into(),
            Refusal::VerificationCodeExpired => Problem::ConfCodeExpired.into(),
            Refusal::CodeSpent => Problem::MfaTokenExpired.into(),
            Refusal::AccessTokenInvalid | Refusal::AccessTokenRevoked => {
                Problem::TokenInvalid.into()
            }
            Refusal::AccessTokenExpired => Problem::TokenExpired.into(),
            Refusal::RefreshTokenInvalid
            | Refusal::RefreshTokenExpired
            | Refusal::RefreshTokenRevoked
            | Refusal::RefreshTokenReused => Problem::RefreshTokenInvalid.into(),
            Refusal::PasswordPolicy(breach) => {
                Self::with_subcode(Problem::PasswordPolicy, policy_subcode(breach))
            }
            Refusal::AttributeMissing(name) => Self::invalid(name, "missing"),
            Refusal::AttributeNotWritable | Refusal::Invalid(_) => Problem::Validation.into(),
            Refusal::GroupNotFound(_)
            | Refusal::PartnerNotFound
            | Refusal::ClientSecretNotFound(_)
            | Refusal::SignInSessionNotFound
            | Refusal::DeviceNotFound => Problem::NotFound.into(),
            Refusal::UsernameExists | Refusal::AliasExists(_) => Problem::UserExists.into(),
            Refusal::PasswordReused => Self::with_subcode(Problem::PasswordPolicy, "REUSED"),
            Refusal::GroupExists
            | Refusal::DeviceExists
            | Refusal::WrongUserState
            | Refusal::CannotConfirm(_)
            | Refusal::CannotResetPassword
            | Refusal::TotpNotAssociated
            | Refusal::TooMany(_) => Problem::Conflict.into(),
            Refusal::Busy => Problem::RateLimited.into(),
            Refusal::LimitExceeded => Self::rate_limited(quota::WINDOW.as_secs()),
            Refusal::TotpNotEnabled => Self::with_subcode(Problem::Conflict, "MFA_NOT_OFFERED"),
            misfit @ (Refusal::FlowNotEnabled(_)
            | Refusal::SecretHashMissing(_)
            | Refusal::SecretHashWrong(_)
            | Refusal::ClientSecretWrong
            | Refusal::TokenNotRevocable
            | Refusal::RevocationNotEnabled
            | Refusal::SignInSessionsNotTracked
            | Refusal::PoolNotFound(_)
            | Refusal::ClientNotFound(_)) => {
                report_misconfiguration(&misfit);
                Problem::Internal.into()
            }
        }
    }
}

const fn policy_subcode(breach: PolicyBreach) -> &'static str {
    match breach {
        PolicyBreach::TooShort => "TOO_SHORT",
        PolicyBreach::TooLong => "TOO_LONG",
        PolicyBreach::OuterSpace => "OUTER_SPACE",
        PolicyBreach::NoLowercase => "NO_LOWERCASE",
        PolicyBreach::NoUppercase => "NO_UPPERCASE",
        PolicyBreach::NoNumber => "NO_NUMBER",
        PolicyBreach::NoSymbol => "NO_SYMBOL",
        PolicyBreach::Other => "NOT_ALLOWED",
    }
}
