//! How often a user may do what costs somebody something: have messages sent, try codes.
//!
//! Cognito's limits, each within an hour of the first time. Names that lead to nobody have quotas
//! like users, so that a limit does not tell the two apart; and so does each name of a user, so that
//! a limit does not tell which names lead to the same one.
//!
//! Messages have quotas of their own besides ([`MessageLimits`]): by recipient, by pool and by
//! country, whoever causes them.

use crate::ids::PoolId;
use crate::time::Timestamp;
use std::time::Duration;

pub use crate::notice::Aspect;

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
    /// Messages to one address or number.
    Recipient,
    /// Messages of a pool that share channel and purpose.
    Pool,
    /// Text messages to the numbers of one country.
    Country,
    /// Being told that this of the account has changed.
    Notice(Aspect),
}

impl Quota {
    /// How often within [`WINDOW`], unless the operator says otherwise.
    pub const fn limit(self) -> i64 {
        match self {
            Self::Pool => 5000,
            Self::Country => 500,
            Self::ResendCode
            | Self::ForgotPassword
            | Self::RequestVerification
            | Self::ChangePassword => 5,
            Self::ConfirmSignUp | Self::ConfirmForgotPassword | Self::VerifyAttribute => 15,
            Self::SignInCode | Self::Recipient => 20,
            Self::Notice(_) => 3,
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
            Self::Recipient => "recipient",
            Self::Pool => "pool",
            Self::Country => "country",
            Self::Notice(aspect) => aspect.as_str(),
        }
    }
}

/// One use of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The pool.
    pub pool: PoolId,
    /// A user's `sub`, or the pseudonym of a name.
    pub subject: String,
    /// What is used.
    pub quota: Quota,
    /// How often it may be used within [`WINDOW`].
    pub limit: i64,
    /// When.
    pub at: Timestamp,
}

/// How many messages may be sent within [`WINDOW`]. Those beyond are given up, and whoever caused
/// them gets the same answer as ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// To one address or number.
    pub per_recipient: i64,
    /// Of one pool, for each channel and purpose: a flood of sign-ups leaves sign-in codes alone.
    pub per_pool: i64,
    /// Text messages to the numbers of one country, by calling code.
    pub sms_per_country: i64,
    /// What numbers must begin with to get text messages, digits without `+`; empty: any number.
    pub sms_prefixes: Vec<String>,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self {
            per_recipient: Quota::Recipient.limit(),
            per_pool: Quota::Pool.limit(),
            sms_per_country: Quota::Country.limit(),
            sms_prefixes: Vec::new(),
        }
    }
}

impl MessageLimits {
    /// Whether text messages may go to a number at all.
    pub fn allows(&self, number: &str) -> bool {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let allowed = |prefix: &String| digits.starts_with(prefix.as_str());
        self.sms_prefixes.is_empty() || self.sms_prefixes.iter().any(allowed)
    }
}

/// The country calling code of a number in E.164 form (`+` and digits).
pub fn calling_code(number: &str) -> &str {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_belong_to_countries() {
        let numbers = [
            "+14325551212",
            "+79161234567",
            "+4930123456",
            "+35312345678",
            "+8613800138000",
            "+1",
            "",
        ];
        assert_eq!(numbers.map(calling_code), ["1", "7", "49", "353", "86", "1", ""]);
    }

    #[test]
    fn text_messages_go_to_allowed_prefixes() {
        let limits = |prefixes: &[&str]| MessageLimits {
            sms_prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
            ..MessageLimits::default()
        };
        assert!(limits(&[]).allows("+4930123456"));
        assert!(limits(&["1", "49"]).allows("+4930123456"));
        assert!(!limits(&["1", "49"]).allows("+8825551212"));
    }
}
