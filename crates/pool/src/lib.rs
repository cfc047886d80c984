//! The engine of Poolkeeper: every rule about user pools, users and sign-in.
//!
//! It does no I/O and owns no clock, no random source and no async runtime. What it needs of the
//! world comes in through [`ports`]; what it wants changed goes out as a list of [`Change`]s that a
//! store commits in one transaction. HTTP dialects ("faces") call the verbs of [`UserPool`] or of
//! [`Local`] and render what comes back.
//!
//! [`Change`]: change::Change
//! [`UserPool`]: user_pool::UserPool
//! [`Local`]: local::Local

pub mod administration;
pub mod administrators;
pub mod attributes;
pub mod change;
pub mod credentials;
pub mod entity;
pub mod entry_policy;
pub mod error;
pub mod event;
pub mod ids;
pub mod local;
pub mod lockout;
pub mod master_keys;
pub mod message;
pub mod name;
mod notice;
pub mod partners;
pub mod password;
pub mod ports;
pub mod quota;
pub mod rate_limit;
pub mod request;
pub mod resealing;
pub mod seal;
pub mod secret;
pub mod secret_hash;
pub mod self_service;
pub mod sign_in;
pub mod srp;
pub mod system;
pub mod tenancy;
pub mod time;
pub mod token;
pub mod totp;
mod user_changes;
pub mod user_pool;

pub use error::{Error, Fault, Refusal, Result};
