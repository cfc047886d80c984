//! Secrets: how they are held, sealed, derived and proved.

pub mod credentials;
pub mod master_keys;
pub mod resealing;
pub mod seal;
pub mod secret;
pub mod secret_hash;
pub mod srp;
pub mod totp;
