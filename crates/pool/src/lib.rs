//! The engine of Poolkeeper: every rule about user pools, users and sign-in.
//!
//! It does no I/O and owns no clock, no random source and no async runtime. What it needs of the
//! world comes in through [`ports`]; what it wants changed goes out as a list of [`Change`]s that a
//! store commits in one transaction. HTTP dialects ("faces") call the verbs of [`UserPool`] or of
//! [`Local`] and render what comes back.
//!
//! [`Change`]: change::Change
//! [`UserPool`]: backend::user_pool::UserPool
//! [`Local`]: local::Local

pub mod attributes;
pub mod backend;
pub mod change;
pub mod crypto;
pub mod entity;
pub mod error;
pub mod event;
pub mod ids;
pub mod limits;
pub mod local;
pub mod message;
pub mod name;
mod notice;
pub mod password;
pub mod ports;
pub mod request;
pub mod sign_in;
pub mod system;
pub mod time;
pub mod token;
mod user_changes;

pub use error::{Error, Fault, Refusal, Result};
