//! What signs a user in: each flow, the challenges between, refreshing, and what an access token is
//! checked against.

pub(in crate::local) mod authenticate;
pub(in crate::local) mod completion;
pub(in crate::local) mod decoy;
pub(in crate::local) mod device_sign_in;
pub(in crate::local) mod face_rules;
pub(in crate::local) mod password_sign_in;
pub(in crate::local) mod refresh;
pub(in crate::local) mod respond;
pub(in crate::local) mod sign_up_session;
pub(in crate::local) mod srp_sign_in;
pub(in crate::local) mod trusted_devices;
pub(in crate::local) mod user_auth;
