//! `POST /api/admin/users/{username}/groups/{group_name}`: put a user into a group.

use crate::kit::{Context, Operation};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, group_name, username};
use crate::portal::done::{Done, done};
use crate::portal::failure::{Failure, RESOURCE_NOT_FOUND, USER_NOT_FOUND};
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::response::Response;
use poolkeeper_pool::ids::GroupName;
use std::sync::Arc;

const FAILED: &str = "Failed to add user to group";

pub(in crate::portal) fn describe() -> Operation {
    operation(api::GROUPS, "Add a user to a group")
        .about("A second call changes nothing.")
        .takes(username())
        .takes(group_name())
        .answers::<Done<'_>>("The user is in the group.")
        .fails(failures(FAILED, &[USER_NOT_FOUND, RESOURCE_NOT_FOUND]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names((username, group)): Names<(String, GroupName)>,
) -> Result<Response, Failure> {
    let result =
        mount.administration.add_to_group(&context, &mount.pool_id, &username, &group).await;
    result.map_err(|error| failure(FAILED, error))?;
    Ok(done(&format!("User added to group {group}")))
}
