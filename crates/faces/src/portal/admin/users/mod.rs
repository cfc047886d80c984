//! The endpoints about users.

pub(super) mod create_user;
pub(super) mod delete_user;
pub(super) mod disable_user;
pub(super) mod enable_user;
pub(super) mod get_user;
pub(super) mod list_users;
pub(super) mod reset_password;
pub(super) mod update_user;
