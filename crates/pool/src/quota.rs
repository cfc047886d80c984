//! How often a user may do what costs somebody something: have messages sent, try codes.
//!
//! Cognito's limits, each within an hour of the first time. Names that lead to nobody have quotas
//! like users, so that a limit does not tell the two apart.

use crate::ids::PoolId;
use crate::time::Timestamp;
use std::time::Duration;

/// How long uses count, from the first of them on.
pub const WINDOW: Duration = Duration::from_hours(1);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// Asking for a sign-up's code again.
    ResendCode,
    /// Answering a sign-up's code.
    ConfirmSignUp,
    /// Asking for a code in place of a forgotten password.
    ForgotPassword,
    /// Answering it.
    ConfirmForgotPassword,
    /// Asking for a code that proves an address.
    RequestVerification,
    /// Answering it.
    VerifyAttribute,
    /// Changing the password by the old one.
    ChangePassword,
    /// Signing in by a code alone: having one sent.
    SignInCode,
}

impl Quota {
    /// How often within [`WINDOW`].
    pub const fn limit(self) -> i64 {
        match self {
            Self::ResendCode
            | Self::ForgotPassword
            | Self::RequestVerification
            | Self::ChangePassword => 5,
            Self::ConfirmSignUp | Self::ConfirmForgotPassword | Self::VerifyAttribute => 15,
            Self::SignInCode => 20,
        }
    }

    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResendCode => "resend_code",
            Self::ConfirmSignUp => "confirm_sign_up",
            Self::ForgotPassword => "forgot_password",
            Self::ConfirmForgotPassword => "confirm_forgot_password",
            Self::RequestVerification => "request_verification",
            Self::VerifyAttribute => "verify_attribute",
            Self::ChangePassword => "change_password",
            Self::SignInCode => "sign_in_code",
        }
    }
}

/// One use of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The pool.
    pub pool: PoolId,
    /// A user's `sub`, or the pseudonym of a name that leads to nobody.
    pub subject: String,
    /// What is used.
    pub quota: Quota,
    /// When.
    pub at: Timestamp,
}
