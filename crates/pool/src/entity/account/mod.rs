//! Users, and what belongs to one of them.

pub(super) mod alias_key;
pub(super) mod attributes;
pub(super) mod contact;
pub(super) mod device;
pub(super) mod identity;
pub(super) mod proof;
pub(super) mod provenance;
pub(super) mod session;
pub(super) mod sign_in_name;
pub(super) mod spent;
pub(super) mod trusted_device;
pub(super) mod user;
pub(super) mod verification_code;
