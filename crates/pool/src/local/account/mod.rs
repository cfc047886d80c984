//! What users do about their own accounts: signing up, proving addresses, resetting and changing
//! passwords, second factors, devices and sign-ins.

pub(in crate::local) mod codes;
pub(in crate::local) mod devices;
pub(in crate::local) mod fresh_proof;
pub(in crate::local) mod invented;
pub(in crate::local) mod mfa_preference;
pub(in crate::local) mod named;
pub(in crate::local) mod own_attributes;
pub(in crate::local) mod passwords;
pub(in crate::local) mod quotas;
pub(in crate::local) mod recovery;
pub(in crate::local) mod self_service;
pub(in crate::local) mod sessions;
pub(in crate::local) mod sign_up;
pub(in crate::local) mod software_token;
