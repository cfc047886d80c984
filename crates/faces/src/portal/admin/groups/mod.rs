//! The endpoints about groups and their members.

pub(super) mod add_to_group;
pub(super) mod create_group;
pub(super) mod delete_group;
pub(super) mod list_groups;
pub(super) mod remove_from_group;
