//! The endpoints at which administrators of a partner manage its users.

pub(super) mod change_user;
pub(super) mod confirm_user;
pub(super) mod create_user;
pub(super) mod list_users;
