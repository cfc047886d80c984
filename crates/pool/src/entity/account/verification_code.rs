use crate::entity::Contact;
use crate::ids::PoolId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a code is good for. One for something else is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// Confirming a sign-up.
    ConfirmSignUp,
    /// Telling whoever confirms a sign-up again by the same code that it is confirmed, and nobody
    /// else.
    SignedUp,
    /// Setting a new password in place of a forgotten one.
    ResetPassword,
    /// Proving an e-mail address.
    VerifyEmail,
    /// Proving a phone number.
    VerifyPhoneNumber,
}

impl CodePurpose {
    /// Proving to own what this attribute says.
    pub const fn verify(contact: Contact) -> Self {
        match contact {
            Contact::Email => Self::VerifyEmail,
            Contact::PhoneNumber => Self::VerifyPhoneNumber,
        }
    }

    /// How long a code is good: Cognito's lives.
    pub const fn life(self) -> Duration {
        match self {
            Self::ConfirmSignUp | Self::SignedUp | Self::VerifyEmail | Self::VerifyPhoneNumber => {
                Duration::from_hours(24)
            }
            Self::ResetPassword => Duration::from_hours(1),
        }
    }

    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmSignUp => "confirm_sign_up",
            Self::SignedUp => "signed_up",
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
            Self::VerifyPhoneNumber => "verify_phone_number",
        }
    }
}

/// A code that was sent and not used yet. A subject has one for each purpose at most: a new one
/// takes the place of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationCode {
    /// The pool.
    pub pool: PoolId,
    /// A user's `sub`, or the pseudonym of a name that leads to nobody.
    pub subject: String,
    /// What it is good for.
    pub purpose: CodePurpose,
    /// A keyed digest of the code, the subject, the purpose, and of what the code shall not outlive.
    pub digest: String,
    /// What kind of address it went to.
    pub contact: Contact,
    /// The address.
    pub address: String,
    /// When it is good for nothing any more.
    pub expires_at: Timestamp,
}
