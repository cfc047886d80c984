//! How messages leave: mail over SMTP, and mail and text messages through an HTTP hook of the
//! operator's.
//!
//! Everything here sends one message once. When, how often, and what becomes of failures is the
//! engine's affair (`poolkeeper_pool::local`).

mod courier;
mod hook;
mod smtp;

#[cfg(test)]
mod tests;

pub use courier::Courier;
pub use hook::{Hook, HookSettings, SIGNATURE_HEADER};
pub use smtp::{Smtp, SmtpSettings, Tls, is_mailbox};

/// Why a sender cannot be set up as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(String);

use std::time::Duration;

/// Time for one message, from looking up the server's name to its last word: far below the lease
/// that the engine gives.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What lies at the bottom of an error, in its own words. For errors about connections and
/// certificates only: others may quote what was sent.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
