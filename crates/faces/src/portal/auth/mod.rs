//! The endpoints of signing in and of what users do for themselves.

pub(super) mod change_password;
pub(super) mod complete_mfa;
pub(super) mod complete_password_change;
pub(super) mod forgot_password;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod me;
pub(super) mod refresh_token;
pub(super) mod register;
pub(super) mod reset_password;
pub(super) mod verify;
