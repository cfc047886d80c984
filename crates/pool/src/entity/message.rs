use crate::crypto::seal::Sealed;
use crate::ids::{MessageId, PoolId, Sub};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// A text message.
    Sms,
}

impl Channel {
    /// Its name, as JSON shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessagePurpose {
    /// A temporary password for a new user.
    Invitation,
    /// A code that finishes a sign-in.
    SignInCode,
    /// A code that confirms a sign-up.
    ConfirmSignUp,
    /// A code that sets a new password in place of a forgotten one.
    ResetPassword,
    /// A code that proves an address.
    VerifyAttribute,
    /// Nothing but the news that wrong attempts have locked the account.
    LockedOut,
    /// Word to the user that a password, an address, a factor or a device has changed.
    AccountChanged,
}

impl MessagePurpose {
    /// Its name, as JSON shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::SignInCode => "sign_in_code",
            Self::ConfirmSignUp => "confirm_sign_up",
            Self::ResetPassword => "reset_password",
            Self::VerifyAttribute => "verify_attribute",
            Self::LockedOut => "locked_out",
            Self::AccountChanged => "account_changed",
        }
    }
}

/// A message in the outbox: written in the transaction that decided on it, sent afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The pool on whose behalf it is sent.
    pub pool: PoolId,
    /// Its id, also the idempotency key towards a provider.
    pub id: MessageId,
    /// The user it concerns.
    pub sub: Sub,
    /// How it travels.
    pub channel: Channel,
    /// Why it is sent.
    pub purpose: MessagePurpose,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// When what it says has lost its meaning, e.g. because the code in it has expired.
    pub expires_at: Timestamp,
    /// Address, code, subject and body: sealed, since the code is a secret.
    pub content: Sealed,
    /// How far it has come.
    pub progress: DeliveryProgress,
}

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryProgress {
    /// How often somebody has begun to send it.
    pub attempts: u32,
    /// When to try next. While it is being sent, when whoever sends it counts as lost.
    pub next_attempt_at: Timestamp,
    /// From when on there is no further attempt.
    pub give_up_at: Timestamp,
    /// Why the last attempt failed: a short reason without address, code or text.
    pub last_error: Option<String>,
    /// When it was given up, if it was.
    pub given_up_at: Option<Timestamp>,
    /// When it was delivered, where delivered messages are kept.
    pub delivered_at: Option<Timestamp>,
}

impl DeliveryProgress {
    /// Attempts end this long after a message was written, even if it would mean something for
    /// longer.
    const PATIENCE: Duration = Duration::from_hours(24);

    /// Of a message that is due from `now` on and means something until `expires_at`.
    pub fn begin(now: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            attempts: 0,
            next_attempt_at: now,
            give_up_at: expires_at.min(now.after(Self::PATIENCE)),
            last_error: None,
            given_up_at: None,
            delivered_at: None,
        }
    }
}
