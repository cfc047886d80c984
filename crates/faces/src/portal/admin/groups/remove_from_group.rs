//! `DELETE /api/admin/users/{username}/groups/{group_name}`: take a user out of a group.

use crate::kit::{Context, Operation};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, group_name, username};
use crate::portal::done::{Done, done};
use crate::portal::failure::{Failure, LAST_ADMINISTRATOR, RESOURCE_NOT_FOUND, USER_NOT_FOUND};
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::response::Response;
use poolkeeper_pool::ids::GroupName;
use std::sync::Arc;

const FAILED: &str = "Failed to remove user from group";

pub(in crate::portal) fn describe() -> Operation {
    operation(api::GROUPS, "Remove a user from a group")
        .about(
            "A second call changes nothing. The last administrator cannot be removed from the \
             group of the administrators.",
        )
        .takes(username())
        .takes(group_name())
        .answers::<Done<'_>>("The user is no longer in the group.")
        .fails(failures(FAILED, &[USER_NOT_FOUND, RESOURCE_NOT_FOUND, LAST_ADMINISTRATOR]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names((username, group)): Names<(String, GroupName)>,
) -> Result<Response, Failure> {
    let result =
        mount.administration.remove_from_group(&context, &mount.pool_id, &username, &group).await;
    result.map_err(|error| failure(FAILED, error))?;
    Ok(done(&format!("User removed from group {group}")))
}
