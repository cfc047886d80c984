//! What the operator keeps: signing keys, access keys, messages on their way, lockouts, partners,
//! tenants and their machine credentials, and what remains to be done at Amazon.

pub(in crate::local) mod access_keys;
pub(in crate::local) mod credentials;
pub(in crate::local) mod delivery;
pub(in crate::local) mod follow_ups;
pub(in crate::local) mod foreign_tenants;
pub(in crate::local) mod key_admin;
pub(in crate::local) mod keys;
pub(in crate::local) mod lockouts;
pub(in crate::local) mod message_budget;
pub(in crate::local) mod outbox;
pub(in crate::local) mod partners;
pub(in crate::local) mod shared_limiter;
pub(in crate::local) mod tenants;
