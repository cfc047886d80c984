use crate::ids::{MessageId, PoolId, Sub};
use crate::seal::Sealed;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// A text message.
    Sms,
}

/// Why a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
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
    pub purpose: Purpose,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// Address, code, subject and body: sealed, since the code is a secret.
    pub content: Sealed,
}
