//! What administrators do with users and groups.
//!
//! Documented at `/api/admin`; the web application that came first calls `/admin`.

mod failure;
mod gate;
mod groups;
mod path;
mod record;
mod users;

use super::PortalMount;
use crate::kit::{Endpoints, Operation};
use groups::{add_to_group, create_group, delete_group, list_groups, remove_from_group};
use std::sync::Arc;
use users::{
    create_user, delete_user, disable_user, enable_user, get_user, list_users, reset_password,
    update_user,
};

const USERS: &str = "/api/admin/users";
const USER: &str = "/api/admin/users/{username}";
const ENABLE: &str = "/api/admin/users/{username}/enable";
const DISABLE: &str = "/api/admin/users/{username}/disable";
const RESET: &str = "/api/admin/users/{username}/reset-password";
const GROUPS: &str = "/api/admin/groups";
const GROUP: &str = "/api/admin/groups/{group_name}";
const MEMBERSHIP: &str = "/api/admin/users/{username}/groups/{group_name}";

/// Adds its endpoints.
pub(super) fn endpoints(others: Endpoints<Arc<PortalMount>>) -> Endpoints<Arc<PortalMount>> {
    others
        .get(USERS, list_users::handle, list_users::describe)
        .post(USERS, create_user::handle, create_user::describe)
        .get(USER, get_user::handle, get_user::describe)
        .put(USER, update_user::handle, update_user::describe)
        .delete(USER, delete_user::handle, delete_user::describe)
        .post(ENABLE, enable_user::handle, enable_user::describe)
        .post(DISABLE, disable_user::handle, disable_user::describe)
        .post(RESET, reset_password::handle, reset_password::describe)
        .post(MEMBERSHIP, add_to_group::handle, add_to_group::describe)
        .delete(MEMBERSHIP, remove_from_group::handle, remove_from_group::describe)
        .get(GROUPS, list_groups::handle, list_groups::describe)
        .post(GROUPS, create_group::handle, create_group::describe)
        .delete(GROUP, delete_group::handle, delete_group::describe)
}

/// An administrator's operation, as documents have it.
fn operation(tag: &'static str, summary: &'static str) -> Operation {
    Operation::new(tag, summary).bearer()
}

/// The documented spelling of a path.
pub(super) fn documented(path: String) -> String {
    let below = path.strip_prefix("/admin");
    match below.filter(|below| below.is_empty() || below.starts_with('/')) {
        Some(below) => format!("/api/admin{below}"),
        None => path,
    }
}
