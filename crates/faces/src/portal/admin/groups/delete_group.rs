//! `DELETE /api/admin/groups/{group_name}`: remove a group. Its users stay.

use crate::kit::{Context, Operation};
use crate::portal::admin::failure::{failure, failures};
use crate::portal::admin::gate::Administrator;
use crate::portal::admin::operation;
use crate::portal::admin::path::{Names, group_name};
use crate::portal::done::{Done, done};
use crate::portal::failure::{Failure, INVALID_PARAMETER, RESOURCE_NOT_FOUND};
use crate::portal::{PortalMount, api};
use axum::extract::State;
use axum::response::Response;
use poolkeeper_pool::ids::GroupName;
use std::sync::Arc;

const FAILED: &str = "Failed to delete group";

pub(in crate::portal) fn describe() -> Operation {
    operation(api::GROUPS, "Delete a group")
        .about("The group of the administrators cannot be deleted.")
        .takes(group_name())
        .answers::<Done<'_>>("The group was deleted. Its users remain.")
        .fails(failures(FAILED, &[RESOURCE_NOT_FOUND, INVALID_PARAMETER]))
}

pub(in crate::portal) async fn handle(
    State(mount): State<Arc<PortalMount>>,
    Context(context): Context,
    _: Administrator,
    Names(group): Names<GroupName>,
) -> Result<Response, Failure> {
    let result = mount.administration.delete_group(&context, &mount.pool_id, &group).await;
    result.map_err(|error| failure(FAILED, error))?;
    Ok(done("Group deleted successfully"))
}
