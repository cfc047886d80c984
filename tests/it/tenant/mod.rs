//! The tenant API.

mod login;
