//! The endpoints of signing in and of what users do for themselves.

pub(super) mod forgot_password;
pub(super) mod mfa_settings;
pub(super) mod mfa_token;
pub(super) mod new_password;
pub(super) mod refresh_token;
pub(super) mod sign_in;
pub(super) mod totp;
